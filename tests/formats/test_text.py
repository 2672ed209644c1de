"""Text as it comes from the wild: no oddity of the encoding hurts, no bad row hides a good one."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import cells, parsed, split_cells, table
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.problems import Problem, Problems, Severity
from kinetics_builder.formats.registry import all_formats, find_format
from kinetics_builder.formats.votes import read_answers

PLAIN = "a,1\nb,2\n"
CELLS = [["a", "1"], ["b", "2"]]


def read(path: Path, encoding: str | None = None) -> tuple[list[list[str]], list[Problem]]:
    told: list[Problem] = []
    problems = Problems(path, on_error=told.append)
    return list(cells(path, problems, encoding=encoding)), told


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PLAIN.encode(), id="plain"),
        pytest.param(PLAIN.encode("utf-8-sig"), id="UTF-8 with a byte order mark"),
        pytest.param(PLAIN.encode("utf-16"), id="UTF-16 with a byte order mark"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(PLAIN.replace("\n", "\r").encode(), id="CR alone"),
        pytest.param(b"\n\n  \na,1\n\t\nb,2\n\n", id="blank lines"),
        pytest.param(b"a,1\nb,2", id="no last newline"),
        pytest.param(b'"a","1"\n"b",2\n', id="quotes"),
        pytest.param(gzip.compress(PLAIN.encode()), id="gzip"),
        pytest.param(gzip.compress(PLAIN.encode("utf-8-sig")), id="gzip with a byte order mark"),
    ],
)
def test_every_way_to_write_two_rows_gives_the_two_rows(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    assert read(tmp_path / "rows.csv") == (CELLS, [])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b'"b,2', "quotes that do not fit"),
        (b'"b"x,2', "quotes that do not fit"),
        (b"caf\xe9,2", "not utf-8"),
    ],
)
def test_a_bad_line_costs_itself_alone(tmp_path: Path, bad: bytes, message: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a,1\n\n" + bad + b"\nb,2\n")
    rows, told = read(path)
    assert rows == CELLS
    assert [(problem.severity, problem.line) for problem in told] == [(Severity.ERROR, 3)]
    assert message in told[0].message


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("café,2\n".encode("latin-1"))
    assert read(path, "latin-1") == ([["café", "2"]], [])
    with pytest.raises(FormatError, match="unknown encoding: latin-0"):
        read(path, "latin-0")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="no byte"),
        pytest.param(b"\n \n", id="blank lines"),
        pytest.param(gzip.compress(b""), id="gzip of no byte"),
    ],
)
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    with pytest.raises(FormatError, match=r"rows\.csv: the file is empty"):
        read(tmp_path / "rows.csv")


def test_a_cut_off_gzip_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(gzip.compress(PLAIN.encode() * 100)[:-12])
    with pytest.raises(FormatError, match="broken or cut off"):
        read(tmp_path / "rows.csv")


def test_what_cannot_be_parsed_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("1\nthree\n2\n")
    told: list[Problem] = []
    problems = Problems(path, on_error=told.append)
    assert list(parsed(cells(path, problems), lambda row: int(row[0]), problems)) == [1, 2]
    assert str(told[0]).startswith(f"{path}:2: invalid literal for int() with base 10: 'three'")


def test_without_a_listener_a_bad_row_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("1\nthree\n")
    problems = Problems(path)
    with pytest.raises(FormatError, match=r"rows\.csv:2: invalid literal.*'three'"):
        list(parsed(cells(path, problems), lambda row: int(row[0]), problems))


def test_strictness_makes_a_warning_an_error(tmp_path: Path) -> None:
    told: list[Problem] = []
    Problems(tmp_path, on_warning=told.append).warning("odd")
    assert [problem.severity for problem in told] == [Severity.WARNING]
    with pytest.raises(FormatError, match="odd"):
        Problems(tmp_path, on_warning=told.append, is_strict=True).warning("odd")


def test_a_table_is_read_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("time, label\n1,a\n2\n3,b,c\n4,d\n")
    told: list[Problem] = []
    header, rows = table(path, ["label"], Problems(path, on_error=told.append))
    assert header == ["time", "label"]
    assert list(rows) == [["1", "a"], ["4", "d"]]
    assert [problem.line for problem in told] == [3, 4]
    assert "expected 2 cells, found 1" in told[0].message


@pytest.mark.parametrize(
    ("header", "message"),
    [("time,labels", "label is missing from"), ("label,label", "stands twice")],
)
def test_another_header_is_refused(tmp_path: Path, header: str, message: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"{header}\n1,a\n")
    with pytest.raises(FormatError, match=message):
        table(path, ["label"], Problems(path))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8")), min_size=1))
def test_what_is_written_as_a_line_is_read_back(texts: list[str]) -> None:
    assert split_cells(csv_line(texts).removesuffix("\n")) == texts


def test_an_endless_line_costs_itself_and_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,1\n" + "x" * 5_000_000 + "\nb,2\n" + "y" * 1_500_000)
    found, told = read(path)
    assert found == CELLS
    assert [problem.line for problem in told] == [2, 4]
    assert "a line of 1,048,576 letters or more, which begins 'xxx" in told[0].message


def test_a_message_about_a_long_row_is_short(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "x" * 100_000 + "\n")
    told: list[Problem] = []
    list(table(path, ["a"], Problems(path, on_error=told.append))[1])
    (problem,) = told
    assert len(problem.message) < 2100
    assert problem.message.startswith("expected 2 cells, found 1 cell, in ['xxx")


def test_zero_bytes_are_told_of_with_the_encoding_they_speak_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,1\nb\0,2\n")
    found, (told,) = read(path)
    assert found == CELLS[:1]
    assert told.line == 2 and "utf-16-le" in told.message
    path.write_bytes(PLAIN.encode("utf-16-le"))
    assert read(path)[0] == []
    assert read(path, "utf-16-le") == (CELLS, [])


WITH_COMMAS = [
    one
    for one in all_formats().values()
    if one.name
    in (
        "kinetics", "kbuild-manifest", "kbuild-predictions", "charades", "hacs-clips", "moments",
        "labels-csv", "ava", "ava-detections", "ava-kinetics", "ava-timestamps", "ava-tracks",
    )
]  # fmt: skip


@pytest.mark.parametrize(
    ("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)
@pytest.mark.parametrize("form", WITH_COMMAS, ids=lambda form: form.name)
def test_a_file_saved_with_other_delimiters_is_told_what_to_do(
    tmp_path: Path, form: Format, delimiter: str, name: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'"id"{delimiter}name{delimiter}x\n1{delimiter}"a, b"{delimiter}2\n')
    assert form.read is not None
    with pytest.raises(FormatError, match=rf"a\.csv:1: expected commas between .* by {name}: '"):
        list(form.read(path, Options(), Problems(path)))
    if form.name == "labels-csv":
        with pytest.raises(FormatError, match=rf"parted by {name}: .* Save the file with commas"):
            read_label_map(path)


def test_a_list_with_semicolons_is_told_what_parts_it_instead(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text("12,Pushing [something]\n13,Pulling [something]\n")
    read_v1 = find_format("something-v1").read
    assert read_v1 is not None
    with pytest.raises(FormatError, match=r"expected semicolons .* parted by commas: '12,Push"):
        list(read_v1(path, Options(), Problems(path)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("worker;task;label\nw;t;a\n", r":1: expected commas .* by semicolons: 'worker;task;l"),
        ("w\tt\ta, b\n", r":1: expected worker, task and label, found 2 cells: the line is parted "
         r"by tabs; save the file with commas"),
        ("w,t,a\nw;u;a\n", r":2: .* found 1 cell: the line is parted by semicolons; save"),
        ('"w"|"t"|"a, b"\n', r":1: expected commas between cells, found a line that is parted"),
    ],
)  # fmt: skip
def test_votes_that_no_commas_part_are_told_what_does(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        list(read_answers(path, Problems(path)))


def test_semicolons_within_cells_part_nothing(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("w,t,a;b;c;d\n")
    assert [answer.label for answer in read_answers(path, Problems(path))] == ["a;b;c;d"]


def test_a_header_that_cannot_be_read_is_not_looked_for_below(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"caf\xe9,a\na,b\n")
    told: list[Problem] = []
    with pytest.raises(FormatError, match="expected a header with a that can be read"):
        table(path, ["a"], Problems(path, on_error=told.append))
    assert told[0].line == 1


def test_the_mark_of_a_character_lost_before_is_text_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("caf\ufffd,1\n", "utf-8")
    assert read(path) == ([["caf\ufffd", "1"]], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_bytes_of_no_encoding_are_told_of_in_all_of_them(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN.encode(encoding) + b"\xff")
    found, (told,) = read(path)
    assert found == CELLS
    assert told.line == 3 and f"bytes that are not {encoding}" in told.message
