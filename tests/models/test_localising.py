"""Finding when actions happen in long videos."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch._subclasses.fake_tensor import FakeTensorMode

from kinetics_builder.errors import FormatError, ModelError
from models.checkpoints.store import Card, save_network
from models.localising import learning
from models.localising.config import LocaliserConfig
from models.localising.finding import Stretch, find_stretches, softly_chosen
from models.localising.learning import Lesson, learn, loss_of
from models.localising.losses import edge_losses, targets
from models.localising.network import Localiser, moments_of
from models.localising.store import TrainedLocaliser, load_localiser, save_localiser
from models.network import build_network
from models.training.attending import Attending
from models.training.runtime import Runtime
from models.training.stopping import Stops
from models.zoo import network_spec
from pipelines.cli import group
from pipelines.localising.annotated import annotations_of, read_annotated

SMALL = LocaliserConfig(width=32, num_heads=2, num_levels=3, num_steps=120, peak_rate=4e-3)


def lesson(random: np.random.Generator, *, num_moments: int = 48) -> Lesson:
    """A video of noise, in which two actions show themselves as long as they last."""
    features_TD = random.normal(0, 0.3, (num_moments, 6)).astype(np.float32)
    actions, start = [], 0.0
    for number in (0, 1):
        start += float(random.uniform(2, 8))
        end = start + float(random.uniform(5, 14))
        features_TD[int(start) : int(end), number] += 2.0
        actions.append((start, end))
        start = end
    return Lesson(torch.from_numpy(features_TD), torch.tensor(actions), torch.tensor([0, 1]))


def learnt(lessons: Sequence[Lesson], config: LocaliserConfig, out: Path) -> Localiser:
    runtime = Runtime(device="cpu", checkpoint_every=2)
    return learn(lessons, 2, config, Attending(out, runtime, Stops(), lambda line: None))


@pytest.fixture(scope="module")
def lessons() -> list[Lesson]:
    random = np.random.default_rng(5)
    return [lesson(random) for _ in range(24)]


@pytest.fixture(scope="module")
def trained(lessons: list[Lesson], tmp_path_factory: pytest.TempPathFactory) -> TrainedLocaliser:
    network = learnt(lessons[:16], SMALL, tmp_path_factory.mktemp("trained") / "weights")
    return TrainedLocaliser(network, ("a", "b"), 0.5, {"layer": "backbone"})


def overlap(found: Sequence[Stretch], start: float, end: float, number: int) -> float:
    """Return how far the surest stretch of a class is the one that is meant."""
    best = next(one for one in found if one.number == number)
    shared = max(0.0, min(end, best.end) - max(start, best.start))
    return shared / (max(end, best.end) - min(start, best.start))


def test_actions_are_found_in_videos_that_were_not_learnt_from(
    lessons: list[Lesson], trained: TrainedLocaliser
) -> None:
    overlaps = [
        overlap(
            find_stretches(trained.network, one.features_TD, 0.5, 24.0), 0.5 * start, 0.5 * end, n
        )
        for one in lessons[16:]
        for n, (start, end) in enumerate(one.actions_A2.tolist())
    ]
    assert len(overlaps) == 16 and np.mean(overlaps) > 0.7, overlaps


def test_equal_lessons_give_equal_weights_and_a_folder_keeps_them(
    lessons: list[Lesson], trained: TrainedLocaliser, tmp_path: Path
) -> None:
    few = replace(SMALL, num_steps=2)
    states = [learnt(lessons[:3], few, tmp_path / f"{n}").state_dict() for n in range(2)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    save_localiser(tmp_path, trained, SMALL)
    again = load_localiser(tmp_path)
    seen = lessons[20].features_TD
    assert (again.labels, again.every_seconds) == (("a", "b"), 0.5)
    assert find_stretches(again.network, seen, 0.5, 24.0) == find_stretches(
        trained.network, seen, 0.5, 24.0
    )


def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    lessons: list[Lesson], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, step = replace(SMALL, num_steps=5), learning._take_step
    whole = learnt(lessons[:3], few, tmp_path / "whole").state_dict()
    taken: list[int] = []

    def killed(state: learning.Learning, *others: Any) -> float:
        taken.append(state.step)
        if len(taken) == 4:
            raise SystemError
        return step(state, *others)

    monkeypatch.setattr(learning, "_take_step", killed)
    with pytest.raises(SystemError):
        learnt(lessons[:3], few, tmp_path / "killed")
    again = learnt(lessons[:3], few, tmp_path / "killed").state_dict()
    assert taken == [0, 1, 2, 3, 2, 3, 4]
    assert all(torch.equal(whole[key], again[key]) for key in whole)
    with pytest.raises(ModelError, match=r"killed\.last is of another training"):
        learnt(lessons[:4], few, tmp_path / "killed")


def test_all_that_is_learnt_by_lies_where_the_network_does(
    lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lessons[0]
    known = targets(first.actions_A2, first.numbers_A, 48, 2, SMALL)
    monkeypatch.setattr(learning, "targets", lambda *_: known)
    with FakeTensorMode(allow_non_fake_inputs=True):
        with torch.device("cuda"):
            network = Localiser(6, 2, SMALL)
        assert loss_of(network, lessons[:2], 2, SMALL).device.type == "cuda"


def test_moments_learn_the_action_that_fits_their_level() -> None:
    actions = torch.tensor([[4.0, 6.0], [0.0, 14.0]])
    is_done, edges = targets(actions, torch.tensor([1, 0]), 16, 2, SMALL)
    middle, stride = moments_of(16, 3)
    short = is_done[:, 1] > 0
    assert stride[short].unique().tolist() == [1.0]
    assert (middle[short] - edges[short, 0]).tolist() == [4.0, 4.0]
    assert (middle[short] + edges[short, 1]).tolist() == [6.0, 6.0]
    assert stride[is_done[:, 0] > 0].unique().tolist() == [2.0, 4.0]


def test_edges_that_are_right_cost_nothing_and_others_more_the_farther() -> None:
    wanted = torch.tensor([[2.0, 3.0]])
    near, far = (edge_losses(torch.tensor([one]), wanted) for one in ([2.0, 4.0], [2.0, 9.0]))
    assert edge_losses(wanted, wanted) == pytest.approx(0.0)
    assert 0 < near < far


def test_what_overlaps_a_surer_stretch_of_its_class_loses_score() -> None:
    found = [
        Stretch(0, 10, 0, 0.9),
        Stretch(1, 10, 0, 0.8),
        Stretch(20, 30, 0, 0.7),
        Stretch(0, 10, 1, 0.5),
    ]
    chosen = softly_chosen(found)
    assert [one.score for one in chosen[:3]] == [0.9, 0.7, 0.5]
    assert chosen[3][:3] == (1, 10, 0) and chosen[3].score == pytest.approx(
        0.8 * np.exp(-(0.9**2) / 0.5)
    )
    assert softly_chosen([]) == []


def test_videos_without_actions_teach_nothing(lessons: list[Lesson], tmp_path: Path) -> None:
    empty = replace(lessons[0], actions_A2=torch.empty(0, 2), numbers_A=torch.empty(0))
    with pytest.raises(ModelError, match="None of the 1 videos to learn from has an action"):
        learnt([empty], SMALL, tmp_path / "weights")


@pytest.fixture
def annotated(squares: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Squares that move, as long videos; one is not there, and a class is learnt from alone."""
    videos, database = tmp_path / "videos", {}
    videos.mkdir()
    for number, split in enumerate(("training", "training", "validation", "training")):
        name = f"video{number}"
        labels = ["moving", "Ambiguous"][: 1 + (number == 1)]
        database[name] = {
            "subset": split,
            "annotations": [{"segment": [0.5, 3.0], "label": label} for label in labels],
        }
        if number < 3:
            source = squares / f"clips/train-moving_up-{number}.mp4"
            (videos / f"{name}.MP4").write_bytes(source.read_bytes())
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"version": "1", "taxonomy": [], "database": database}))
    return path, videos


@pytest.fixture
def asked(annotated: tuple[Path, Path], tmp_path: Path) -> list[str]:
    """The command, small."""
    spec = network_spec("slowfast_tiny")
    torch.manual_seed(0)
    card = Card(spec=spec, labels=("a", "b"), release_sha256="", recipe={}, metrics={})
    save_network(tmp_path / "run", build_network(spec, 2), card)
    truth, videos = map(str, annotated)
    sizes = ["--steps", "2", "--width", "8", "--levels", "2", "--out", str(tmp_path / "out")]
    model = ["--model", str(tmp_path / "run"), "--device", "cpu"]
    return ["train-localiser", truth, "--videos", videos, *model, *sizes]


def invoked(asked: Sequence[str]) -> str:
    result = CliRunner().invoke(group, list(asked))
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_learns_finds_and_measures(
    annotated: tuple[Path, Path], asked: list[str], tmp_path: Path
) -> None:
    first = invoked(asked)
    assert "2 videos learnt from" in first and "video3: no file" in first
    assert "Average-mAP" in first
    out = tmp_path / "out"
    measure = ["measure", "activitynet", "--ground-truth", asked[1], "--predictions"]
    invoked([*measure, str(out / "detections.json"), "--label-map", str(out / "classes.txt")])
    files = [out / "localiser.safetensors", *out.rglob("*.npz")]
    kept = {path: path.stat().st_mtime_ns for path in files}
    assert len(kept) == 4
    assert "already trained" in invoked(asked)
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    video = annotated[1] / "video0.MP4"
    video.write_bytes((annotated[1] / "video2.MP4").read_bytes())
    assert "already trained" not in invoked(asked)


def test_as_of_thumos_the_other_splits_are_learnt_from_and_found_in_without_what_is_ambiguous(
    asked: list[str], tmp_path: Path
) -> None:
    splits = ["--train-split", "validate", "--split", "train", "--without", "Ambiguous"]
    assert "1 video learnt from" in invoked([*asked, *splits])
    assert (tmp_path / "out/classes.txt").read_text() == "moving\n"
    result = CliRunner().invoke(group, [*asked, "--split", "test"])
    assert result.exit_code == 1
    assert "No video of the split test is there; those that are: train (2), validate (1)" in (
        result.output
    )


def test_videos_that_are_nowhere_are_told(annotated: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match=r"empty has no activitynet\.json: expected a release of"):
        annotations_of(tmp_path / "empty")
    with pytest.raises(FormatError, match="None of the 4 videos"):
        read_annotated(annotated[0], tmp_path / "empty")
