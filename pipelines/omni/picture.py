"""What thresholds keep against how much of it is right, as a picture."""

import io
from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kinetics_builder.curation.keeping import Kept
from pipelines.omni.curves import KindCurve

_COLOURS = ("#2f6fde", "#1d8a5b", "#b7472a")
_MARKED = (0.25, 0.5, 0.75)
"""Thresholds whose places on the curve are named."""


def draw(curves: Sequence[KindCurve]) -> bytes:
    """Return the picture as the bytes of a PNG; kinds of which nothing is known have no curve."""
    figure = Figure(figsize=(6.4, 4.4), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    for curve, colour in zip(curves, _COLOURS, strict=False):
        shares, precisions = _line(curve.every_point)
        name = f"{curve.kind.value} ({curve.num_known:,} judged)"
        axes.plot(shares, precisions, color=colour, label=name)
        for place in curve.points:
            if place.threshold in _MARKED and place.precision is not None:
                spot = 100 * place.share_kept, 100 * place.precision
                axes.plot(*spot, marker="o", color=colour)
                axes.annotate(
                    f"{place.threshold:g}", spot, (4, 4), textcoords="offset points", fontsize=8
                )
    axes.set(xlabel="kept, per cent of all items", ylabel="of those judged, right, per cent")
    axes.set(xlim=(-2, 102), ylim=(-2, 102), title="teacher's score of the query's class, at least")
    axes.legend(frameon=False, loc="lower left")
    with io.BytesIO() as file:
        FigureCanvasAgg(figure).print_png(file)  # type: ignore[no-untyped-call]
        return file.getvalue()


def _line(points: Sequence[Kept]) -> tuple[list[float], list[float]]:
    known = [(one.share_kept, one.precision) for one in points if one.precision is not None]
    return [100 * share for share, _ in known], [100 * precision for _, precision in known]
