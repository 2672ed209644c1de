import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kinetics_builder.errors import ModelError
from kinetics_builder.metrics.classification import (
    confusion_matrix,
    mean_class_accuracy,
    top_k_accuracy,
)
from kinetics_builder.metrics.shares import wilson
from models.clips.opening import CachePolicy, open_frames
from models.clips.release import read_release
from models.evaluation.at_once import AtOnce
from models.evaluation.evaluate import evaluate_checkpoint
from models.evaluation.intervals import Marks
from models.evaluation.picture import draw_confusion
from models.evaluation.predict import Predictor
from models.evaluation.report import EvaluationReport
from models.network import build_network
from models.recipes.registry import default_recipe
from models.spec import Views
from models.training.baseline import train_baseline
from models.training.device import choose_device
from models.training.runtime import Runtime
from models.zoo import network_spec

PAIRS = [("moving left", "moving right"), ("moving up", "moving down")]


def trained(folder: Path, release: Path, num_steps: int) -> Path:
    recipe = replace(default_recipe("i3d_tiny"), num_steps=num_steps)
    runtime = Runtime(device="cpu", cache=folder / "frames")
    train_baseline("i3d_tiny", release, folder / "run", recipe, runtime)
    return folder / "run"


@pytest.fixture(scope="module")
def motion(tmp_path_factory, squares: Path) -> tuple[Path, Path]:
    """Train for a moment; return (run, release)."""
    return trained(tmp_path_factory.mktemp("motion"), squares, num_steps=2), squares


@pytest.fixture(scope="module")
def measured(motion) -> tuple[Path, EvaluationReport]:
    run, release = motion
    out = run / "evaluation-test"
    return out, evaluate_checkpoint(run, release, out, reversed_pairs=PAIRS)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory, many_squares: Path) -> EvaluationReport:
    """Train long enough to tell the directions apart, and measure that."""
    run = trained(tmp_path_factory.mktemp("learnt"), many_squares, num_steps=60)
    return evaluate_checkpoint(run, many_squares, run / "out", reversed_pairs=PAIRS)


@pytest.mark.long
def test_i3d_learns_motion_and_shuffling_destroys_it(learnt: EvaluationReport) -> None:
    assert learnt.num_clips == 32 and learnt.chance == 0.25
    assert learnt.top1 >= 0.8
    assert learnt.shuffled_top1 <= learnt.top1 - 0.15
    assert learnt.mean_class_accuracy == pytest.approx(learnt.top1)


@pytest.mark.long
def test_reversed_clips_get_the_opposite_label(learnt: EvaluationReport) -> None:
    assert learnt.reversed_swapped is not None and learnt.reversed_swapped >= 0.6
    assert [(r.label, r.opposite, r.num_clips) for r in learnt.reversals] == [
        ("moving down", "moving up", 8),
        ("moving left", "moving right", 8),
        ("moving right", "moving left", 8),
        ("moving up", "moving down", 8),
    ]


def test_an_evaluation_is_written_as_json_table_and_picture(measured) -> None:
    out, report = measured
    data = json.loads((out / "evaluation.json").read_text())
    assert data["top1"] == report.top1
    confusion = np.array(data["confusion"])
    assert confusion.sum() == 8 and np.trace(confusion) == round(8 * report.top1)
    lines = (out / "predictions.csv").read_text().splitlines()
    assert lines[0] == "file,label,predicted,probability" and len(lines) == 9
    with np.load(out / "scores.npz") as scores:
        assert scores["scores"].shape == (8, len(scores["labels"]))
        best = scores["labels"][scores["scores"].argmax(axis=1)]
        assert [*zip(scores["clips"], best, strict=True)] == [
            (line.split(",")[0], line.split(",")[2]) for line in lines[1:]
        ]
    with Image.open(out / "confusion.png") as picture:
        assert min(picture.size) > 300


def test_equal_checkpoints_give_equal_bytes(motion, measured, tmp_path: Path) -> None:
    run, release = motion
    evaluate_checkpoint(run / "model.safetensors", release, tmp_path, reversed_pairs=PAIRS)
    for name in ("evaluation.json", "predictions.csv", "scores.npz"):
        assert (tmp_path / name).read_bytes() == (measured[0] / name).read_bytes()


def test_clips_that_are_missing_count_wrong_where_that_is_asked() -> None:
    marks = Marks.of(np.eye(4, dtype=np.float32), np.arange(4), "abcd")
    assert marks.accuracies == {"top1": 1.0, "top5": 1.0, "mean_class_accuracy": 1.0}
    wrong = marks.with_missing(np.array([3]), ["d"])
    assert wrong.accuracies == {"top1": 0.8, "top5": 0.8, "mean_class_accuracy": 0.875}
    assert wrong.intervals["top5"][0] < 0.8


def test_a_test_in_which_all_is_right_leaves_doubt() -> None:
    marks = Marks.of(np.eye(4, dtype=np.float32), np.arange(4), list("aabb"))
    assert marks.intervals["top1"] == wilson(2, 2), "of two videos, not of four clips"


def test_broken_test_clips_are_left_out_and_listed(motion, tmp_path: Path) -> None:
    run, release = motion
    copy = shutil.copytree(release, tmp_path / "release")
    broken = "clips/test-moving_up-0.mp4"
    (copy / broken).unlink()
    runtime = Runtime(cache=tmp_path / "frames", cache_bytes=0)
    report = evaluate_checkpoint(run, copy, tmp_path / "out", runtime=runtime)
    assert report.num_clips == 7
    assert [clip.file for clip in report.broken] == [broken]
    assert report.reversed_swapped is None


def test_a_split_without_clips_says_where_there_are_some(motion, tmp_path: Path) -> None:
    run, release = motion
    small = tmp_path / "small"
    shutil.copytree(release, small)
    manifest = small / "clips.csv"
    rows = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(row for row in rows if ",test," not in row), encoding="utf-8")
    num_train = len(read_release(small).split("train"))
    with pytest.raises(ModelError, match=rf"no clip of the split 'test', but {num_train} in train"):
        evaluate_checkpoint(run, small, tmp_path / "out")


def test_a_split_of_broken_clips_is_not_called_empty(motion, tmp_path: Path) -> None:
    run, release = motion
    broken = tmp_path / "broken"
    shutil.copytree(release, broken)
    clips = read_release(broken).split("test")
    for row in clips:
        (broken / row.file).write_bytes(b"no video")
    runtime = Runtime(cache=tmp_path / "frames", cache_bytes=0)
    with pytest.raises(ModelError, match=rf"none of the {len(clips)} clips .* 'test' is readable"):
        evaluate_checkpoint(run, broken, tmp_path / "out", runtime=runtime)


def test_a_release_with_other_labels_is_refused(motion, make_release, tmp_path: Path) -> None:
    run, _ = motion
    other = make_release(tmp_path / "release", train=1, validate=0, test=1)
    (other / "classes.txt").write_text((other / "classes.txt").read_text() + "waving\n")
    with pytest.raises(ModelError, match=r"has 5: only the release has 'waving'\. .* --init RUN"):
        evaluate_checkpoint(run, other, tmp_path / "out")


def test_an_unknown_reversed_label_is_refused(motion, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="label 'sitting' is not in classes"):
        evaluate_checkpoint(*motion, tmp_path, reversed_pairs=[("sitting", "moving up")])


def test_a_folder_without_a_network_is_refused(tmp_path: Path, squares: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no trained network: card\.json"):
        evaluate_checkpoint(tmp_path, squares, tmp_path)


def test_damaged_weights_are_refused(motion, tmp_path: Path) -> None:
    run, release = motion
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / "model.safetensors").write_bytes(b"{}")
    with pytest.raises(ModelError, match="is not the file that was written: its 2 bytes"):
        evaluate_checkpoint(copy, release, tmp_path / "out")


def test_many_views_are_averaged_as_probabilities(squares: Path, tmp_path: Path) -> None:
    spec = replace(network_spec("i3d_tiny"), views=Views(num_clips=2, num_crops=3))
    release = read_release(squares)
    policy = CachePolicy(folder=tmp_path)
    frames = open_frames(release, spec.sampling, policy, lambda line: None)
    predictor = Predictor(
        network=build_network(spec, 4),
        spec=spec,
        source=frames.source,
        device=choose_device("cpu"),
        at_once=AtOnce(7),
    )
    rows = release.split("test")
    together = predictor.predict(rows).scores_NK
    assert together.shape == (8, 4)
    assert together.sum(1) == pytest.approx(1, abs=1e-5)
    alone = predictor.predict(rows[3:4]).scores_NK
    assert together[3] == pytest.approx(alone[0], abs=1e-5)


def test_many_classes_still_make_a_picture(tmp_path: Path) -> None:
    labels = [f"label number {n} with a very long name indeed" for n in range(70)]
    draw_confusion(tmp_path / "a.png", np.eye(70, dtype=np.int64), labels, "all right")
    draw_confusion(tmp_path / "b.png", np.eye(9, dtype=np.int64), labels[:9], "all right")
    assert (tmp_path / "a.png").stat().st_size > 1000
    assert (tmp_path / "b.png").stat().st_size > 1000


scores = st.integers(2, 6).flatmap(
    lambda k: st.lists(
        st.tuples(st.lists(st.floats(0, 1), min_size=k, max_size=k), st.integers(0, k - 1)),
        min_size=1,
        max_size=12,
    )
)


@given(scores)
def test_top_k_grows_with_k_up_to_one(rows) -> None:
    scores_NK, truth_N = np.array([s for s, _ in rows]), np.array([t for _, t in rows])
    shares = [top_k_accuracy(scores_NK, truth_N, k) for k in range(1, scores_NK.shape[1] + 1)]
    assert shares == sorted(shares) and shares[-1] == 1.0


@given(scores)
def test_the_confusion_matrix_agrees_with_top_1(rows) -> None:
    scores_NK, truth_N = np.array([s for s, _ in rows]), np.array([t for _, t in rows])
    num_classes = scores_NK.shape[1]
    confusion = confusion_matrix(scores_NK.argmax(1), truth_N, num_classes)
    assert confusion.sum() == len(rows)
    share = np.trace(confusion) / len(rows)
    assert share == pytest.approx(top_k_accuracy(scores_NK, truth_N, 1))
    assert 0 <= mean_class_accuracy(confusion) <= 1


def test_no_clips_have_no_accuracy() -> None:
    assert top_k_accuracy(np.zeros((0, 3)), np.zeros(0, np.int64), 1) == 0.0
    assert mean_class_accuracy(np.zeros((2, 2), np.int64)) == 0.0
