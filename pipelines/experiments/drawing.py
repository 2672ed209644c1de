"""Drawings of a page: accuracy against cost, curves, lines over a quantity. Equal in, equal out."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from pipelines.experiments.estimates import Estimate
from pipelines.experiments.results import Result

_COLOURS = ("#2f6fde", "#b7472a", "#1d8a5b", "#7a4fb5", "#b98500", "#4c5566")
_MARKS = "osD^vP"
_PLAIN = FuncFormatter(lambda value, _: f"{value:,g}")
"""Of scales of powers: numbers, not powers."""


@dataclass(frozen=True)
class Line:
    """Points of a line, with intervals where they have any."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    """Shares in [0, 1]."""
    intervals: Sequence[tuple[float, float]] = ()

    @classmethod
    def of(cls, name: str, points: Iterable[tuple[float, Estimate | None]]) -> "Line":
        """Return a line through estimates; where there is none, nothing is drawn."""
        kept = [(x, one) for x, one in points if one is not None]
        return cls(
            name,
            [x for x, _ in kept],
            [one.mean for _, one in kept],
            [(one.low, one.high) for _, one in kept],
        )


def draw_lines(
    lines: Sequence[Line],
    x: str,
    y: str = "top-1, per cent",
    *,
    is_log: bool = False,
    names: Sequence[str] = (),
) -> bytes:
    """Return lines over a quantity as a PNG; `is_log` spaces it by powers of two, and names each.

    `names` stand in the place of the quantities 0, 1, ...
    """
    figure, axes = _axes(x, y)
    if names:
        axes.set_xticks(range(len(names)), names)
        axes.set_xlim(-0.5, len(names) - 0.5)
    for number, line in enumerate(lines):
        _draw_line(axes, line, number)
    if is_log:
        axes.set_xscale("log", base=2)
        axes.set_xticks(sorted({x for line in lines for x in line.xs}))
        axes.xaxis.set_major_formatter(_PLAIN)
        axes.minorticks_off()
    axes.legend(frameon=False, fontsize=9)
    return _png(figure)


def _draw_line(axes: Axes, line: Line, number: int) -> None:
    colour = _COLOURS[number % len(_COLOURS)]
    ys = [100 * value for value in line.ys]
    if not line.intervals:
        axes.plot(line.xs, ys, color=colour, label=line.name)
        return
    ends = [
        [100 * abs(value - end[side]) for value, end in zip(line.ys, line.intervals, strict=True)]
        for side in (0, 1)
    ]
    mark = _MARKS[number % len(_MARKS)]
    axes.errorbar(line.xs, ys, yerr=ends, fmt=f"-{mark}", color=colour, capsize=2, label=line.name)


def draw_against(results: Iterable[Result], quantity: Callable[[Result], float], x: str) -> bytes:
    """Return top-1 against a quantity of each row, on a scale of powers of ten, as a PNG.

    As arXiv:1812.03982, figure 2, has it of multiply-adds.
    """
    figure, axes = _axes(x, "top-1, per cent")
    measured = [(one, one.top1) for one in results if one.top1 is not None]
    for number, (one, top1) in enumerate(measured, start=1):
        x_value, y = quantity(one), 100 * top1.mean
        ends = [[100 * abs(top1.mean - end)] for end in (top1.low, top1.high)]
        axes.errorbar(
            [x_value],
            [y],
            yerr=ends,
            fmt=_MARKS[number % len(_MARKS)],
            color=_COLOURS[number % len(_COLOURS)],
            elinewidth=1,
            capsize=2,
            label=f"{number}  {one.row}",
        )
        axes.annotate(str(number), (x_value, y), (6, 4), textcoords="offset points", fontsize=9)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(_PLAIN)
    axes.xaxis.set_minor_formatter(_PLAIN)
    axes.margins(x=0.12, y=0.12)
    if axes.get_legend_handles_labels()[1]:  # of no measured row there is nothing to explain
        figure.legend(loc="outside right upper", frameon=False, fontsize=8, labelspacing=0.8)
    return _png(figure)


def _axes(x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(9.0, 4.4), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=x, ylabel=y)
    axes.grid(color="#e4e8ef", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _png(figure: Figure) -> bytes:
    with io.BytesIO() as file:
        FigureCanvasAgg(figure).print_png(file)  # type: ignore[no-untyped-call]
        return file.getvalue()
