"""What a survey gives as files: tables, a list of classes to collect, a picture."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kinetics_builder.formats.output import csv_line, writing_bytes, writing_text
from kinetics_builder.text.foreign import one_line
from pipelines.availability.standing import Stood
from pipelines.availability.surveyed import SurveyReport
from pipelines.restoring.outcomes import Outcome

GONE, CLASSES, OVER_TIME = "gone.csv", "classes.csv", "over_time.csv"
TOP_UP, TO_COLLECT, PICTURE = "top_up.csv", "to_collect.txt", "survey.png"
_GONE = ("video_id", "time_start", "time_end", "label", "split", "outcome", "reason")


def write_files(folder: Path, report: SurveyReport, rows: Iterable[Stood]) -> None:
    """Write a survey's files into a folder, each whole or not at all."""
    from pipelines.availability.picture import draw

    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / GONE, _gone(rows))
    _write(folder / CLASSES, _classes(report))
    _write(folder / OVER_TIME, _over_time(report))
    if report.minimum:
        _write(folder / TOP_UP, _top_up(report))
        with writing_text(folder / TO_COLLECT) as file:
            file.writelines(f"{one.label}\n" for one in report.top_up if one.num_to_collect)
    with writing_bytes(folder / PICTURE) as picture:
        picture.write(draw(report))


def _write(path: Path, rows: Iterable[Iterable[object]]) -> None:
    with writing_text(path) as file:
        for row in rows:
            file.write(csv_line(row))


def _gone(rows: Iterable[Stood]) -> Iterator[Iterable[object]]:
    yield _GONE
    for row, outcome, said in rows:
        if outcome is not Outcome.THERE:
            start, end = row.stretch or (row.moment, None)
            yield row.named, start, end, row.label, row.split, outcome.value, one_line(said)


def _classes(report: SurveyReport) -> Iterator[Iterable[object]]:
    words = list(report.outcomes)
    yield "label", "rows", *words
    for label, found in report.by_class.items():
        yield label, sum(found.values()), *(found.get(word, 0) for word in words)


def _over_time(report: SurveyReport) -> Iterator[Iterable[object]]:
    yield "label", *(f"{past.begun_on} ({past.number})" for past in report.history)
    yield "(all)", *(past.num_there for past in report.history)
    for label in report.by_class:
        yield label, *(past.there_by_class.get(label) for past in report.history)


def _top_up(report: SurveyReport) -> Iterator[Iterable[object]]:
    yield "label", "rows", "there", "short", "accepted_here", "to_collect"
    for one in report.top_up:
        counts = one.num_rows, one.num_there, one.num_short, one.num_accepted
        yield one.label, *counts, one.num_to_collect
