"""Learning and judging several actions of whole videos at a time."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from kinetics_builder.errors import ModelError
from models.clips.plan import Key
from models.clips.release import BrokenClip
from models.clips.shapes import Shape
from models.clips.transforms import Augmentation
from models.many_labels.dataset import ActionClips, PointViews, done_within
from models.many_labels.folder import Action, Video, read_actions
from models.many_labels.measuring import SaidOfVideo, each_by_itself, measured
from models.zoo import network_spec
from pipelines.cli import group

DOWN, LEFT = 3, 92
HEADER = "id,subject,actions,length"


@pytest.fixture(scope="module")
def folder(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Squares that move, as videos of Charades: some do two things, one none, one is not there."""
    made = tmp_path_factory.mktemp("actions") / "charades"
    (made / "videos").mkdir(parents=True)
    rows: dict[str, list[str]] = {"train": [HEADER], "test": [HEADER]}
    for number, (split, label) in enumerate(
        (split, label) for split in ("train", "test") for label in ("moving_down", "moving_left")
    ):
        name, action = f"V{number}", DOWN if label == "moving_down" else LEFT
        source = squares / f"clips/{split}-{label}-0.mp4"
        (made / "videos" / f"{name}.mp4").write_bytes(source.read_bytes())
        rows[split].append(f"{name},S,c{action:03d} 0.00 4.00;c000 1.00 2.00,4.00")
    rows["test"].append("V3B,S,,4.00")
    (made / "videos" / "V3B.mp4").write_bytes((made / "videos" / "V3.mp4").read_bytes())
    rows["train"].append("GONE,S,c001 0.00 1.00,4.00")
    for split, lines in rows.items():
        (made / f"Charades_v1_{split}.csv").write_text("\n".join(lines) + "\n")
    return made


def test_a_folder_says_what_is_done_when_and_what_is_missing(folder: Path) -> None:
    found = read_actions(folder)
    assert [one.video_id for one in found.videos["train"]] == ["V0", "V1"]
    assert found.videos["train"][0].actions == (Action(DOWN, 0.0, 4.0), Action(0, 1.0, 2.0))
    assert found.videos["test"][2].actions == ()
    assert found.broken == (BrokenClip("GONE", "no file of this name is there"),)
    assert [(one.video_id, one.seconds) for one in found.absent["train"]] == [("GONE", 4.0)]
    assert len(found.labels) == 157


def test_what_is_done_in_a_stretch_are_the_actions_that_touch_it() -> None:
    video = Video("v", Path(), 10.0, (Action(0, 2.0, 4.0), Action(2, 6.0, 7.0)))
    assert done_within(video, 3.0, 5.0, 3).tolist() == [1, 0, 0]
    assert done_within(video, 4.0, 6.0, 3).tolist() == [1, 0, 1]
    assert done_within(video, 4.5, 4.5, 3).tolist() == [0, 0, 0]


def test_a_video_is_seen_around_each_of_its_25_points(folder: Path) -> None:
    views = PointViews(read_actions(folder).videos["test"], network_spec("i3d_tiny"))[0]
    assert not isinstance(views, BrokenClip) and views.shape == (25, 16, 64, 64, 3)
    assert (views[0] == views[1]).all()  # both begin with the video
    assert (views[0] != views[24]).any()


def test_a_stretch_may_be_shorter_and_smaller(folder: Path) -> None:
    sampling = network_spec("i3d_tiny").sampling
    whole = Augmentation(short_sides=(72, 72), crop_size=64, flip_probability=0.5)
    clips = ActionClips(read_actions(folder).videos["train"], 157, sampling, whole)
    shape = Shape(num_frames=4, crop_size=45, longest_step=0.9, widest_view=64 / 45)
    sample = clips[Key(0, 0, 0, shape)]
    assert not isinstance(sample, BrokenClip) and sample.frames_THWC.shape == (4, 45, 45, 3)


def test_the_highest_of_its_points_is_a_videos_score() -> None:
    logits_PK = torch.tensor([[0.0, -20.0], [20.0, -20.0]])
    said = SaidOfVideo(Video("v", Path(), 1.0, ()), each_by_itself(logits_PK).numpy())
    assert said.scores_K == pytest.approx([1.0, 0.0], abs=1e-6)


def test_measures_are_perfect_for_who_says_the_truth() -> None:
    videos = [
        Video("a", Path(), 25.0, (Action(0, 0.0, 5.0),)),
        Video("b", Path(), 25.0, (Action(1, 3.0, 9.0), Action(0, 20.0, 24.0))),
        Video("c", Path(), 25.0, ()),
    ]
    said = [
        SaidOfVideo(one, np.stack([done_within(one, t, t, 3) for t in range(25)])) for one in videos
    ]
    assert measured(said, 3) == {"mAP": 1.0, "localization_mAP": 1.0}
    wrong = [SaidOfVideo(one.video, 1 - one.scores_PK) for one in said]
    assert measured(wrong, 3)["localization_mAP"] < 0.5


def test_a_network_is_trained_and_measured_to_the_same_number(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    asked = ["train-baseline", "--model", "i3d_tiny", "--release", folder, "--out", run]
    told = ["--steps", "2", "--batch-size", "2", "--device", "cpu"]
    result = CliRunner().invoke(group, [*map(str, asked), *told])
    assert result.exit_code == 0, result.output
    assert "localization_mAP" in result.output and "GONE: no file" in result.output
    result = CliRunner().invoke(group, ["evaluate", str(run), "--release", str(folder), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    trained = json.loads((run / "card.json").read_text())["metrics"]
    assert report["num_videos"] == 3
    assert report["measured"]["mAP"] == pytest.approx(trained["mAP"])
    assert_measured_alike(report, folder, run)
    some = shutil.copytree(folder, tmp_path / "some")
    (some / "videos" / "V3.mp4").unlink()
    asked = ["evaluate", str(run), "--release", str(some), "--missing", "count-wrong", "--json"]
    result = CliRunner().invoke(group, [*asked, "--workers", "1"])
    assert result.exit_code == 0, result.output
    without = json.loads(result.stdout)
    assert (without["num_videos"], without["missing"]) == (2, "count-wrong")
    assert_measured_alike(without, some, run)


def assert_measured_alike(report: dict, folder: Path, run: Path) -> None:
    """By the command that takes anybody's predictions."""
    for task, key, theirs in (
        ("classification", "mAP", "MAP"),
        ("localization", "localization_mAP", "Per-Frame MAP"),
    ):
        measure = ["measure", "charades", "--task", task, "--json"]
        files = [
            *("--ground-truth", folder / "Charades_v1_test.csv"),
            *("--predictions", run / "evaluation-test" / f"{task}.txt"),
        ]
        result = CliRunner().invoke(group, [*measure, *map(str, files)])
        assert result.exit_code == 0, result.output
        assert report["measured"][key] == pytest.approx(json.loads(result.stdout)[theirs])


def test_a_folder_without_its_videos_says_where_they_belong(folder: Path, tmp_path: Path) -> None:
    rows = "Charades_v1_train.csv"
    (tmp_path / rows).write_bytes((folder / rows).read_bytes())
    with pytest.raises(ModelError, match=r"Put them into .*videos, each called by its id"):
        read_actions(tmp_path)
