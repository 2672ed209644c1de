"""What of a released file is there, as a picture: over time, by class, and what became of the rest.

As the table of arXiv:2010.10864 has classes by average and least number of clips.
"""

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pipelines.availability.surveyed import SurveyReport
from pipelines.restoring.outcomes import Outcome

_THERE, _GONE, _WANTED, _LEAST = "#2f6fde", "#b9c1cf", "#b7472a", "#1d8a5b"


def draw(report: SurveyReport) -> bytes:
    """Return the picture of a survey as the bytes of a PNG."""
    figure = Figure(figsize=(12, 3.6), dpi=110, layout="constrained")
    over_time, by_class, rest = figure.subplots(1, 3)
    _draw_over_time(over_time, report)
    _draw_by_class(by_class, report)
    _draw_rest(rest, report)
    with io.BytesIO() as file:
        FigureCanvasAgg(figure).print_png(file)  # type: ignore[no-untyped-call]
        return file.getvalue()


def _draw_over_time(axes: Any, report: SurveyReport) -> None:
    """Draw the share of all rows that was there at each survey, and that of the worst class."""
    past = report.history
    places = range(len(past))
    shares = [100 * one.num_there / max(1, one.num_rows) for one in past]
    axes.plot(places, shares, marker="o", color=_THERE, label="all rows")
    axes.plot(places, _least_shares(report), marker="o", color=_LEAST, label="worst class")
    axes.set_xticks(places, [one.begun_on for one in past], rotation=30, ha="right", fontsize=8)
    axes.set(ylim=(0, 103), ylabel="still there, per cent", title="surveys")
    axes.margins(x=0.1)
    axes.legend(frameon=False, loc="lower left")


def _least_shares(report: SurveyReport) -> list[float]:
    sizes = {label: sum(found.values()) for label, found in report.by_class.items()}
    return [
        min((100 * one.there_by_class.get(k, 0) / n for k, n in sizes.items()), default=0.0)
        for one in report.history
    ]


def _draw_by_class(axes: Any, report: SurveyReport) -> None:
    """Draw rows as released and rows still there, those classes first that have most."""
    classes = sorted(
        (
            (found.get(Outcome.THERE.value, 0), sum(found.values()))
            for found in report.by_class.values()
        ),
        reverse=True,
    )
    places = range(len(classes))
    axes.bar(places, [number for _, number in classes], width=1.0, color=_GONE, label="released")
    axes.bar(places, [there for there, _ in classes], width=1.0, color=_THERE, label="there")
    if report.minimum:
        axes.axhline(report.minimum, color=_WANTED, linewidth=1, label=f"wanted: {report.minimum}")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set(xlabel="classes, by what is there", ylabel="rows", title="classes")
    axes.set_ylim(0, 1.3 * max((number for _, number in classes), default=1))
    axes.legend(frameon=False, loc="upper right", ncols=3, fontsize=8, columnspacing=1.0)


def _draw_rest(axes: Any, report: SurveyReport) -> None:
    """Draw what has become of the rows whose videos are not there."""
    lost = [(word, n) for word, n in report.outcomes.items() if word != Outcome.THERE.value]
    lost.sort(key=lambda pair: pair[1])
    bars = axes.barh([word for word, _ in lost], [number for _, number in lost], color=_WANTED)
    axes.bar_label(bars, [f"{number:,}" for _, number in lost], padding=3, fontsize=8)
    axes.set(xlabel="rows", title="what became of the rest")
    axes.margins(x=0.18)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
