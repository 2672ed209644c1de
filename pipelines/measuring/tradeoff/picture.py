"""Accuracy against multiply-adds, as a picture: what SlowFast is compared by (arXiv:1812.03982)."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from pipelines.measuring.tradeoff.points import Point

_COLOURS = ("#2f6fde", "#b7472a", "#1d8a5b", "#7a4fb5", "#b98500", "#4c5566")
_MARKS = "osD^vP"


def draw(points: Sequence[Point], suffix: str) -> bytes:
    """Return the picture as the bytes of a `.png` or an `.svg`; equal points give equal bytes."""
    figure = Figure(figsize=(9.6, 4.6), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    families = list(dict.fromkeys(point.family for point in points))
    for number, point in enumerate(points, start=1):
        _draw_point(axes, number, point, families.index(point.family))
    axes.set_xscale("log")
    axes.margins(x=0.12, y=0.12)
    _name_costs(axes.xaxis, [point.multiply_adds for point in points])
    axes.set(xlabel="multiply-adds of a test, G (a view x views)", ylabel="top-1, per cent")
    axes.grid(color="#e4e8ef", linewidth=0.8)
    axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8, labelspacing=1.0)
    with io.BytesIO() as file:
        if suffix == ".svg":
            with matplotlib.rc_context({"svg.hashsalt": "kbuild"}):
                FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})  # type: ignore[no-untyped-call]
        else:
            FigureCanvasAgg(figure).print_png(file)  # type: ignore[no-untyped-call]
        return file.getvalue()


def _name_costs(axis: Any, costs: Sequence[int]) -> None:
    """Write costs as plain numbers: powers of ten, or what lies between two of them."""
    if max(costs) < 10 * min(costs):
        axis.set_major_locator(MaxNLocator(6))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def _draw_point(axes: Any, number: int, point: Point, family: int) -> None:
    """Draw a run with its interval; its number stands beside it, and in the legend its name."""
    x, y = point.multiply_adds / 1e9, 100 * point.top1
    axes.errorbar(
        [x],
        [y],
        yerr=[[100 * abs(point.top1 - end)] for end in point.interval],
        fmt=_MARKS[family % len(_MARKS)],
        color=_COLOURS[family % len(_COLOURS)],
        elinewidth=1,
        capsize=2,
        label=f"{number}  {point.run}\n    {point.view_multiply_adds / 1e9:.3g} G x "
        f"{point.num_views}, {y:.1f}",
    )
    axes.annotate(str(number), (x, y), (6, 4), textcoords="offset points", fontsize=9)
