"""What a recipe may ask of a step beyond the plain one."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from kinetics_builder.errors import ModelError
from models.checkpoints.store import load_network
from models.recipes.recipe import Recipe
from models.recipes.registry import default_recipe
from models.training import beside, loop
from models.training.baseline import train_baseline
from models.training.log import read_log
from models.training.runtime import Runtime

SHORT = replace(
    default_recipe("i3d_tiny"), num_steps=4, batch_size=4, optimiser="sgd", peak_rate=0.01
)
MULTIGRID = replace(
    SHORT,
    num_steps=20,
    batch_size=4,
    schedule="steps",
    milestones=(0.5,),
    multigrid="both",
    norm_clips=2,
    dropout=0.0,
)
"""Eight steps, of 4 to 64 clips."""
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def frames(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("steps") / "frames"


def trained(
    squares: Path, out: Path, recipe: Recipe, frames: Path, network: str = "i3d_tiny"
) -> dict[str, Tensor]:
    how = Runtime(device="cpu", cache=frames, checkpoint_every=1, log_every=1)
    train_baseline(network, squares, out, recipe, how)
    return load_file(out / WEIGHTS)


def losses(run: Path) -> list[float]:
    return [line["loss"] for line in read_log(run / "log.jsonl") if "loss" in line]


def test_a_step_in_parts_teaches_what_the_whole_does(squares, tmp_path, frames) -> None:
    """Where batch normalisation sees the same groups, and nothing is dropped out."""
    whole = replace(SHORT, norm_clips=2, dropout=0.0)
    one = trained(squares, tmp_path / "one", whole, frames)
    two = trained(squares, tmp_path / "two", replace(whole, clips_at_once=2), frames)
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
    for name, weights in one.items():
        assert torch.allclose(two[name].float(), weights.float(), atol=1e-4), name
    other = trained(squares, tmp_path / "other", replace(whole, norm_clips=0), frames)
    assert any(not torch.allclose(other[name].float(), one[name].float()) for name in one)


@pytest.mark.parametrize("network", ["i3d_tiny", "slowfast_tiny_2x16"])
def test_what_a_thread_computes_beside_is_the_same_to_the_last_bit(
    squares, tmp_path, frames, monkeypatch, network: str
) -> None:
    recipe = replace(SHORT, num_steps=2, clips_at_once=2)
    handed_over = []
    kept = beside.WeightsBeside._submit

    def watched(self, weight, compute) -> None:
        handed_over.append(weight.shape)
        kept(self, weight, compute)

    monkeypatch.setattr(beside, "LEAST_WORK", 0)
    monkeypatch.setattr(beside.WeightsBeside, "_submit", watched)
    monkeypatch.setattr(Runtime, "has_free_core", False)
    alone = trained(squares, tmp_path / "alone", recipe, frames, network)
    assert not handed_over
    monkeypatch.setattr(Runtime, "has_free_core", True)
    both = trained(squares, tmp_path / "both", recipe, frames, network)
    num_layers = sum(weights.ndim == 5 for name, weights in alone.items() if "head" not in name)
    assert len(handed_over) == 2 * 2 * num_layers  # of each part of each step
    assert alone.keys() == both.keys()
    assert all(torch.equal(alone[name], both[name]) for name in alone)


@pytest.mark.long
def test_small_clips_and_large_ones_teach_in_parts_and_on_what_is_decoded_alike(
    squares, tmp_path, frames, monkeypatch
) -> None:
    seen: list[tuple[int, ...]] = []
    kept = loop.normalise

    def watched(frames_BTHWC, normalisation):
        seen.append(tuple(frames_BTHWC.shape[:3]))
        return kept(frames_BTHWC, normalisation)

    monkeypatch.setattr(loop, "normalise", watched)
    one = trained(squares, tmp_path / "one", MULTIGRID, frames)
    assert seen == [
        *((64, 4, 32), (16, 8, 45), (8, 8, 64), (16, 16, 32)),
        *((8, 16, 45), (4, 16, 64), (16, 16, 32), (8, 16, 45)),
    ]
    seen.clear()
    two = trained(squares, tmp_path / "two", replace(MULTIGRID, clips_at_once=2), frames)
    assert seen[:3] == [(32, 4, 32), (32, 4, 32), (8, 8, 45)]  # parts grow as steps do
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-3)
    for name, weights in one.items():
        assert torch.allclose(two[name].float(), weights.float(), atol=1e-2), name
    decoded = Runtime(device="cpu", cache=frames, cache_bytes=0, log_every=1)
    short = replace(MULTIGRID, num_steps=1)
    report = train_baseline("i3d_tiny", squares, tmp_path / "decoded", short, decoded)
    assert report.num_steps == 6 and report.broken == ()


def test_averaged_weights_are_kept_and_the_steps_stay_the_same(squares, tmp_path, frames) -> None:
    plain = trained(squares, tmp_path / "plain", SHORT, frames)
    averaged = trained(squares, tmp_path / "averaged", replace(SHORT, average_decay=0.9), frames)
    assert losses(tmp_path / "averaged") == losses(tmp_path / "plain")
    first = "head.logits.bias"
    assert not torch.equal(averaged[first], plain[first])
    # They lag behind: all move on a line from zero at first.
    assert averaged[first].abs().sum() < plain[first].abs().sum()


@pytest.mark.parametrize("start", [SHORT, MULTIGRID], ids=["even steps", "multigrid"])
def test_a_stopped_average_goes_on(squares, tmp_path, frames, monkeypatch, start) -> None:
    recipe = replace(start, average_decay=0.9, mixup=0.5, class_balance=0.5, precise_norm_clips=8)
    whole = trained(squares, tmp_path / "whole", recipe, frames)
    kept = loop.set_rate

    def failing(optimiser, rate: float) -> None:
        if len(losses(tmp_path / "run")) == 3:
            raise RuntimeError("stopped here")
        kept(optimiser, rate)

    monkeypatch.setattr(loop, "set_rate", failing)
    with pytest.raises(RuntimeError, match="stopped here"):
        trained(squares, tmp_path / "run", recipe, frames)
    monkeypatch.setattr(loop, "set_rate", kept)
    again = trained(squares, tmp_path / "run", recipe, frames)
    assert all(torch.equal(again[name], weights) for name, weights in whole.items())


def test_precise_statistics_change_those_and_no_weight(squares, tmp_path, frames) -> None:
    plain = trained(squares, tmp_path / "plain", SHORT, frames)
    precise = trained(squares, tmp_path / "precise", replace(SHORT, precise_norm_clips=8), frames)
    changed = {name for name in plain if not torch.equal(plain[name], precise[name])}
    statistics = {name for name in plain if "running_" in name or "num_batches" in name}
    assert changed and changed <= statistics


def test_the_memory_learns_at_each_moment(squares, tmp_path, frames) -> None:
    """ConvNet+LSTM in small: its loss is over all frames, its answer that after the last."""
    (tmp_path / "memory.toml").write_text(
        'base = "convnet_lstm"\n[sampling]\ncrop_size = 64\nshort_side = 72\nnum_frames = 3\n'
        "[views]\nnum_frames = 3\n[backbone]\nnum_hidden = 8\n"
    )
    from models.description import find_recipe, find_spec

    name = str(tmp_path / "memory.toml")
    recipe = replace(find_recipe(name), num_steps=1, batch_size=2, short_sides=(72, 72))
    how = Runtime(device="cpu", cache=frames)
    train_baseline(find_spec(name), squares, tmp_path / "run", recipe, how)
    network = load_network(tmp_path / "run").network
    clips = torch.zeros(2, 3, 3, 64, 64)
    assert network.train()(clips).shape[::2] == (2, 3)
    assert network.eval()(clips).ndim == 2


def test_detectors_refuse_what_they_do_not_learn_by() -> None:
    from models.detection.lessons import AvaCourse

    class Data:
        films = ()

    with pytest.raises(ModelError, match=r"mixup = 0\.5: detectors do not learn so"):
        AvaCourse(Data()).check(replace(SHORT, mixup=0.5))  # type: ignore[arg-type]
