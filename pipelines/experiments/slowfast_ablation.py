"""What each part of a SlowFast network does, and costs (arXiv:1812.03982, tables 5a to 5c)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.demo.labels import NAMES
from pipelines.experiments.cells import Cell
from pipelines.experiments.directions import Claim
from pipelines.experiments.drawing import Line, draw_against, draw_lines
from pipelines.experiments.experiment import Experiment, Found, Picture
from pipelines.experiments.grounds import Ground, Length, setting_of
from pipelines.experiments.worlds import Say, World

if TYPE_CHECKING:
    from models.recipes.recipe import Recipe
    from models.spec import NetworkSpec

NAME = "slowfast-ablation"
NETWORK = "slowfast_tiny"
RELEASE = "release"
PAPER = "arXiv:1812.03982"
CURVE_POINTS = 10
LEAST_GAIN = 0.20
"""Of a network that sees time, over averaged frames, where only time tells."""
MOST_LOST = 0.03
"""What half of the Fast pathway's width may cost; the paper's 1/8 to 1/16 costs 0.005."""
_LENGTHS = {RELEASE: Length(num_steps=600)}
_COUNTS = {"train": 25, "validate": 3, "test": 12}


def drawn_grounds(worlds: Path, seeds: Sequence[int], say: Say) -> list[Ground]:
    """Draw a release of all of the demo's classes for each seed."""
    found = []
    for seed in seeds:
        world = World(folder=worlds, labels=NAMES, counts=_COUNTS, seed=seed)
        releases = {RELEASE: world.draw(say)}
        found.append(Ground(seed=seed, releases=releases, lengths=_LENGTHS, pairs=world.pairs))
    return found


def slowfast_ablation(grounds: Sequence[Ground], network: str, *, is_full: bool) -> Experiment:
    """Return the experiment: the network beside what it is taken apart into.

    All learn by the network's recipe, as many steps from as many clips.

    Raises:
        ModelError: It is no SlowFast network of clips.

    """
    from models.description import find_spec
    from models.zoo.ablations import SLOWFAST, all_variants, few_variants

    variants = (all_variants if is_full else few_variants)(find_spec(network))
    cells = [
        _cell(row, ground, spec, ground.recipe(network, RELEASE))
        for row, spec in variants.items()
        for ground in grounds
    ]
    if is_full:
        cells += [_halved(cell) for cell in cells if cell.row == SLOWFAST]
    only_time = frozenset(label for pair in grounds[0].pairs for label in pair)
    cheap = cheap_enough(variants)
    return Experiment(
        name=NAME,
        title="What each part of SlowFast does",
        lead=f"{network} beside its pathways alone, and with parts of it otherwise. All learn by "
        "one recipe, as many steps from the same clips.",
        setting=setting_of(grounds, [network]),
        cells=tuple(cells),
        claims=tuple(_claims(only_time, cheap)),
        columns=(("where only time tells, %", lambda one, _: _points(one.top1_of(only_time))),)
        if only_time
        else (),
        draw=_draw,
        num_curve_points=CURVE_POINTS,
    )


def _cell(row: str, ground: Ground, spec: "NetworkSpec", recipe: "Recipe") -> Cell:
    return Cell(
        row=row,
        seed=ground.seed,
        spec=spec,
        recipe=recipe,
        release=ground.releases[RELEASE],
        pairs=ground.pairs,
    )


def _halved(cell: Cell) -> Cell:
    """Return the same network with half of its recipe's steps."""
    recipe = replace(cell.recipe, num_steps=max(1, cell.recipe.num_steps // 2))
    return replace(cell, row=f"{cell.row}, half of the steps", recipe=recipe)


def _points(top1: object) -> str:
    return "" if top1 is None else str(top1)


def cheap_enough(variants: Mapping[str, "NetworkSpec"]) -> str:
    """Return which SlowFast is cheaper than Slow-only of all frames: itself, or the thin one.

    Small networks with a wide Fast pathway are not.
    """
    from models.counting import count_view
    from models.zoo.ablations import SLOW_ALL, SLOWFAST, THIN

    most = count_view(variants[SLOW_ALL]).multiply_adds
    is_cheap = count_view(variants[SLOWFAST]).multiply_adds < most
    return SLOWFAST if is_cheap else THIN


def _claims(only_time: frozenset[str], cheap: str) -> Iterator[Claim]:
    from models.zoo import ablations

    if only_time:
        yield Claim(
            text="SlowFast beats averaged frames where only time tells",
            source="arXiv:1705.07750, table 2, made sharp",
            better=ablations.SLOWFAST,
            worse=ablations.AVERAGED,
            least=LEAST_GAIN,
            labels=only_time,
        )
    yield Claim(
        text="SlowFast >= Slow-only",
        source=f"{PAPER}, table 5a",
        better=ablations.SLOWFAST,
        worse=ablations.SLOW,
    )
    yield Claim(
        text=f"{cheap} >= Slow-only of all frames, at lower cost",
        source=f"{PAPER}, figure 2",
        better=cheap,
        worse=ablations.SLOW_ALL,
        is_cheaper=True,
    )
    yield Claim(
        text="a Fast pathway of half the width costs little",
        source=f"{PAPER}, table 5b",
        better=ablations.THIN,
        worse=ablations.SLOWFAST,
        least=-MOST_LOST,
    )


def _draw(found: Found) -> Iterator[Picture]:
    results = found.table.results
    yield Picture(
        "Accuracy against what a test of one clip computes",
        draw_against(
            results.values(),
            lambda one: one.multiply_adds / 1e6,
            "multiply-adds of a test of one clip, M",
        ),
        "Top-1 of each network against its multiply-adds",
    )
    if lines := list(_curves(found)):
        yield Picture(
            "How Slow-only and SlowFast learn, first seed",
            draw_lines(lines, "step", "accuracy, per cent"),
            "Accuracy on what is learnt, and on the split validate, over the steps",
        )


def _curves(found: Found) -> Iterator[Line]:
    """Yield what the logs of the first seed tell of two networks."""
    from models.training.log import read_log
    from models.zoo.ablations import SLOW, SLOWFAST

    for row in (SLOW, SLOWFAST):
        cell = next(cell for cell in found.experiment.cells if cell.row == row)
        log = read_log(cell.folder(found.place.runs) / "log.jsonl")
        for key, what in (("accuracy", "learning"), ("top1", "validate")):
            lines = [line for line in log if key in line]
            if lines:
                xs = [line["step"] for line in lines]
                yield Line(f"{row}, {what}", xs, _smooth([line[key] for line in lines], key))


def _smooth(values: Sequence[float], key: str, length: int = 5) -> list[float]:
    """Return the running means of what was learnt from, which jumps from batch to batch."""
    if key != "accuracy":
        return list(values)
    return [
        sum(part) / len(part)
        for part in (values[max(0, n - length + 1) : n + 1] for n in range(len(values)))
    ]
