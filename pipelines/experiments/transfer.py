"""Does what was learnt elsewhere help? Original, Fixed and Full-FT (arXiv:1705.07750, table 4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.experiments.cells import Cell
from pipelines.experiments.directions import Claim
from pipelines.experiments.drawing import Line, draw_lines
from pipelines.experiments.experiment import Experiment, Found, Picture
from pipelines.experiments.grounds import Ground, Length, setting_of
from pipelines.experiments.results import Result, Sum, Table
from pipelines.experiments.worlds import SOURCE_LABELS, TARGET_LABELS, Say, World, with_flow

NAME = "transfer"
SOURCE, TARGET = "source", "target"
ORIGINAL, FIXED, FULL = "Original", "Fixed", "Full-FT"
WAYS = (ORIGINAL, FIXED, FULL)
PAPER = "arXiv:1705.07750, table 4"
NETWORKS = ("i3d_tiny", "i3d_flow_tiny")
ALL_NETWORKS = (*NETWORKS, "slowfast_tiny")
"""Of `--full` on drawn releases."""
_LENGTHS = {SOURCE: Length(num_steps=300), TARGET: Length(num_steps=150)}
_SOURCE_COUNTS = {"train": 20, "test": 1}
_TARGET_COUNTS = {"train": 4, "test": 16}


def drawn_grounds(
    worlds: Path, networks: Sequence[str], seeds: Sequence[int], say: Say
) -> list[Ground]:
    """Draw a source and a target for each seed: other classes, and of the target few examples."""
    return [_drawn(worlds, networks, seed, say) for seed in seeds]


def _drawn(folder: Path, networks: Sequence[str], seed: int, say: Say) -> Ground:
    source = World(folder=folder, labels=SOURCE_LABELS, counts=_SOURCE_COUNTS, seed=seed)
    target = World(folder=folder, labels=TARGET_LABELS, counts=_TARGET_COUNTS, seed=seed)
    releases = {SOURCE: source.draw(say), TARGET: target.draw(say)}
    for release in releases.values():
        with_flow(release, networks)
    return Ground(seed=seed, releases=releases, lengths=_LENGTHS, pairs=target.pairs)


def given_grounds(
    releases: Mapping[str, Path], lengths: Mapping[str, Length], seeds: Sequence[int]
) -> list[Ground]:
    """Return the same releases for each seed, which draws other first weights and orders."""
    return [Ground(seed=seed, releases=releases, lengths=lengths) for seed in seeds]


def transfer(grounds: Sequence[Ground], networks: Sequence[str]) -> Experiment:
    """Return the experiment: each network three ways, and sums of two streams.

    All three ways have one recipe: they differ in where they start, and in what learns.
    """
    cells = tuple(cell for name in networks for ground in grounds for cell in _cells(name, ground))
    streams = list(stream_pairs(networks))
    return Experiment(
        name=NAME,
        title="What learning elsewhere is worth",
        lead="Each network learns the target in three ways: alone (Original); its head alone, on "
        "what a trunk says that has learnt the source (Fixed); and all of it, from that trunk on "
        "(Full-FT).",
        setting=setting_of(grounds, networks),
        cells=cells,
        sums=tuple(
            Sum(_row(f"{rgb} + {flow}", way), _row(rgb, way), _row(flow, way))
            for rgb, flow in streams
            for way in WAYS
        ),
        claims=(*_claims(networks), *_claims_of_sums(streams)),
        columns=(("change of error", _change),),
        draw=_draw,
    )


def _row(network: str, way: str) -> str:
    return f"{network}: {way}"


def _cells(network: str, ground: Ground) -> Iterator[Cell]:
    from models.description import find_spec

    spec = find_spec(network)
    source = Cell(
        row=f"{network}: learning the source",
        seed=ground.seed,
        spec=spec,
        recipe=ground.recipe(network, SOURCE),
        release=ground.releases[SOURCE],
    )
    recipe = ground.recipe(network, TARGET)
    for way in WAYS:
        yield Cell(
            row=_row(network, way),
            seed=ground.seed,
            spec=spec,
            recipe=replace(recipe, fixed_trunk=way == FIXED),
            release=ground.releases[TARGET],
            start=None if way == ORIGINAL else source,
            pairs=ground.pairs,
        )


def stream_pairs(networks: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield networks of pictures with those of flow that are named as they are.

    >>> list(stream_pairs(["i3d_rgb", "i3d_flow", "slowfast_tiny"]))
    [('i3d_rgb', 'i3d_flow')]
    """
    by_name = {name.replace("_rgb", ""): name for name in networks if "flow" not in name}
    for name in networks:
        if "_flow" in name and (rgb := by_name.get(name.replace("_flow", ""))):
            yield rgb, name


def _claims(networks: Sequence[str]) -> Iterator[Claim]:
    for network in networks:
        for better, worse in ((FULL, FIXED), (FIXED, ORIGINAL)):
            yield Claim(
                text=f"{network}: {better} >= {worse}",
                source=PAPER,
                better=_row(network, better),
                worse=_row(network, worse),
            )


def _claims_of_sums(streams: Sequence[tuple[str, str]]) -> Iterator[Claim]:
    for rgb, flow in streams:
        for one in (rgb, flow):
            yield Claim(
                text=f"two streams >= {one} alone, {FULL}",
                source="arXiv:1406.2199, arXiv:1705.07750, table 4",
                better=_row(f"{rgb} + {flow}", FULL),
                worse=_row(one, FULL),
            )


def _change(one: Result, table: Table) -> str:
    """Return by what share Full-FT has changed the error of Original."""
    network, _, way = one.row.rpartition(": ")
    original = table.results.get(_row(network, ORIGINAL))
    if way != FULL or original is None or one.top1 is None or original.top1 is None:
        return ""
    before, after = 1 - original.top1.mean, 1 - one.top1.mean
    return f"{100 * (after - before) / before:+.0f} %" if before else ""


def _draw(found: Found) -> list[Picture]:
    results = found.table.results
    networks = list(dict.fromkeys(row.rpartition(": ")[0] for row in results))
    lines = [
        Line.of(name, ((n, results[_row(name, way)].top1) for n, way in enumerate(WAYS)))
        for name in networks
    ]
    png = draw_lines(lines, "how the target is learnt", names=WAYS)
    what = "Top-1 of each network, learnt in three ways"
    return [Picture("Top-1 on the target, by what was learnt before", png, what)]
