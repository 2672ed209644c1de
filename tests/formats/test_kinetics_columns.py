"""Kinetics' files made of columns: the bytes that the writers of single clips give."""

from pathlib import Path

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.clips.kinetics.columns import writing_json, writing_kinetics
from kinetics_builder.formats.clips.kinetics.csv_files import write_kinetics
from kinetics_builder.formats.clips.kinetics.json_files import write_json
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.output import csv_line, csv_rows
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip

WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6)
LETTERS = st.sampled_from(["a", "b", 'tie "bow", knot', "dança", "x\u2028y"])
ROWS = st.lists(
    st.tuples(LETTERS, LETTERS | WORDS, st.integers(0, 99), st.integers(1, 20), WORDS), max_size=12
)


def by_column(rows: list[tuple[str, str, int, int, str]]) -> pyarrow.RecordBatch:
    columns = {
        "label": [row[0] for row in rows],
        "youtube_id": [row[1] for row in rows],
        "time_start": [row[2] for row in rows],
        "time_end": [row[2] + row[3] for row in rows],
        "split": ["train" for _ in rows],
        "url": [row[4] for row in rows],
    }
    return pyarrow.RecordBatch.from_pydict(columns)


@given(ROWS, st.integers(1, 12))
def test_however_many_clips_come_at_once_the_bytes_are_those_of_single_clips(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int, int, str]], size: int
) -> None:
    folder = tmp_path_factory.mktemp("kinetics")
    clips = [
        Clip(video, float(start), float(start + length), label, "train", details={"url": url})
        for label, video, start, length, url in rows
    ]
    for name, write, writing in (
        ("train.csv", write_kinetics, writing_kinetics),
        ("train.json", write_json, writing_json),
    ):
        one, other = folder / f"one_{name}", folder / f"other_{name}"
        write(one, clips, Options(), Problems(one))
        with writing(other) as add:
            for start in range(0, len(rows), size):
                add(by_column(rows[start : start + size]))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param((" a", "v", 0, 1, ""), id="a label that begins with a space"),
        pytest.param(("a", "", 0, 1, ""), id="no video"),
        pytest.param(("a", "v", -3, 1, ""), id="a start before the video's"),
        pytest.param(("a", "v", 3, 0, ""), id="no length"),
    ],
)
def test_a_row_that_readers_would_not_take_is_refused(
    tmp_path: Path, row: tuple[str, str, int, int, str]
) -> None:
    refused = pytest.raises(FormatError, match="cannot be released")
    with refused, writing_kinetics(tmp_path / "train.csv") as add:
        add(by_column([row]))
    assert not list(tmp_path.iterdir())


CELLS = st.lists(
    st.none() | st.booleans() | st.floats() | st.text('ab",', max_size=4), min_size=3, max_size=3
)


@given(st.lists(CELLS, max_size=6))
def test_rows_of_columns_are_the_lines_of_single_rows(rows: list[list[object]]) -> None:
    found = csv_rows([[row[at] for row in rows] for at in range(3)])
    assert [f"{line}\n" for line in found] == [csv_line(row) for row in rows]


def test_a_line_break_in_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="a line break in 'a\\\\nb'"):
        csv_rows([["a", "a\nb"]])
