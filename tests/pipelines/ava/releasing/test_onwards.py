"""A release goes on from there: into training, and to the tools of others."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from sqlalchemy import update

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import DetectedBox
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava_folders.places import read_min_score
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.registry import find_format
from pipelines.ava.releasing.layouts import AVA_KINETICS, V2_1
from pipelines.cli import group

SMALL = """\
base = "slowfast_tiny_det"
[backbone]
width = 8
[sampling]
num_frames = 8
step_seconds = 0.2
crop_size = 64
short_side = 64
[recipe]
num_steps = 30
batch_size = 8
short_sides = [64, 72]
"""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Two busy cores: more than one thread is slower by far."""
    torch.set_num_threads(1)


def kbuild(*arguments: object) -> Any:
    return CliRunner().invoke(group, [str(one) for one in arguments])


def odd(house: Any) -> None:
    """Let one key frame be empty, one excluded, and one box left out."""
    house.drop("film0", 5)
    for person in (0, 1):
        house.reject("film1", 6, person)
    house.reject("film2", 7, 0)


def checked(folder: Path, reader: str) -> dict[str, Any]:
    result = kbuild("ava", "check", folder, "--for", reader, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.long
def test_a_release_trains_and_is_measured_as_it_is(make_house, tmp_path: Path) -> None:
    house = make_house(7)
    odd(house)
    with writing(house.workspace.engine) as session:
        session.execute(update(DetectedBox).values(score=DetectedBox.score / 2))
    house.set("[detect]\nmin_score = 0.4\n")
    root = house.workspace.root
    (root / "small.toml").write_text(SMALL)
    folder = house.release().folder
    parts = {part["name"]: part for part in checked(folder, "kbuild")["parts"]}
    assert parts.keys() == {"train", "val", "test"}
    assert all(part["used"] == part["stated"] for part in parts.values())
    assert sum(part["used"]["key_frames"] for part in parts.values()) == 7 * 9 - 1
    cache = ("--cache", tmp_path / "frames")
    result = kbuild("-C", root, "train-baseline", "--model", root / "small.toml", *cache)
    assert result.exit_code == 0, result.output
    run = root / "runs" / "small-ava-v1"
    assert f"`kbuild evaluate {run}`" in result.output
    result = kbuild("-C", root, "evaluate", run, "--json", "--bootstrap", 5, *cache)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["boxes"] == "proposals" and found["broken"] == []
    assert found["counts"]["detections"] == 9 * 2 * 4, "scores of 0.45 are enough here"
    assert found["mAP@0.5IOU"] > found["prior"]["mAP@0.5IOU"]


@pytest.mark.parametrize("reader", ["pyslowfast", "mmaction2"])
def test_a_converted_release_is_used_whole_by_others(
    make_house, tmp_path: Path, reader: str
) -> None:
    house = make_house(4)
    odd(house)
    folder = house.release().folder
    labels = folder / "ava_action_list_v2.2_for_activitynet_2019.pbtxt"
    target = tmp_path / reader
    formats = ("--from", "ava-folder", "--to", f"{reader}-ava", "--label-map", labels)
    result = kbuild("convert", *formats, folder, target)
    assert result.exit_code == 0, result.output
    assert "1 without a place there" in result.output, "the empty key frame"
    parts = {part["name"]: part for part in checked(target, reader)["parts"]}
    assert parts["train"]["used"] == parts["train"]["stated"]
    whole = {"pyslowfast": "measure of test", "mmaction2": "measure of val"}[reader]
    assert parts[whole]["used"] == parts[whole]["stated"]
    assert parts[whole]["used"]["key_frames"] >= 8


def test_every_file_of_a_release_is_valid_in_its_own_format(make_house) -> None:
    house = make_house()
    odd(house)
    folder = house.release().folder
    for name, of in {
        "ava_train_v2.2.csv": "ava",
        "ava_val_v2.2.csv": "ava",
        "ava_test_v2.2.csv": "ava",
        "ava_val_excluded_timestamps_v2.2.csv": "ava-timestamps",
        "ava_included_timestamps_v2.2.txt": "ava-timestamps",
        "ava_dense_proposals_val.pkl": "ava-proposals",
        "ava_action_list_v2.2.pbtxt": "ava-pbtxt",
        "ava_action_list_v2.2_for_activitynet_2019.pbtxt": "activitynet-pbtxt",
        ".": "ava-folder",
    }.items():
        result = kbuild("validate", "--format", of, folder / name)
        assert result.exit_code == 0, (name, result.output)


@pytest.mark.parametrize("layout", [V2_1, AVA_KINETICS])
def test_the_other_layouts_are_used_whole_too(make_house, layout: Any) -> None:
    house = make_house(0)
    for number in range(3):
        house.film(f"AAAAAAAAAA{number}_000007_000019", number)
    folder = house.release(layout=layout).folder
    parts = checked(folder, "kbuild")["parts"]
    number = 1 if layout.is_of_clips else 9
    assert [part["used"]["key_frames"] for part in parts] == [number] * 3
    assert [part["stated"] for part in parts] == [part["used"] for part in parts]


def read(folder: Path, **options: Any) -> list[Any]:
    of = find_format("ava-folder").read
    assert of is not None
    warned: list[str] = []
    problems = Problems(folder, on_warning=lambda one: warned.append(str(one)))
    return [*of(folder, Options(**options), problems)]


def test_a_folder_is_read_split_by_split_without_what_is_excluded(make_house) -> None:
    house = make_house()
    odd(house)
    folder = house.release().folder
    boxes = read(folder)
    assert {box.details["split"] for box in boxes} == {"train", "validate", "test"}
    assert sum(box.score is not None for box in boxes) == 3 * 9 * 2 - 2
    assert [(b.video_id, b.timestamp_seconds) for b in boxes if b.x1 is None] == [("film0", 5.0)]
    one = read(folder, split="train")
    assert one and "split" not in one[0].details
    excluded = folder / "ava_train_excluded_timestamps_v2.2.csv"
    rows = {(box.video_id, box.timestamp_seconds) for box in one}
    excluded.write_text(f"{one[0].video_id},0002\n")
    assert {(b.video_id, b.timestamp_seconds) for b in read(folder, split="train")} == (
        rows - {(one[0].video_id, 2.0)}
    )


def test_a_folder_whose_annotations_are_packed_and_below_reads_the_same(
    make_house, tmp_path: Path
) -> None:
    folder = make_house().release().folder
    below = tmp_path / "ava" / "annotations"
    below.mkdir(parents=True)
    for path in folder.glob("ava_*"):
        shutil.copy(path, below)
    rows = below / "ava_val_v2.2.csv"
    (below / "ava_val_v2.2.csv.gz").write_bytes(gzip.compress(rows.read_bytes()))
    rows.unlink()
    assert read(tmp_path / "ava") == read(folder)


@pytest.mark.parametrize("text", ["", "often", "1.5", "nan"])
def test_a_least_score_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    assert read_min_score(tmp_path) is None
    (tmp_path / "ava_predicted_boxes_min_score.txt").write_text("0.25\n")
    assert read_min_score(tmp_path) == 0.25
    (tmp_path / "ava_predicted_boxes_min_score.txt").write_text(text)
    with pytest.raises(FormatError, match="expected one number from 0 to 1"):
        read_min_score(tmp_path)
