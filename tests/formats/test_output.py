"""Files that are there whole or not at all; rows brought together; JSON of any size."""

import errno
import json
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError, WorkspaceError
from kinetics_builder.formats.grouping import grouped
from kinetics_builder.formats.json_files import entries, items, json_text, top_level
from kinetics_builder.formats.output import csv_line, writing_folder, writing_text


class Stop(Exception):
    pass


def test_a_file_that_is_not_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(Stop), writing_text(path) as file:
        file.write("new")
        raise Stop
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_named_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No space left.*a\.txt"), writing_text(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_equal_text_gives_equal_bytes_also_compressed(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        with writing_text(tmp_path / name) as file:
            file.write("é\n")
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_a_folder_with_something_in_it_is_not_overwritten(tmp_path: Path) -> None:
    with writing_folder(tmp_path / "out") as folder:
        (folder / "one").write_text("1")
    with pytest.raises(FormatError, match="exists already"), writing_folder(tmp_path / "out"):
        raise AssertionError
    with pytest.raises(Stop), writing_folder(tmp_path / "other"):
        raise Stop
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "one").read_text() == "1"


@pytest.mark.parametrize("name", ["folder", "file/out", "file/out/deeper"])
@pytest.mark.parametrize("writing", [writing_text, writing_folder])
def test_a_name_that_can_be_no_file_or_folder_is_one_line(
    tmp_path: Path, name: str, writing: Callable[[Path], AbstractContextManager[object]]
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "there").write_text("")
    refused = pytest.raises((WorkspaceError, FormatError), match="Choose another name")
    with refused, writing(tmp_path / name):
        raise AssertionError


def test_a_line_break_in_a_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="line break"):
        csv_line(["a\nb"])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers())), st.integers(1, 8))
def test_groups_are_sorted_and_keep_their_order(rows: list[tuple[int, int]], chunk: int) -> None:
    found = list(grouped(rows, key=lambda row: row[0], chunk=chunk))
    assert [key for key, _ in found] == sorted({key for key, _ in rows})
    for key, group in found:
        assert group == [row for row in rows if row[0] == key]


def test_the_order_of_rows_of_other_groups_does_not_matter() -> None:
    rows = [(number % 7, 0) for number in range(50)]
    shuffled = random.Random(0).sample(rows, len(rows))
    assert list(grouped(rows, lambda row: row[0], 6)) == list(
        grouped(shuffled, lambda row: row[0], 6)
    )


def test_json_is_read_item_by_item(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"version": "1", "database": {"x": 1.5, "y": [2], "x": 3}, "rest": [4, 5]}')
    assert list(entries(path, "database")) == [("x", 1.5), ("y", [2]), ("x", 3)]
    assert list(items(path, "rest.item")) == [4, 5]
    assert top_level(path, "version", "taxonomy") == {"version": "1"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": {"x": 1},\n "b": ', r"a\.json:2: expected JSON"),
        ('{"a": {"x":\n NaN}}', r"a\.json:2: NaN is no number"),
        ('{"a": {"x":\n -Infinity}}', r"a\.json:2: -Infinity is no number"),
        ("label,id\n", r"a\.json:1: expected JSON"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_json_is_named_by_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(FormatError, match=message):
        list(entries(path, "a"))


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists, max_leaves=5))
def test_json_text_is_one_line_of_json(value: object) -> None:
    text = json_text(value)
    assert "\n" not in text
    assert json.loads(text) == value


def test_nan_is_not_written_as_json() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        json_text(float("nan"))
