"""Verb `gold --kind segments`: videos of which is known when a class happens, from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.segments.deciding import read_truth
from kinetics_builder.database.tables import (
    Gold,
    GoldStretch,
    Label,
    Media,
    TaskSlot,
    Timeline,
    Video,
)
from kinetics_builder.errors import FormatError
from kinetics_builder.intervals import Interval
from pipelines.verifying.assign_segments import timeline_of
from pipelines.verifying.segments import TRUTH_COLUMNS, read_marks

_SLACK_SECONDS = 1.0


@dataclass(frozen=True)
class SegmentsGoldReport:
    """What `gold` added."""

    num_new: int
    """Videos with a class each."""
    num_known_before: int
    num_stretches: int
    """True stretches of the new ones."""
    num_asked: int
    """Videos of the file that ordinary questions ask about: people decide those."""


def add_gold_segments(session: Session, path: Path) -> SegmentsGoldReport:
    """Add the videos of a file as gold: its stretches are the truth, none where it lists none.

    What is known already with the same stretches is left as it is. What tasks ask about as
    ordinary questions is left out and counted: gold should be there before `assign`.

    Raises:
        FormatError: The file cannot be read, names a video or class that is not here, or
            contradicts gold that is known. Nothing is added then.

    """
    marked = read_marks(path, columns=TRUTH_COLUMNS)
    asked, new = _asked(session), dict[int, list[Interval]]()
    num_known = num_asked = 0
    for about in sorted(marked.asked):
        timeline, seconds = _timeline(session, path, about)
        marks = marked.marks.get(about, ())
        truth = sorted(_inside(mark.interval, seconds, path, about) for mark in marks)
        known = session.scalar(select(Gold).where(Gold.timeline_id == timeline.id))
        if known is not None:
            _check_same(session, path, about, known, truth)
            num_known += 1
        elif timeline.id in asked:
            num_asked += 1
        else:
            new[timeline.id] = truth
    for timeline_id, truth in new.items():
        _add(session, timeline_id, truth)
    return SegmentsGoldReport(len(new), num_known, sum(map(len, new.values())), num_asked)


def _inside(stretch: Interval, seconds: float, path: Path, about: tuple[str, str]) -> Interval:
    """Return a stretch as far as its video goes, behind which official files end by a hair."""
    if stretch.start >= seconds or stretch.end > seconds + _SLACK_SECONDS:
        video, label = about
        raise FormatError(
            f"{path}: {label!r} in {video!r} from {stretch.start:g} to {stretch.end:g} s, but the "
            f"video ends at {seconds:g} s. Times are seconds from its start."
        )
    return Interval(stretch.start, min(stretch.end, seconds))


def _timeline(session: Session, path: Path, about: tuple[str, str]) -> tuple[Timeline, float]:
    """Return what asks for a class in a video, and how long the video is."""
    video, label = about
    found = session.execute(
        select(Video.id, Media.duration_seconds)
        .join(Media, Media.video_id == Video.id)
        .where(Video.video_id == video)
    ).first()
    label_id = session.scalar(select(Label.id).where(Label.name == label, ~Label.is_retired))
    if found is None:
        raise FormatError(
            f"{path}: no video {video!r} was downloaded. `kbuild status` counts them."
        )
    if label_id is None:
        raise FormatError(f"{path}: there is no class {label!r}. `kbuild classes list` shows them.")
    return timeline_of(session, found.id, label_id), found.duration_seconds


def _add(session: Session, timeline_id: int, truth: Sequence[Interval]) -> None:
    session.add(gold := Gold(timeline_id=timeline_id))
    session.flush()
    rows = [
        {"gold_id": gold.id, "number": n, "start_seconds": start, "end_seconds": end}
        for n, (start, end) in enumerate(truth)
    ]
    if rows:
        session.execute(insert(GoldStretch), rows)


def _check_same(
    session: Session, path: Path, about: tuple[str, str], gold: Gold, truth: Sequence[Interval]
) -> None:
    known = read_truth(session.connection(), [gold.id]).get(gold.id, [])
    if known != list(truth):
        video, label = about
        raise FormatError(
            f"{path}: {label!r} in {video!r} is known with other stretches. Gold is only ever "
            "added: take its rows out of the file."
        )


def _asked(session: Session) -> set[int]:
    slots = select(TaskSlot.timeline_id).where(
        TaskSlot.timeline_id.is_not(None), TaskSlot.gold_id.is_(None)
    )
    return {number for number in session.scalars(slots) if number is not None}
