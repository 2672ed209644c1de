"""What a detector remembers of a film: places, operators, and runs that can be taken anywhere."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kinetics_builder.errors import ModelError
from models.checkpoints.store import load_network
from models.detection.bank import check_bank
from models.detection.evaluate import Inquiry, ask_checkpoint
from models.detection.remembered import Bank
from models.heads.config import HeadConfig
from models.heads.remembering import RememberingHead
from models.network import build_network
from models.recipes.recipe import Recipe
from models.recipes.registry import default_recipe
from models.spec import NetworkSpec
from models.training.baseline import train_baseline
from models.training.runtime import Runtime

HEAD = HeadConfig(
    kind="remembering",
    dropout=0.0,
    attention_width=6,
    num_attention_layers=2,
    attention_dropout=0.0,
    memory_width=3,
    memory_seconds=4,
    memory_people=2,
    map_stride=8,
)
BOXES = torch.tensor([[0, 8.0, 8, 40, 48], [1, 0, 0, 40, 40], [1, 24, 16, 60, 60]])


def people(*values: float) -> np.ndarray:
    return np.array([[value] * 3 for value in values], np.float32)


def test_a_memory_is_half_before_the_key_frame_and_has_places_for_few_people() -> None:
    seen = {("a", 8): people(1), ("a", 10): people(2, 3, 4), ("a", 12): people(5)}
    bank = Bank({**seen, ("b", 10): people(9)}, HEAD)
    around = bank.around([("a", 10_000_000), ("a", 10_400_000), ("b", 13_000_000)])
    assert around.shape == (3, 8, 3) and around.dtype == np.float32
    assert around[0, :, 0].tolist() == [1, 0, 0, 0, 2, 3, 0, 0]  # seconds 8, 9, 10, 11
    assert np.array_equal(around[1], around[0])
    assert not around[2].any()


def features() -> list[torch.Tensor]:
    return [torch.randn(2, 5, 3, 8, 8, generator=torch.Generator().manual_seed(1))]


def test_attention_adds_nothing_at_first_and_then_of_the_own_film_alone() -> None:
    torch.manual_seed(0)
    head = RememberingHead((5,), 2, HEAD).eval()
    memory = torch.randn(2, 8, 3)
    torch.testing.assert_close(head(features(), BOXES, memory), head(features(), BOXES))
    for layer in head.recall.layers:
        torch.nn.init.normal_(layer.out.weight)
    before = head(features(), BOXES, memory)
    memory[1] += 3
    apart = (head(features(), BOXES, memory) - before).abs().amax(1)
    assert apart[0] == 0 and (apart[1:] > 0).all()


@pytest.mark.parametrize(("recall", "expected"), [("average", (1.0, 0.5)), ("greatest", (4.0, 2))])
def test_pooled_memories_are_those_of_all_places(recall, expected) -> None:
    head = RememberingHead((5,), 1, replace(HEAD, recall=recall))
    memory = torch.zeros(2, 8, 3)
    memory[0, :2], memory[1, :2] = 4.0, 2.0
    recalled = head.recall(torch.zeros(3, 5), memory, torch.tensor([0, 1, 1]))
    assert recalled.tolist() == [[expected[0]] * 3] + [[expected[1]] * 3] * 2
    assert head.projection.in_features == 5 + 3


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    head = RememberingHead((5,), 2, HEAD)
    for layer in head.recall.layers:
        torch.nn.init.normal_(layer.out.weight)
    head(features(), BOXES, torch.randn(2, 8, 3)).logsumexp(1).sum().backward()
    assert [name for name, value in head.named_parameters() if value.grad is None] == []


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    whole = default_recipe("slowfast_tiny_det")
    return replace(whole, num_steps=3, batch_size=4, short_sides=(64, 72))


@pytest.fixture(scope="module")
def home(squares: Path, small: NetworkSpec, recipe: Recipe, tmp_path_factory) -> Path:
    """A plain detector in `plain`, and one that remembers by it in `run`."""
    home = tmp_path_factory.mktemp("bank")
    how, lines = Runtime(device="cpu"), []
    plain = train_baseline(small, squares, home / "plain", recipe, how)
    bank = replace(recipe, bank=str(plain.checkpoint))
    train_baseline(remembering(small), squares, home / "run", bank, how, lines.append)
    looked = [line for line in lines if "looking at" in line]
    assert looked == [
        "small_det: looking at 72 people of the split 'train'",
        "small_det: looking at 36 people of the split 'validate'",
    ]
    return home


def remembering(small: NetworkSpec) -> NetworkSpec:
    width = sum(build_network(small, 1).backbone.feature_widths)
    head = replace(HEAD, memory_width=width, map_stride=small.head.map_stride)
    return replace(small, name="remembering_det", head=head)


def asked(run: Path, squares: Path, out: Path, lines: list[str]) -> str:
    inquiry = Inquiry(split="validate")
    ask_checkpoint(run, squares, out, inquiry, Runtime(device="cpu"), lines.append)
    return (out / "detections.csv").read_text()


def test_a_run_that_remembers_can_be_taken_elsewhere_alone(home, squares, tmp_path) -> None:
    lines: list[str] = []
    there = asked(home / "run", squares, tmp_path / "there", lines)
    assert not any("looking at" in line for line in lines), "it was kept beside the frames"
    shutil.copytree(home / "run", tmp_path / "moved" / "run")
    moved = asked(tmp_path / "moved" / "run", squares, tmp_path / "again", lines)
    assert moved == there
    assert [line for line in lines if "looking at" in line] == [
        "small_det: looking at 36 people of the split 'validate'"
    ]


def test_what_is_remembered_changes_the_answer(home: Path) -> None:
    network = load_network(home / "run").network
    torch.manual_seed(0)
    clip, memory = torch.randn(2, 3, 8, 64, 64), torch.randn(2, 8, network.head.config.memory_width)
    with torch.no_grad():
        assert not torch.equal(network(clip, BOXES, memory), network(clip, BOXES))


def test_banks_that_cannot_be_are_refused(home, small, recipe) -> None:
    wise = remembering(small)
    bank = replace(recipe, bank=str(home / "plain"))
    check_bank(small, recipe)
    check_bank(wise, bank)
    for spec, one, said in (
        (wise, recipe, "name its run by --bank"),
        (small, bank, "leave out --bank"),
        (wise, replace(recipe, bank=str(home / "run")), "whose head is 'remembering'"),
        (
            replace(wise, head=replace(wise.head, memory_width=7)),
            bank,
            "remembers head.memory_width = 7",
        ),
    ):
        with pytest.raises(ModelError, match=said):
            check_bank(spec, one)
