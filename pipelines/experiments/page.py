"""An experiment's files: the table as CSV, and one page with all inside."""

import base64
import io
from collections.abc import Iterator

from kinetics_builder.formats.output import csv_line, writing_text
from pipelines.experiments.experiment import Column, Found, Picture
from pipelines.experiments.results import Result
from pipelines.html_page import png_address, write_page


def write_files(found: Found) -> None:
    """Write `table.csv` and `index.html` into an experiment's folder; equal results, equal bytes.

    Raises WorkspaceError where there can be no such page.
    """
    place, table = found.place, csv_of(found)
    place.own.mkdir(parents=True, exist_ok=True)
    with writing_text(place.table) as file:
        file.write(table)
    columns = [*found.experiment.columns, *_COST]
    values = {
        "experiment": found.experiment,
        "directions": found.directions,
        "columns": [heading for heading, _ in columns],
        "rows": [
            (one, one.top1, [said(one, found.table) for _, said in columns])
            for one in found.table.results.values()
        ],
        "pictures": list(_pictures(found)),
        "failed": found.failed,
        "hours": found.seconds / 3600,
        "csv": "data:text/csv;base64," + base64.b64encode(table.encode()).decode(),
    }
    write_page(place.page, "pipelines.experiments", "experiment.html", values)


def _pictures(found: Found) -> Iterator[tuple[Picture, str]]:
    """Yield what is drawn, with its address; of nothing that was measured, nothing."""
    if any(one.top1 for one in found.table.results.values()):
        for picture in found.experiment.draw(found):
            yield picture, png_address(picture.png)


_COST: tuple[Column, ...] = (
    ("M multiply-adds a clip", lambda one, _: f"{one.multiply_adds / 1e6:,.1f}"),
    ("M parameters", lambda one, _: f"{one.num_parameters / 1e6:.3f}"),
    ("steps", lambda one, _: f"{one.num_steps:,}"),
)


def csv_of(found: Found) -> str:
    """Return the table as text: a line a row, shares in [0, 1]."""
    with io.StringIO() as text:
        for cells in _csv_rows(found):
            text.write(csv_line(cells))
        return text.getvalue()


def _csv_rows(found: Found) -> Iterator[list[object]]:
    yield [
        *("row", "top1", "low", "high", "seeds", "clips", "multiply_adds", "parameters", "steps"),
        *(heading for heading, _ in found.experiment.columns),
        "failed",
    ]
    for one in found.table.results.values():
        told = [said(one, found.table) for _, said in found.experiment.columns]
        cost = [one.multiply_adds, one.num_parameters, one.num_steps]
        yield [one.row, *_top1(one), *cost, *told, "; ".join(one.reasons)]


def _top1(one: Result) -> list[object]:
    measured = one.top1
    values = ["", "", ""] if measured is None else [measured.mean, measured.low, measured.high]
    told = [value if isinstance(value, str) else f"{value:.4f}" for value in values]
    return [*told, len(one.answers), one.num_clips]
