"""The statistics of a file as one self-contained HTML page, with pictures."""

from pathlib import Path

from kinetics_builder.ava.statistics import Statistics
from pipelines import html_page
from pipelines.ava.statistics import pictures
from pipelines.ava.statistics.summary import Summary

_MOST_PAIRS = 15
"""Pairs of actions that a table has, of the strongest and of the weakest."""


def write_page(path: Path, summary: Summary, counted: Statistics) -> Path:
    """Write the page to `path` and return it."""
    addressed = html_page.png_address
    sides = {
        "transitions": ("at a key frame", f"{summary.step_seconds:g} s later"),
        "among_persons": ("two persons at once", "two persons at once"),
        "of_one_person": ("one person at once", "one person at once"),
    }
    values = {
        "summary": summary,
        "name": Path(summary.file).name,
        "long_tail": addressed(pictures.long_tail(summary.classes)),
        "crowds": addressed(pictures.crowds(counted, summary)),
        "box_sizes": addressed(pictures.box_sizes(counted)),
        "matrices": {
            name: addressed(pictures.matrix(found, summary.classes, told)) if found.pairs else ""
            for name, told in sides.items()
            for found in (getattr(summary, name),)
        },
        "most": _MOST_PAIRS,
    }
    return html_page.write_page(path, "pipelines.ava.statistics", "statistics.html", values)
