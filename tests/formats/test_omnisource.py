"""Lists that mix pictures, clips and stretches of videos, there and back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.training.omnisource.checking import check_folder
from kinetics_builder.formats.training.omnisource.items import (
    HEADER,
    ITEMS,
    WebRow,
    order_of,
    read_items,
    write_items,
)
from kinetics_builder.formats.training.omnisource.lists import read_lists, write_lists

ROWS = [
    WebRow("videos", "media/v1.mp4", "waving", 20.0, 25.5, "https://a.org/v1", 0.75, ""),
    WebRow("videos", "media/v1.mp4", "waving", 0.0, 10.0, "https://a.org/v1", 0.5, ""),
    WebRow("clips", "clips/v1.mp4", "juggling", None, None, "", 1.0, "CC BY"),
    WebRow("images", "pictures/p.jpg", "waving", None, None, "https://i.org/p", 0.25, "by"),
]
TEXT = """\
kind,file,label,start_seconds,end_seconds,source,score,licence
images,pictures/p.jpg,waving,,,https://i.org/p,0.250000,by
clips,clips/v1.mp4,juggling,,,,1.000000,CC BY
videos,media/v1.mp4,waving,0,10,https://a.org/v1,0.500000,
videos,media/v1.mp4,waving,20,25.5,https://a.org/v1,0.750000,
"""
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1)
paths = words.map(lambda text: f"a/{text.replace('..', '_')}b")


@st.composite
def rows(draw) -> WebRow:
    kind = draw(st.sampled_from(["images", "clips", "videos"]))
    start = draw(st.integers(0, 3600)) / 4
    times = (start, start + draw(st.integers(1, 80)) / 4) if kind == "videos" else (None, None)
    score = draw(st.integers(0, 1000)) / 1000
    return WebRow(kind, draw(paths), draw(words), *times, draw(words), score, draw(words))


def written(folder: Path, found=ROWS) -> Path:
    folder.mkdir()
    write_items(folder / ITEMS, found)
    write_lists(folder, found, ["juggling", "waving"], {"media/v1.mp4": 3})
    return folder


def test_items_are_the_golden_bytes_whatever_their_order(tmp_path: Path) -> None:
    for order in (ROWS, ROWS[::-1]):
        write_items(tmp_path / ITEMS, order)
        assert (tmp_path / ITEMS).read_text() == TEXT


@given(st.lists(rows(), max_size=8))
def test_reading_gives_back_what_was_written(tmp_path_factory, found) -> None:
    path = tmp_path_factory.mktemp("items") / ITEMS
    write_items(path, found)
    assert sorted(read_items(path), key=order_of) == sorted(found, key=order_of)


def test_lists_are_those_that_mmaction2_reads(tmp_path: Path) -> None:
    folder = written(tmp_path / "lists")
    assert (folder / "images.txt").read_text() == "pictures/p.jpg 1\n"
    assert (folder / "clips.txt").read_text() == "clips/v1.mp4 0\n"
    assert (folder / "videos.txt").read_text() == "media/v1 1 3 0 2\n"
    assert read_lists(folder)[-1] == ("videos", "media/v1", "waving", (0, 2))
    assert list(check_folder(folder)) == []


BAD_ROWS = [
    pytest.param("films,a,b,,,,0.5,", "kind to be one of images", id="kind"),
    pytest.param("images,a,b,1,2,,0.5,", "no stretch of one of the images", id="a picture's time"),
    pytest.param("videos,a,b,,,,0.5,", "a stretch of one of the videos", id="no stretch"),
    pytest.param("videos,a,b,3,2,,0.5,", "ends after it begins, found 3 to 2", id="backwards"),
    pytest.param("clips,a,b,,,,1.5,", "a score from 0 to 1, found 1.5", id="score"),
    pytest.param("clips,../a,b,,,,0.5,", "leads to no other folder", id="outside"),
    pytest.param("clips,a,,,,,0.5,", "label must not be empty", id="label"),
]


@pytest.mark.parametrize(("row", "message"), BAD_ROWS)
def test_a_row_that_does_not_fit_names_its_line(tmp_path: Path, row: str, message: str) -> None:
    (tmp_path / ITEMS).write_text(f"{','.join(HEADER)}\n{row}\n")
    with pytest.raises(FormatError, match=rf"items\.csv:2.*{message}"):
        list(read_items(tmp_path / ITEMS))
    assert [message in one for one in check_folder(tmp_path)] == [True]


SAID = [
    pytest.param("images.txt", "pictures/p.jpg 2\n", "a class from 0 to 1", id="class"),
    pytest.param("images.txt", "pictures/p.jpg\n", "a class from 0 to 1", id="no class"),
    pytest.param("clips.txt", "clips/v1.mp4 0 1\n", "a class and no more", id="too much"),
    pytest.param("videos.txt", "media/v1 1 3 0 3\n", "which count, from 0", id="no such part"),
    pytest.param("videos.txt", "media/v1 1 3 0\n", "videos.txt lacks media/v1", id="part lost"),
    pytest.param("clips.txt", "clips/v2.mp4 0\n", "clips.txt has clips/v2.mp4", id="another"),
    pytest.param("clips.txt", "clips/v1.mp4 x\n", "a path and numbers", id="no number"),
]


@pytest.mark.parametrize(("name", "text", "message"), SAID)
def test_lists_that_say_something_else_are_found(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    folder = written(tmp_path / "lists")
    (folder / name).write_text(text)
    found = list(check_folder(folder))
    assert found and any(message in one for one in found)


def test_missing_files_and_repeated_rows_are_found(tmp_path: Path) -> None:
    folder = written(tmp_path / "lists", [*ROWS, ROWS[2]])
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/p.jpg").write_bytes(b"x")
    found = list(check_folder(folder, tmp_path))
    assert "items.csv: clips/v1.mp4 stands there 2 times for 'juggling'" in found
    missing = [one for one in found if "is not in" in one]
    assert [one.split()[0] for one in missing] == ["clips/v1.mp4", "media/v1.mp4"]


WRONG = [
    pytest.param({"file": "media/a b.mp4"}, "white space", id="space"),
    pytest.param({"start_seconds": 5.0, "end_seconds": 15.0}, "--window 10", id="no part"),
    pytest.param({"end_seconds": 20.0}, "--window 10", id="too long"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_what_the_lists_cannot_say_is_refused(tmp_path: Path, change: dict, message: str) -> None:
    from dataclasses import replace

    row = replace(ROWS[1], **change)
    with pytest.raises(FormatError, match=message):
        write_lists(tmp_path, [row], ["waving"], {row.file: 3})


def test_rows_become_clips_and_rows_again(tmp_path: Path) -> None:
    row = "clips,clips/v2_000005_000015.mp4,waving,,,,0.500000,\n"
    (tmp_path / ITEMS).write_text(TEXT + row)
    one = find_format("omni-items")
    assert one.read is not None and one.write is not None
    clips = list(one.read(tmp_path / ITEMS, Options(), Problems(tmp_path)))
    named = next(clip for clip in clips if clip.video_id == "v2")
    assert named[1:3] == (5.0, 15.0), "as the name of the clip's file says"
    assert [clip[:4] for clip in clips if clip.details["kind"] == "videos"] == [
        ("v1", 0.0, 10.0, "waving"),
        ("v1", 20.0, 25.5, "waving"),
    ]
    told: list[Problem] = []
    problems = Problems(tmp_path, on_error=told.append, on_warning=told.append)
    one.write(tmp_path / "again.csv", clips, Options(), problems)
    assert told == []
    assert sorted((tmp_path / "again.csv").read_text().splitlines()) == sorted(
        (TEXT + row).splitlines()
    )


@pytest.mark.parametrize(
    ("clip", "said"),
    [
        pytest.param(Clip("v", 0, 5, "a", file="m/v.mp4"), "needs score", id="no teacher"),
        pytest.param(Clip("v", label="a", score=0.5), "needs file", id="no file"),
        pytest.param(
            Clip("v", label="a", file="v.mp4", score=0.5, details={"kind": "videos"}),
            "no start and end, which a whole video needs",
            id="a whole video without a stretch",
        ),
        pytest.param(Clip("v", label="a", file="v.mp4", score=3.0), "from 0 to 1", id="a logit"),
    ],
)
def test_what_is_no_row_is_told(tmp_path: Path, clip: Clip, said: str) -> None:
    write = find_format("omni-items").write
    assert write is not None
    with pytest.raises(FormatError, match=said):
        write(tmp_path / ITEMS, [clip], Options(), Problems(tmp_path / ITEMS))


def test_lists_become_clips_and_every_bad_line_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "lists")
    one = find_format("omnisource-lists")
    assert one.read is not None
    clips = list(one.read(folder, Options(split="train"), Problems(folder)))
    assert [clip[:5] for clip in clips if clip.details["kind"] == "videos"] == [
        ("v1", 0.0, 10.0, "waving", "train"),
        ("v1", 20.0, 30.0, "waving", "train"),
    ]
    (folder / "clips.txt").write_text("clips/v1.mp4 7\n\nclips/v1.mp4 0\n")
    told: list[Problem] = []
    assert len(list(one.read(folder, Options(), Problems(folder, on_error=told.append)))) == 4
    assert [(problem.path.name, problem.line) for problem in told] == [
        ("clips.txt", 1),
        ("clips.txt", 2),
    ]


def test_clips_of_a_release_and_pictures_become_the_lists_of_training(tmp_path: Path) -> None:
    one = find_format("omnisource-lists")
    assert one.read is not None and one.write is not None
    long = {"kind": "videos", "duration_seconds": 25.5}
    clips = [
        Clip("v1", 5, 15, "waving", "train", "clips/v1_000005_000015.mp4"),
        Clip("v2", 5, 15, "waving", "test", "clips/v2_000005_000015.mp4"),
        Clip("p", None, None, "juggling", None, "pictures/p.jpg"),
        Clip("v3", 10.0, 20.0, "juggling", "train", "media/v3.mp4", details=long),
        Clip("v4", 5.0, 9.0, "juggling", "train", "media/v4.mp4", details=long),
    ]
    told: list[Problem] = []
    problems = Problems(tmp_path / "lists", on_error=told.append, on_warning=told.append)
    one.write(tmp_path / "lists", clips, Options(), problems)
    texts = {path.name: path.read_text() for path in (tmp_path / "lists").iterdir()}
    assert texts == {
        "classes.txt": "juggling\nwaving\n",
        "images.txt": "pictures/p.jpg 0\n",
        "clips.txt": "clips/v1_000005_000015.mp4 1\n",
        "videos.txt": "media/v3 0 3 1\n",
    }
    assert problems.num_lost == 1 and len(told) == 2
    assert "media/v4.mp4: the stretch from 5 to 9 s is none of the parts" in str(told[0])
    again = list(one.read(tmp_path / "lists", Options(split="train"), Problems(tmp_path)))
    assert [clip[:3] for clip in again] == [
        ("p", None, None),
        ("v1_000005_000015", None, None),
        ("v3", 10.0, 20.0),
    ]


def test_a_folder_of_something_else_is_told(tmp_path: Path) -> None:
    assert ["is not there: expected a folder that" in one for one in check_folder(tmp_path)] == [
        True
    ]
