"""A detector's run is a function of its data and recipe, whatever happens on the way."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kinetics_builder.errors import ModelError
from models.checkpoints.store import load_network
from models.recipes.recipe import Recipe
from models.recipes.registry import default_recipe
from models.spec import NetworkSpec
from models.training.baseline import train_baseline
from models.training.following import Follower
from models.training.report import TrainReport
from models.training.runtime import Runtime


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    whole = default_recipe("slowfast_tiny_det")
    return replace(whole, num_steps=4, batch_size=4, short_sides=(64, 72))


@pytest.fixture(scope="module")
def finished(squares: Path, small: NetworkSpec, recipe: Recipe, tmp_path_factory) -> TrainReport:
    """A run that nothing happened to, its frames out of a cache."""
    out = tmp_path_factory.mktemp("finished") / "run"
    return train_baseline(small, squares, out, recipe, Runtime(device="cpu"))


def check_equal(report: TrainReport, other: TrainReport) -> None:
    ours, theirs = (load_network(one.checkpoint).network.state_dict() for one in (report, other))
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        assert torch.equal(value, theirs[key]), key


@pytest.mark.long
def test_a_killed_run_ends_with_the_same_weights(
    finished, squares, small, recipe, tmp_path, monkeypatch
) -> None:
    how = Runtime(device="cpu", checkpoint_every=1, cache=finished.checkpoint.parents[1] / "frames")
    after_step = Follower.after_step

    def killed(self: Follower, tally, rate):
        tally = after_step(self, tally, rate)
        if self.state.step == 2:
            raise RuntimeError("killed")
        return tally

    monkeypatch.setattr(Follower, "after_step", killed)
    with pytest.raises(RuntimeError, match="killed"):
        train_baseline(small, squares, tmp_path / "run", recipe, how)
    monkeypatch.undo()
    lines: list[str] = []
    report = train_baseline(small, squares, tmp_path / "run", recipe, how, lines.append)
    assert "small_det: going on from step 2" in lines
    check_equal(report, finished)


@pytest.mark.long
def test_frames_decoded_at_each_step_by_another_process_teach_the_same(
    finished, squares, small, recipe, tmp_path
) -> None:
    how = Runtime(device="cpu", cache_bytes=0, num_workers=1)
    check_equal(train_baseline(small, squares, tmp_path / "run", recipe, how), finished)
    assert not list(tmp_path.glob("frames/*.u8"))


def test_films_that_are_missing_or_broken_are_left_out_and_listed(
    squares, small, recipe, make_folder, tmp_path
) -> None:
    folder = make_folder(tmp_path / "ava", train=3, val=1)
    (folder / "videos" / "train0.mp4").unlink()
    (folder / "videos" / "train1.mp4").write_bytes(b"no film")
    out = tmp_path / "run"
    report = train_baseline(small, folder, out, replace(recipe, num_steps=1), Runtime(device="cpu"))
    assert report.num_train == 9 and report.num_validate == 9
    reasons = {clip.file: clip.reason for clip in report.broken}
    assert len(reasons) == 18
    assert reasons["train0 at 2 s"] == "there is no film 'train0'"
    assert "videos/train1.mp4" in reasons["train1 at 2 s"]
    assert dict(load_network(out).card.broken) == reasons
    (folder / "videos" / "train2.mp4").unlink()
    with pytest.raises(ModelError, match="none of the 27 key frames of the split 'train' can be"):
        train_baseline(small, folder, tmp_path / "none", recipe, Runtime(device="cpu"))
