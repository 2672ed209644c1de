"""HACS clips: bytes out, errors with file and line in, nothing lost on the way round."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.clips.hacs.clips import read_clips, write_clips
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Clip

HEADER = "classname,youtube_id,subset,start,end,label\n"
GOLDEN = (
    HEADER
    + "Archery,a2X2hz1G6i8,training,15.5,17.5,1\n"
    + "Archery,NUdji_CqvcY,validation,77.0,79.0,-1\n"
    + '"Layup, drill",0O_qMHxBfXg,testing,24.5,26.5,1\n'
    + ",t1,testing,0.0,2.0,\n"
)
CLIPS = [
    Clip("a2X2hz1G6i8", 15.5, 17.5, "Archery", "train", details={"is_positive": True}),
    Clip("NUdji_CqvcY", 77.0, 79.0, "Archery", "validate", details={"is_positive": False}),
    Clip("0O_qMHxBfXg", 24.5, 26.5, "Layup, drill", "test", details={"is_positive": True}),
    Clip("t1", 0.0, 2.0, None, "test"),
]


def read(path: Path, found: list[Problem], options: Options | None = None) -> list[Clip]:
    problems = Problems(path, on_error=found.append, on_warning=found.append)
    return list(read_clips(path, options or Options(), problems))


def test_the_official_rows_are_read_and_written_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "clips.csv"
    path.write_text(GOLDEN)
    found: list[Problem] = []
    clips = read(path, found)
    assert clips == CLIPS and not found
    write_clips(tmp_path / "again.csv", clips, Options(), Problems(path))
    assert (tmp_path / "again.csv").read_text() == GOLDEN


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    path = tmp_path / "clips.csv"
    path.write_text("label,youtube_id,end,start,subset,classname\n1,v,3,1,training,Archery\n")
    assert read(path, []) == [
        Clip("v", 1.0, 3.0, "Archery", "train", details={"is_positive": True})
    ]


def test_a_column_of_somebody_elses_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "clips.csv"
    path.write_text(f"note,{HEADER}x,Archery,v,training,1,3,1\n")
    found: list[Problem] = []
    assert len(read(path, found)) == 1
    assert "left out: note" in str(found[0])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param("A,v,train,1,3,1", "training, validation, testing, found 'train'", id="split"),
        pytest.param("A,v,training,3,1,1", "expected 0 <= start < end", id="backwards"),
        pytest.param("A,v,training,nan,1,1", "found 'nan'", id="not a number"),
        pytest.param("A,v,training,1,1_0,1", "found '1_0'", id="an underscore"),
        pytest.param("A,v,training,1,3,0", "the label 1 or -1, found '0'", id="sign"),
        pytest.param("A,v,training,1,3,", "the label 1 or -1, found ''", id="no sign"),
        pytest.param(",v,training,1,3,1", "must not be empty", id="no class"),
        pytest.param("A,,testing,1,3,1", "must not be empty", id="no video"),
        pytest.param("A,v,training,1,3", "expected 6 cells, found 5", id="too few cells"),
    ],
)
def test_a_bad_row_is_named_and_hides_no_good_one(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "clips.csv"
    path.write_text(f"{HEADER}{row}\n" + GOLDEN.removeprefix(HEADER))
    found: list[Problem] = []
    assert read(path, found) == CLIPS
    (problem,) = found
    assert problem.line == 2 and message in problem.message


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clips.csv"
    path.write_text("label,youtube_id\n")
    with pytest.raises(FormatError, match=r"clips.csv:1: expected a header with classname"):
        read(path, [])


def test_what_cannot_be_written_is_told_of_by_name(tmp_path: Path) -> None:
    path, found = tmp_path / "clips.csv", []
    problems = Problems(path, on_error=found.append, on_warning=found.append)
    clips = [
        Clip("whole", label="A", split="train"),
        Clip("b", 1.0, 2.0, "A", score=0.5, details={"url": "x", "fps": 25}),
        Clip("c", 1.0, 2.0, None, "train"),
        Clip("d", 1.0, 2.0, "two\nlines", "train"),
        Clip("e", 1.0, 2.0, "A", "train"),
    ]
    write_clips(path, clips, Options(split="validate"), problems)
    assert path.read_text().splitlines()[1:] == [
        "A,b,validation,1.0,2.0,1",
        "A,e,training,1.0,2.0,1",
    ]
    assert [str(problem.item) for problem in found] == [
        "whole A",
        "c 1.0-2.0",
        "d 1.0-2.0 two\nlines",
        "b 1.0-2.0 A",
    ]
    assert problems.num_errors == 3 and problems.num_warnings == 1
    told = " ".join(problem.message for problem in found)
    assert "no start and end" in told and "does not say the fps, score, url of" in told


@pytest.mark.parametrize(
    "clip",
    [Clip("a", 2.0, 1.0, "A"), Clip("a", float("nan"), 1.0, "A"), Clip("", 0.0, 1.0, "A")],
    ids=["backwards", "not a number", "no video"],
)
def test_what_no_reader_would_take_is_not_written(tmp_path: Path, clip: Clip) -> None:
    found: list[Problem] = []
    problems = Problems(tmp_path / "clips.csv", on_error=found.append)
    write_clips(tmp_path / "clips.csv", [clip._replace(split="train")], Options(), problems)
    assert (tmp_path / "clips.csv").read_text() == HEADER and len(found) == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda video, start, length, label, split, is_positive: Clip(
                video, start, start + length, label, split, details={"is_positive": is_positive}
            ),
            st.text(
                st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="/\\"),
                min_size=1,
                max_size=11,
            ).filter(lambda video: video != ".."),
            st.floats(0, 1e6),
            st.floats(1e-3, 1e3),
            st.text(st.characters(blacklist_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=9),
            st.sampled_from(["train", "validate", "test"]),
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_clips_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, clips: list[Clip]
) -> None:
    path = tmp_path_factory.mktemp("hacs") / "clips.csv"
    write_clips(path, clips, Options(), Problems(path))
    assert read(path, []) == clips
