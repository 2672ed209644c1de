"""The takedown list as a file."""

from pathlib import Path

import pytest

from kinetics_builder.errors import FormatError
from kinetics_builder.text.takedowns import ADDRESS, UPLOADER, VIDEO, Entry, read_takedowns


def read(tmp_path: Path, text: str) -> list[Entry]:
    path = tmp_path / "takedown.txt"
    path.write_text(text, encoding="utf-8")
    return read_takedowns(path)


def test_ids_addresses_and_uploaders_are_told_apart(tmp_path: Path) -> None:
    text = (
        "# asked in November\n\n"
        "-dQw4w9WgXc | 2026-11-03 | asked by a person | shown\n"
        "https://films.org/1.mp4|2026-11-04|copyright\n"
        "Uploader: Some Channel | 2026-11-05 | asked\n"
        "uploader:some  CHANNEL | 2026-12-05 | asked again\n"
    )
    assert read(tmp_path, text) == [
        Entry(VIDEO, "-dQw4w9WgXc", "2026-11-03", "asked by a person | shown"),
        Entry(ADDRESS, "https://films.org/1.mp4", "2026-11-04", "copyright"),
        Entry(UPLOADER, "Some Channel", "2026-11-05", "asked"),
    ]


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "takedown.txt holds no entry. Write WHAT | DATE | REASON"),
        ("# nothing\n", "takedown.txt holds no entry"),
        ("abc\n", ":1: 'abc' is no entry"),
        ("https:// | 2026-11-03 | x\n", ":1: 'https://' is no id, address or uploader"),
        ("# x\nabc | 2026-11-03\n", ":2: 'abc | 2026-11-03' is no entry"),
        ("abc | 2026-11-03 | \n", ":1: .* is no entry"),
        ("abc | 3.11.2026 | asked\n", ":1: '3.11.2026' is no date"),
        ("abc | 2026-02-30 | asked\n", ":1: '2026-02-30' is no date"),
        ("a b c | 2026-11-03 | asked\n", ":1: 'a b c' is no id, address or uploader"),
        ("../media | 2026-11-03 | asked\n", ":1: '../media' is no id"),
        ("ftp://a.org/x | 2026-11-03 | asked\n", ":1: 'ftp://a.org/x' is no id"),
        ("uploader: | 2026-11-03 | asked\n", ":1: 'uploader:' is no id"),
        ("abc | 2026-11-03 | as\0ked\n", ":1: the line holds "),
    ],
)
def test_a_line_that_is_no_entry_is_told(tmp_path: Path, text: str, flaw: str) -> None:
    with pytest.raises(FormatError, match=flaw.replace("|", r"\|")) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_a_list_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.txt: No such file"):
        read_takedowns(tmp_path / "none.txt")
