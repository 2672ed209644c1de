"""A detector is trained on boxes of any format, and finds persons for `ava detect`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.database.tables import DetectedBox
from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.format import Options
from pipelines.ava.boxes_file import BoxesFile, read_key_frames
from pipelines.ava.detecting import BoxesTold
from pipelines.cli import group

RED, BLUE = ((230, 20, 20), 10, 4.0), ((20, 20, 230), 120, -4.0)
SECONDS = range(12)


def corners_at(second: float) -> list[tuple[float, float, float, float]]:
    lefts = [left + speed * second for _, left, speed in (RED, BLUE)]
    return [(left / 160, 40 / 120, (left + 20) / 160, 100 / 120) for left in lefts]


def rows() -> str:
    lines = [
        f"room,{second:04d},{','.join(f'{c:.4f}' for c in corners)},{action},{person}\n"
        for second in SECONDS
        for person, corners in enumerate(corners_at(second))
        for action in (12, 79)
    ]
    return "".join([*lines, "empty,0001\n", "empty,0002\n"])


@pytest.fixture
def drawn(films, draw_scene, tmp_path: Path):
    films.draw("room", draw_scene(12, [RED, BLUE]))
    films.draw("empty", draw_scene(4))
    (tmp_path / "boxes.csv").write_text(rows())
    return films


def train(films, *options: str) -> Result:
    folder = films.workspace.root
    told = ("--boxes", str(folder.parent / "boxes.csv"), "--format", "ava")
    arguments = ["-C", str(folder), "train-detector", *told, *options]
    return CliRunner().invoke(group, arguments)


@pytest.mark.long
def test_what_it_learnt_is_found_by_detect(drawn) -> None:
    small = ("--long-side", "80", "--steps", "150", "--batch-size", "4", "--seed", "1")
    result = train(drawn, "--media", str(drawn.folder), *small, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["num_films"], report["num_pictures"], report["num_boxes"]) == (2, 14, 24)
    assert report["broken"] == []
    drawn.set('[detect]\ndetector = "trained"\nmin_score = 0.2\n')
    drawn.collect()
    found = drawn.rows(DetectedBox, "score", "origin", "x1", "y1", "x2", "y2")
    assert {row[1] for row in found} == {"trained"}
    sure = [row[2:] for row in found if row[0] >= 0.2]
    asked = [box for second in range(2, 11) for box in corners_at(second)]
    hits = sum(any(overlap(box, one) >= 0.5 for one in sure) for box in asked)
    assert hits >= 0.8 * len(asked)


def test_stills_of_the_workspace_are_what_it_learns_from_where_nothing_is_said(drawn) -> None:
    path = drawn.workspace.root.parent / "boxes.csv"
    drawn.collect(boxes=BoxesTold(file=BoxesFile(path=path, format="ava")))
    text = path.read_text()
    path.write_text(text.replace("empty", drawn.id_of("empty")))  # ids and files' names will do
    result = train(drawn, "--long-side", "64", "--steps", "2")
    assert result.exit_code == 0, result.output
    assert "18 boxes on 10 key frames of 2 films" in result.output
    assert 'detector = "trained"' in result.output
    assert 'weights = "detector.pt"' in result.output
    assert "no still for 3 of 12 moments with boxes: 0000.jpg, ..." in result.output


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param("room,0003,0.5,0.5,0.5,0.9,12,0\n", "a box without an area", id="no area"),
        pytest.param("room,0003,a,0.5,0.6,0.9,12,0\n", "boxes.csv:", id="no number"),
    ],
)
def test_a_bad_row_ends_it_before_anything_is_learnt(drawn, change: str, expected: str) -> None:
    path = drawn.workspace.root.parent / "boxes.csv"
    path.write_text(path.read_text() + change)
    result = train(drawn, "--media", str(drawn.folder))
    assert result.exit_code == 1
    assert expected in result.output
    assert not (drawn.workspace.root / "detector.pt").exists()


def test_key_frames_without_a_box_are_learnt_from_too(drawn) -> None:
    path = drawn.workspace.root.parent / "boxes.csv"
    frames = read_key_frames(BoxesFile(path=path, format="ava", options=Options()))
    assert frames["empty"] == {1.0: [], 2.0: []}
    assert sorted(frames["room"]) == [float(second) for second in SECONDS]
    assert all(len(boxes) == 2 for boxes in frames["room"].values())


def test_detect_says_that_a_detector_is_to_be_trained_first(drawn) -> None:
    drawn.set('[detect]\ndetector = "trained"\n')
    with pytest.raises(ConfigError, match=r"detector\.pt is not there\. Let `kbuild train-det"):
        drawn.collect()
