"""The average precision of each class as a picture, the commonest first.

Source: arXiv:1812.03982, figure 3.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NUM_MARKED = 5
LEAST_FOR_A_RATIO = 0.01
"""Of what is gained upon: below it a gain in proportion says nothing."""
_GREATEST, _RELATIVE = "black", "darkorange"
_KEY = "bold: the greatest gains; orange: the greatest in proportion"
_LETTERS_AN_INCH = 10


@dataclass(frozen=True, slots=True)
class Bars:
    """Values by class."""

    name: str
    per_class: dict[str, float]
    """NaN for a class without truth, which is left out."""
    examples: dict[str, int]
    """How many boxes do it: their order."""

    def in_order(self) -> list[str]:
        """Return the classes that have a value, the commonest first."""
        known = [name for name, value in self.per_class.items() if not math.isnan(value)]
        return sorted(known, key=lambda name: (-self.examples.get(name, 0), name))


def greatest_gains(
    values: dict[str, float], before: dict[str, float], count: int = NUM_MARKED
) -> tuple[list[str], list[str]]:
    """Return the classes that gained most: in all, and in proportion to what they had.

    Only what gained at all is named; in proportion only what had `LEAST_FOR_A_RATIO` before.

    >>> greatest_gains({"a": 0.5, "b": 0.2, "c": 0.1}, {"a": 0.3, "b": 0.05, "c": 0.4}, 1)
    (['a'], ['b'])
    """
    gains = {
        name: value - before[name]
        for name, value in values.items()
        if name in before and value > before[name]
    }
    ratios = {
        name: values[name] / before[name] for name in gains if before[name] > LEAST_FOR_A_RATIO
    }
    return _best(gains, count), _best(ratios, count)


def _best(scores: dict[str, float], count: int) -> list[str]:
    return sorted(scores, key=lambda name: (-scores[name], name))[:count]


Other = tuple[str, dict[str, float]]
"""Another one's name and values by class."""


def draw_bars(path: Path, bars: Bars, against: Other | None = None) -> None:
    """Write a PNG of `bars_figure`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from models.checkpoints.files import write_whole

    canvas = FigureCanvasAgg(bars_figure(bars, against))
    write_whole(path, lambda part: canvas.print_png(str(part)))  # type: ignore[no-untyped-call]


def bars_figure(bars: Bars, against: Other | None = None) -> "Figure":
    """Return the picture; values of `against` are drawn behind.

    The greatest gains over it are named in bold, those in proportion in orange; which are both, in
    both.
    """
    from matplotlib.figure import Figure

    names = bars.in_order()
    figure = Figure(figsize=(max(6.0, 2.0 + 0.24 * len(names)), 6.5), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    if against is not None:
        other, before = against
        values = [before.get(name, math.nan) for name in names]
        label = _shortened(other, figure.get_figwidth())
        axes.bar(range(len(names)), values, width=0.85, color="lightgrey", label=label)
    values = [bars.per_class[name] for name in names]
    width = 0.85 if against is None else 0.45
    label = _shortened(bars.name, figure.get_figwidth())
    axes.bar(range(len(names)), values, width=width, color="steelblue", label=label)
    axes.set(ylabel="average precision", ylim=(0, 1))
    axes.margins(x=0.01)
    counted = [f"{name} ({bars.examples.get(name, 0):,})" for name in names]
    axes.set_xticks(range(len(names)), counted, rotation=60, ha="right", rotation_mode="anchor")
    if against is not None:
        _mark(axes, names, *greatest_gains(bars.per_class, against[1]))
        axes.set_title(_KEY, fontsize="medium", loc="left")
        figure.legend(loc="outside upper right", ncols=1)
    return figure


def _shortened(name: str, inches: float) -> str:
    """Return the name's end, where all of it would not fit beside the others."""
    most = int(inches * _LETTERS_AN_INCH)
    return name if len(name) <= most else f"\u2026{name[1 - most :]}"


def _mark(axes: Any, names: list[str], in_all: list[str], in_proportion: list[str]) -> None:
    for name, tick in zip(names, axes.get_xticklabels(), strict=True):
        if name in in_all or name in in_proportion:
            tick.set_fontweight("bold" if name in in_all else "normal")
            tick.set_color(_RELATIVE if name in in_proportion else _GREATEST)
