"""Whole videos with all that people said of when their classes happen."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.crowd.segments.agreeing import Agreement, Mark, Segment, agree
from kinetics_builder.crowd.segments.deciding import KIND, read_marked, read_truth
from kinetics_builder.curation.names_after import names_after
from kinetics_builder.database.tables import (
    Gold,
    Label,
    Media,
    TakenVideo,
    Timeline,
    TimelineAnswer,
    TimelineDecision,
    Video,
    Worker,
    WorkerStanding,
)
from kinetics_builder.intervals import Interval, temporal_iou

PEOPLE, OWNER = "people", "owner"
"""Who says when a class happens: those who were asked, or the owner, of videos that are gold."""
_DIGITS = 3
"""Of seconds: the page marks milliseconds."""


@dataclass(frozen=True, slots=True)
class Said:
    """One worker's last answer about one timeline."""

    worker_id: int
    name: str
    marks: tuple[Interval, ...]
    is_unsure: bool
    counts: bool
    """Whether its giver is not set aside."""

    @property
    def is_heard(self) -> bool:
        """Whether it says when the class happens, or that it never does."""
        return self.counts and not self.is_unsure


@dataclass(frozen=True, slots=True)
class Asked:
    """A class that was looked for in a video."""

    label: str
    """As it is released."""
    asked_as: str
    """What people were asked."""
    said: tuple[Said, ...]
    truth: tuple[Interval, ...] | None = None
    """Of gold."""
    is_decided: bool = False

    @property
    def num_sure(self) -> int:
        """How many people told when it happens."""
        return sum(one.is_heard for one in self.said)


@dataclass(frozen=True, slots=True)
class TrueSegment:
    """When a class happens."""

    interval: Interval
    """Seconds from the start of the video, whole milliseconds."""
    label: str
    said_by: str
    num_workers: int = 0
    """Of those who marked it."""
    num_asked: int = 0
    overlap: float | None = None
    """Mean intersection over union of two of its marks."""
    spread: tuple[float, float] | None = None
    """Median distance of starts and of ends from its own, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedVideo:
    """A whole video in which every class that was looked for is decided."""

    row_id: int
    video_id: str
    url: str
    site: str
    uploader: str | None
    licence: str
    sha256: str
    duration_seconds: float
    size: tuple[int, int]
    """Width and height, as it is seen."""
    frames_per_second: float
    asked: tuple[Asked, ...]
    """By name."""
    segments: tuple[TrueSegment, ...] = ()
    """By start, end and class."""
    split: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A video that is not released, and why."""

    video_id: str
    reason: str


def marked_videos(session: Session, config: Config) -> tuple[list[MarkedVideo], list[LeftOut]]:
    """Return the videos that may be released, by id, and those of which something is open.

    A video is released when every class is decided that people look for in it: what is not marked
    does not happen there. Classes have the names that the recorded edits give them; those that
    were dropped are not looked for. Gold says itself when its class happens. What people marked is
    clustered to agreement, see `kinetics_builder.crowd.segments.agreeing`.
    """
    settings = Agreement(least_overlap=config.verify.segment_overlap)
    whole: list[MarkedVideo] = []
    left: list[LeftOut] = []
    for video in _videos(session):
        open_ = _open(video, settings)
        if open_ is not None:
            left.append(LeftOut(video.video_id, open_))
        elif video.asked:
            whole.append(replace(video, segments=_segments(video.asked, settings)))
    return whole, left


def _open(video: MarkedVideo, settings: Agreement) -> str | None:
    """Return what of a video is not decided, if anything is."""
    for one in video.asked:
        if one.truth is None and not one.is_decided:
            return f"not enough people have marked {one.asked_as!r} yet"
        if one.truth is None and one.num_sure < settings.least_workers:
            return f"{one.num_sure} of {len(one.said)} people could tell when {one.asked_as!r} is"
    return None


def _segments(asked: Sequence[Asked], settings: Agreement) -> tuple[TrueSegment, ...]:
    """Return the segments of all classes; of classes that edits made one, each doing once."""
    found = [segment for one in asked for segment in _of_class(one, settings)]
    best = sorted(found, key=lambda one: (-one.num_workers, one.interval))
    kept: list[TrueSegment] = []
    for one in best:
        same = (other for other in kept if other.label == one.label)
        if all(_overlap(one, other) < settings.least_overlap for other in same):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: (one.interval, one.label)))


def _overlap(one: TrueSegment, other: TrueSegment) -> float:
    return temporal_iou(one.interval, other.interval)


def _of_class(asked: Asked, settings: Agreement) -> Iterator[TrueSegment]:
    if asked.truth is not None:
        yield from (TrueSegment(_rounded(one), asked.label, OWNER) for one in asked.truth)
        return
    marks = [Mark(str(s.worker_id), one) for s in asked.said if s.is_heard for one in s.marks]
    for segment in agree(marks, asked.num_sure, settings):
        if segment.is_agreed:
            yield _true(asked.label, segment)


def _true(label: str, segment: Segment) -> TrueSegment:
    return TrueSegment(
        _rounded(segment.interval),
        label,
        PEOPLE,
        num_workers=len(segment.marks),
        num_asked=segment.num_asked,
        overlap=segment.overlap,
        spread=segment.spread,
    )


def _rounded(interval: Interval) -> Interval:
    return Interval(*(round(seconds, _DIGITS) for seconds in interval))


def _videos(session: Session) -> Iterator[MarkedVideo]:
    """Yield all videos that people are asked about, by id; without classes if all were dropped."""
    rows: Sequence[Any] = session.execute(_TIMELINES).all()
    names = names_after({row.name for row in rows}, recorded_edits(session))
    said = _said(session)
    ids = [row.gold_id for row in rows if row.gold_id is not None]
    truth = read_truth(session.connection(), ids)
    for _, group in groupby(rows, key=lambda row: row.id):
        asked = list(group)
        classes = (_asked(row, names, said, truth) for row in asked)
        yield _video(asked[0], tuple(one for one in classes if one is not None))


def _asked(
    row: Any,
    names: Mapping[str, str | None],
    said: Mapping[int, list[Said]],
    truth: Mapping[int, Sequence[Interval]],
) -> Asked | None:
    label = names[row.name]
    if label is None:
        return None
    known = None if row.gold_id is None else tuple(truth.get(row.gold_id, ()))
    answers = tuple(said.get(row.timeline_id, ()))
    return Asked(label, row.name, answers, known, bool(row.is_decided))


def _video(row: Any, asked: tuple[Asked, ...]) -> MarkedVideo:
    return MarkedVideo(
        row_id=row.id,
        video_id=row.video_id,
        url=row.url,
        site=row.site or "",
        uploader=row.uploader,
        licence=row.licence or row.listed_licence or "",
        sha256=row.sha256,
        duration_seconds=row.duration_seconds,
        size=(row.width, row.height),
        frames_per_second=row.frames_per_second,
        asked=asked,
    )


def _said(session: Session) -> dict[int, list[Said]]:
    """Return the answers that stand, by timeline, in the order in which they came."""
    rows: Sequence[Any] = session.execute(_ANSWERS).all()
    marks = read_marked(session.connection(), [row.id for row in rows])
    found: dict[int, list[Said]] = defaultdict(list)
    for row in rows:
        name = row.name or f"#{row.worker_id}"
        said = tuple(marks.get(row.id, ()))
        one = Said(row.worker_id, name, said, row.is_unsure, not row.is_set_aside)
        found[row.timeline_id].append(one)
    return found


_TIMELINES = (
    select(
        Timeline.id.label("timeline_id"),
        Label.name,
        Gold.id.label("gold_id"),
        TimelineDecision.is_decided,
        *(Video.id, Video.video_id, Video.url, Video.site, Video.listed_licence),
        *(Media.uploader, Media.licence, Media.sha256, Media.duration_seconds),
        *(Media.width, Media.height, Media.frames_per_second),
    )
    .join(Video, Video.id == Timeline.video_id)
    .join(Media, Media.video_id == Video.id)
    .join(Label, Label.id == Timeline.label_id)
    .outerjoin(Gold, Gold.timeline_id == Timeline.id)
    .outerjoin(TimelineDecision, TimelineDecision.timeline_id == Timeline.id)
    .where(TakenVideo.spares(Timeline.video_id), ~Label.is_retired)
    .order_by(Video.video_id, Video.id, Label.name)
)
_ANSWERS = (
    select(
        *(TimelineAnswer.id, TimelineAnswer.timeline_id, TimelineAnswer.is_unsure),
        *(TimelineAnswer.worker_id, Worker.name),
        func.coalesce(WorkerStanding.is_warned, false()).label("is_set_aside"),
    )
    .join(Worker, Worker.id == TimelineAnswer.worker_id)
    .outerjoin(WorkerStanding, WorkerStanding.of(KIND, TimelineAnswer.worker_id))
    .where(TimelineAnswer.stands())
    .order_by(TimelineAnswer.id)
)
