"""How much accuracy examples buy: fewer and fewer clips a class to learn from."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.experiments.cells import Cell
from pipelines.experiments.directions import Claim
from pipelines.experiments.drawing import Line, draw_lines
from pipelines.experiments.experiment import Experiment, Found, Picture
from pipelines.experiments.grounds import Ground, Length, setting_of
from pipelines.experiments.worlds import SOURCE_LABELS, TARGET_LABELS, Say, World

if TYPE_CHECKING:
    from models.clips.choice import Choice

NAME = "data-size"
SOURCE, TARGET = "source", "target"
NETWORKS = ("i3d_tiny",)
ALL_NETWORKS = ("i3d_tiny", "slowfast_tiny")
SIZES = (4, 8, 16, 32)
"""Clips a class of drawn releases; all of `--full`."""
_LENGTHS = {SOURCE: Length(num_steps=300), TARGET: Length(num_steps=100)}
_SOURCE_COUNTS = {"train": 32, "test": 20}
_TARGET_COUNTS = {"train": 4, "test": 20}
_THEN = "then the target"
PAPER = "arXiv:2010.10864, arXiv:1705.07750"


def drawn_grounds(worlds: Path, seeds: Sequence[int], say: Say) -> list[Ground]:
    """Draw a source and a target of other classes for each seed."""
    found = []
    for seed in seeds:
        source = World(folder=worlds, labels=SOURCE_LABELS, counts=_SOURCE_COUNTS, seed=seed)
        target = World(folder=worlds, labels=TARGET_LABELS, counts=_TARGET_COUNTS, seed=seed)
        releases = {SOURCE: source.draw(say), TARGET: target.draw(say)}
        found.append(Ground(seed=seed, releases=releases, lengths=_LENGTHS))
    return found


def halves(release: Path, number: int = 5) -> tuple[int, ...]:
    """Return clips a class for an experiment: those of the largest class, and its halves."""
    most = max(_by_label(release).values(), key=len)
    return tuple(sorted({max(1, len(most) >> power) for power in range(number)}))


@dataclass(frozen=True, slots=True)
class _Row:
    """What is learnt of how many clips a class."""

    network: str
    size: int
    goes_on: bool = False
    """Whether the target is learnt then, and measured."""

    def __str__(self) -> str:
        said = f"{self.network}: {self.size} a class"
        return f"{said}, {_THEN}" if self.goes_on else said


def data_size(
    grounds: Sequence[Ground], networks: Sequence[str], sizes: Sequence[int]
) -> Experiment:
    """Return the experiment; of each class the smaller choices lie in the larger ones.

    All sizes are learnt from for as many steps. Where there is a target, each network goes on from
    there, as Full-FT does.
    """
    goes_on = [False, True] if TARGET in grounds[0].releases else [False]
    cells: dict[str, list[Cell]] = {}
    for network in networks:
        for ground in grounds:
            for cell in _cells(network, ground, sizes):
                cells.setdefault(cell.row, []).append(cell)
    ordered = sorted(cells, key=lambda row: row.endswith(_THEN))
    return Experiment(
        name=NAME,
        title="What examples are worth",
        lead="Networks learn from so many clips of each class, for as many steps, and are measured "
        "on the same test"
        + ("; each then learns the target, whose classes are others." if len(goes_on) > 1 else "."),
        setting=setting_of(grounds, networks),
        cells=tuple(cell for row in ordered for cell in cells[row]),
        claims=tuple(_claims(networks, sizes, goes_on)),
        draw=lambda found: _draw(found, networks, sizes, goes_on),
    )


def _cells(network: str, ground: Ground, sizes: Sequence[int]) -> Iterator[Cell]:
    from models.description import find_spec

    spec, release = find_spec(network), ground.releases[SOURCE]
    for size in sizes:
        source = Cell(
            row=str(_Row(network, size)),
            seed=ground.seed,
            spec=spec,
            recipe=ground.recipe(network, SOURCE),
            release=release,
            choice=chosen(release, size, ground.seed),
        )
        yield source
        if TARGET in ground.releases:
            yield Cell(
                row=str(_Row(network, size, goes_on=True)),
                seed=ground.seed,
                spec=spec,
                recipe=ground.recipe(network, TARGET),
                release=ground.releases[TARGET],
                start=source,
            )


def chosen(release: Path, size: int, seed: int) -> "Choice":
    """Return so many clips of each class, or all of those that have fewer, drawn by the seed."""
    from models.clips.choice import ALL, Choice

    by_label = _by_label(release)
    if all(len(files) <= size for files in by_label.values()):
        return ALL
    return Choice(
        frozenset(
            file
            for files in by_label.values()
            for file in sorted(files, key=lambda file: _place(file, seed))[:size]
        )
    )


def _by_label(release: Path) -> dict[str, list[str]]:
    from models.clips.release import read_release

    found: dict[str, list[str]] = {}
    for row in read_release(release).split("train"):
        found.setdefault(row.label, []).append(row.file)
    return found


def _place(file: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}\n{file}".encode()).hexdigest()


def _claims(
    networks: Sequence[str], sizes: Sequence[int], goes_on: Sequence[bool]
) -> Iterator[Claim]:
    few, many = min(sizes), max(sizes)
    for network in networks:
        for on in goes_on:
            what = "the target, after them" if on else "them"
            yield Claim(
                text=f"{network}: {many} clips a class teach no less of {what} than {few}",
                source=PAPER,
                better=str(_Row(network, many, on)),
                worse=str(_Row(network, few, on)),
            )


def _draw(
    found: Found, networks: Sequence[str], sizes: Sequence[int], goes_on: Sequence[bool]
) -> list[Picture]:
    results = found.table.results
    lines = [
        Line.of(
            f"{network}, {'on the target then' if on else 'on the source'}",
            ((size, results[str(_Row(network, size, on))].top1) for size in sizes),
        )
        for network in networks
        for on in goes_on
    ]
    png = draw_lines(lines, "clips a class of the source", is_log=True)
    return [Picture("Top-1 by clips a class", png, "Top-1 of each network over clips a class")]
