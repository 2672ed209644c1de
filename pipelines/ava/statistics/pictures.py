"""The statistics of a file as pictures, each the bytes of a PNG.

Shapes, as name suffixes: K actions.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import ScalarFormatter

from kinetics_builder.ava.statistics import Statistics
from pipelines.ava.statistics.summary import Association, ClassRow, Summary

_COLOURS = {"pose": "#2f6fde", "object": "#b7862a", "person": "#1d8a5b", "unknown": "#8a93a3"}
_MOST_CLASSES = 100
"""More bars beside one another cannot be read; the others are told by their number."""
_MOST_IN_MATRIX = 40
_LONGEST_NAME = 28


def long_tail(classes: Sequence[ClassRow]) -> bytes:
    """Draw how often each action stands there, on a logarithmic scale, coloured by its type."""
    seen = [row for row in classes if row.rows]
    drawn = seen[:_MOST_CLASSES]
    figure, axes = _axes(width=min(max(6.0, 2 + 0.17 * len(drawn)), 12), height=5.2)
    colours = [_COLOURS[row.type] for row in drawn]
    axes.bar(range(len(drawn)), [row.rows for row in drawn], color=colours, width=0.8)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.set_ylabel("rows")
    axes.set_xlim(-0.8, len(drawn) - 0.2)
    axes.set_xticks(range(len(drawn)), [_short(row.name) for row in drawn], rotation=90, fontsize=8)
    if len(seen) > len(drawn):
        axes.set_xlabel(f"and {len(seen) - len(drawn):,} more, each with fewer rows")
    kinds = [
        Patch(color=_COLOURS[kind], label=kind) for kind in dict.fromkeys(r.type for r in drawn)
    ]
    axes.legend(handles=kinds, frameon=False)
    return _png(figure)


def box_sizes(counted: Statistics) -> bytes:
    """Draw how wide, high and large the boxes are, as shares of the frame."""
    width_B, height_B = (counted.corners_B4[:, 2:] - counted.corners_B4[:, :2]).T
    figure = _figure(width=11, height=3)
    for place, (name, values_B) in enumerate(
        {"width": width_B, "height": height_B, "area": width_B * height_B}.items(), 1
    ):
        axes = figure.add_subplot(1, 3, place)
        axes.hist(np.clip(values_B, 0, 1), bins=40, range=(0, 1), color=_COLOURS["pose"])
        axes.set(xlabel=f"{name}, share of the frame's", ylabel="boxes" if place == 1 else "")
    return _png(figure)


def crowds(counted: Statistics, summary: Summary) -> bytes:
    """Draw how many labels a box has, boxes a key frame, and key frames a person."""
    figure = _figure(width=11, height=3)
    for place, (found, name, of) in enumerate(
        (
            (summary.labels_a_box, "labels of a box", "boxes"),
            (summary.boxes_a_key_frame, "boxes of a key frame", "key frames"),
        ),
        1,
    ):
        axes = figure.add_subplot(1, 3, place)
        axes.bar(list(map(int, found.counts)), list(found.counts.values()), color=_COLOURS["pose"])
        axes.set(xlabel=name, ylabel=of)
        axes.xaxis.get_major_locator().set_params(integer=True)
    axes = figure.add_subplot(1, 3, 3)
    if len(counted.moments_of_persons):
        longest = max(2, int(counted.moments_of_persons.max()))
        edges = np.unique(np.geomspace(1, longest + 1, 30).round())
        axes.hist(counted.moments_of_persons, bins=edges.tolist(), color=_COLOURS["pose"])
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set(xlabel="key frames of a person", ylabel="persons")
    return _png(figure)


def matrix(found: Association, classes: Sequence[ClassRow], sides: tuple[str, str]) -> bytes:
    """Draw the NPMI of each pair of the most frequent actions; blank: not enough to tell.

    `sides` names what the first and the second action are of; the same, where they may change.
    """
    paired = {number for pair in found.pairs for number in (pair.first, pair.second)}
    drawn = [row for row in classes if row.id in paired][:_MOST_IN_MATRIX]
    places = {row.id: place for place, row in enumerate(drawn)}
    npmi_KK = np.full((len(drawn), len(drawn)), np.nan)
    for pair in found.pairs:
        if pair.first in places and pair.second in places:
            npmi_KK[places[pair.first], places[pair.second]] = pair.npmi
            if sides[0] == sides[1]:
                npmi_KK[places[pair.second], places[pair.first]] = pair.npmi
    size = 3.6 + 0.19 * len(drawn)
    figure, axes = _axes(width=size + 0.8, height=size)
    scale = TwoSlopeNorm(vmin=-1, vcenter=0, vmax=1)
    image = axes.imshow(npmi_KK, cmap="RdBu", norm=scale)
    names = [_short(row.name) for row in drawn]
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set(ylabel=sides[0], xlabel=sides[1])
    figure.colorbar(image, shrink=0.6, label="NPMI")
    return _png(figure)


def _short(name: str) -> str:
    # A dollar sign would begin a formula.
    text = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return text.replace("$", r"\$")


def _figure(*, width: float, height: float) -> Any:
    return Figure(figsize=(width, height), dpi=110, layout="constrained")


def _axes(*, width: float, height: float) -> tuple[Any, Any]:
    figure = _figure(width=width, height=height)
    return figure, figure.add_subplot()


def _png(figure: Any) -> bytes:
    with io.BytesIO() as file:
        FigureCanvasAgg(figure).print_png(file)  # type: ignore[no-untyped-call]
        return file.getvalue()
