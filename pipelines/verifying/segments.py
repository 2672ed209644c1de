"""Verb `crowd segments`: marks of a file, or of the page -> segments that people agree on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.segments.agreeing import Agreement, Mark, Segment, agree
from kinetics_builder.crowd.segments.deciding import KIND, read_marked
from kinetics_builder.database.tables import (
    Label,
    TakenVideo,
    Timeline,
    TimelineAnswer,
    Video,
    WorkerStanding,
)
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.checks import stretch
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.registry import find_format
from kinetics_builder.intervals import Interval

COLUMNS = ("worker", "video", "label", "start", "end")
TRUTH_COLUMNS = COLUMNS[1:]
"""Of a file that says how it is."""
_ANSWERS = (
    select(TimelineAnswer.id, TimelineAnswer.worker_id, Video.video_id, Label.name)
    .join(Timeline, Timeline.id == TimelineAnswer.timeline_id)
    .join(Video, Video.id == Timeline.video_id)
    .join(Label, Label.id == Timeline.label_id)
    .outerjoin(WorkerStanding, WorkerStanding.of(KIND, TimelineAnswer.worker_id))
    .where(TimelineAnswer.stands(), ~TimelineAnswer.is_unsure)
    .where(TakenVideo.spares(Timeline.video_id), WorkerStanding.is_warned.is_not(True))
    .order_by(TimelineAnswer.id)
)
_OUT = (
    *("video", "label", "start", "end", "workers", "asked", "agreed"),
    *("overlap", "start_spread", "end_spread"),
)

Question = tuple[str, str]
"""A video and a class."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What a file says."""

    marks: dict[Question, list[Mark]] = field(default_factory=dict)
    asked: dict[Question, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Workers by what they looked for, those who found nothing too."""


@dataclass(frozen=True, slots=True)
class SegmentsReport:
    """What came of the marks; the command prints it."""

    num_marks: int
    num_workers: int
    num_questions: int
    """Videos with a class each."""
    num_agreed: int
    num_left: int
    """Segments that too few have marked."""
    num_marks_in_agreed: int
    overlap: float | None
    """Mean over agreed segments of the mean intersection over union of two marks."""
    start_spread: float | None
    """Median over agreed segments, in seconds."""
    end_spread: float | None


def read_marks(path: Path, encoding: str | None = None, columns: Sequence[str] = COLUMNS) -> Marked:
    """Return the marks of a CSV file: worker, video, label, start and end, in any order.

    Times are seconds from the start of the video. A row without both says that the worker looked
    for the class and found it nowhere; `unsure` (1) and `counts` (0), where there are such columns,
    that the answer tells nothing.

    Raises:
        FormatError: Other columns, a bad row, or no row at all; with its line.

    """
    found, problems = Marked(), Problems(path)
    header, rows = table(path, columns, problems, encoding=encoding)
    for cells in rows:
        row = dict(zip(header, cells, strict=True))
        try:
            _take(found, row if "worker" in columns else {**row, "worker": "truth"})
        except ValueError as error:
            problems.error(str(error))
    if not found.asked:
        raise FormatError(f"{path}: expected a row for each mark, found none.")
    return found


def _take(found: Marked, row: dict[str, str]) -> None:
    worker, video, label, start, end = (row[name].strip() for name in COLUMNS)
    if row.get("unsure") == "1" or row.get("counts") == "0":  # as a release tells of answers
        return
    for name, value in (("worker", worker), ("video", video), ("label", label)):
        if not value:
            raise ValueError(f"expected a {name}, found nothing")
    question = video, label
    found.asked[question].add(worker)
    if not (start or end):
        return
    interval = Interval(*stretch(start, end))
    if interval.end <= interval.start:
        raise ValueError(f"expected an end behind the start, found {start} to {end}")
    mark = Mark(worker, interval)
    marks = found.marks.setdefault(question, [])
    if mark not in marks:  # sent twice
        marks.append(mark)


def marks_of_page(session: Session) -> Marked:
    """Return what workers marked at the page, those who are set aside or unsure left out.

    Raises:
        StageOrderError: Nobody has marked anything.

    """
    found = Marked()
    rows: Sequence[Any] = session.execute(_ANSWERS).all()
    said = read_marked(session.connection(), [row[0] for row in rows])
    for answer_id, worker_id, video, label in rows:
        worker = str(worker_id)
        found.asked[video, label].add(worker)
        marks = found.marks.setdefault((video, label), [])
        marks += [Mark(worker, interval) for interval in said.get(answer_id, ())]
    if not found.asked:
        raise StageOrderError("crowd segments", needs="annotate", what="marked videos")
    return found


def agreed_segments(marked: Marked, settings: Agreement) -> dict[Question, list[Segment]]:
    """Return the segments of each video and class, by name, agreed on or not."""
    return {
        question: agree(marked.marks.get(question, ()), len(marked.asked[question]), settings)
        for question in sorted(marked.asked)
    }


def report_on(marked: Marked, segments: dict[Question, list[Segment]]) -> SegmentsReport:
    """Return the sums."""
    found = [one for of_question in segments.values() for one in of_question]
    agreed = [one for one in found if one.is_agreed]
    overlaps = [one.overlap for one in agreed if one.overlap is not None]
    starts, ends = ([one.spread[side] for one in agreed] for side in (0, 1))
    return SegmentsReport(
        num_marks=sum(map(len, marked.marks.values())),
        num_workers=len(set().union(*marked.asked.values())),
        num_questions=len(marked.asked),
        num_agreed=len(agreed),
        num_left=len(found) - len(agreed),
        num_marks_in_agreed=sum(len(one.marks) for one in agreed),
        overlap=fmean(overlaps) if overlaps else None,
        start_spread=median(starts) if starts else None,
        end_spread=median(ends) if ends else None,
    )


def write_segments(segments: dict[Question, list[Segment]], path: Path) -> None:
    """Write all segments as CSV; those agreed on as ActivityNet has them, for a name in .json."""
    if path.suffix == ".json":
        write = find_format("activitynet").write
        assert write is not None
        write(path, _records(segments), Options(), Problems(path))
        return
    with writing_text(path) as file:
        file.write(csv_line(_OUT))
        for (video, label), of_question in segments.items():
            file.writelines(csv_line((video, label, *_cells(one))) for one in of_question)


def _cells(one: Segment) -> Iterable[object]:
    start, end = (f"{seconds:.3f}" for seconds in one.interval)
    overlap = None if one.overlap is None else f"{one.overlap:.4f}"
    spreads = (f"{seconds:.3f}" for seconds in one.spread)
    return start, end, len(one.marks), one.num_asked, int(one.is_agreed), overlap, *spreads


def _records(segments: dict[Question, list[Segment]]) -> Iterator[Clip]:
    """Yield what is agreed on, video by video; of a video without any that it has none."""
    videos: dict[str, list[Clip]] = {}
    for (video, label), of_question in segments.items():
        clips = videos.setdefault(video, [])
        clips += [
            Clip(video, round(one.interval.start, 3), round(one.interval.end, 3), label)
            for one in of_question
            if one.is_agreed
        ]
    for video, clips in videos.items():
        yield from clips or [Clip(video)]
