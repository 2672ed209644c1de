"""What the report tells about each film that a source listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Film,
    FilmHit,
    KeyFrame,
    PersonAction,
    PersonBox,
    Shot,
    Verdict,
    Video,
)
from pipelines.inspecting.films.actions import box_counts
from pipelines.stages import AVA_MODULES


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """How one film fared."""

    row_id: int
    video_id: str
    title: str
    stretch: str
    """What is annotated, as a person would write it; empty for a film that was not selected."""
    num_shots: int
    num_key_frames: int
    num_boxes: int
    """Those that stand."""
    num_persons: int
    num_labels: int
    """Actions that are accepted."""
    failure: str
    """Where it was lost, and why; empty where it was not."""


def film_facts(session: Session, failures: Iterable[Any]) -> list[FilmFacts]:
    """Return one line a film, in the order of their titles.

    Args:
        session: Is only read.
        failures: Of all stages, as `pipelines.inspecting.status.failures` gives them.

    """
    lost = {
        failure.key.partition(" ")[0]: f"{failure.stage.removeprefix('ava ')}: {failure.message}"
        for failure in failures
        if failure.stage in AVA_MODULES
    }
    counted = [_by_film(session, query) for query in (_SHOTS, _FRAMES, _BOXES, _PERSONS, _LABELS)]
    rows: Any = session.execute(_FILMS)
    facts = []
    for row_id, video_id, title, start, end in rows:
        shots, frames, boxes, persons, labels = (of.get(row_id, 0) for of in counted)
        facts.append(
            FilmFacts(
                row_id=row_id,
                video_id=video_id,
                title=title or video_id,
                stretch="" if start is None else f"{_clock(start)} to {_clock(end)}",
                num_shots=shots,
                num_key_frames=frames,
                num_boxes=boxes,
                num_persons=persons,
                num_labels=labels,
                failure=lost.get(video_id, ""),
            )
        )
    return facts


def _clock(seconds: float) -> str:
    """Return minutes and seconds.

    >>> _clock(902.04), _clock(7.5)
    ('15:02', '0:07.5')
    """
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{minutes:.0f}:{rest:04.1f}".removesuffix(".0")


def _by_film(session: Session, query: Any) -> dict[int, int]:
    return {film: number for film, number in session.execute(query)}


_FILMS = (
    select(Video.id, Video.video_id, Video.title, Film.start_seconds, Film.end_seconds)
    .outerjoin(Film, Film.video_id == Video.id)
    .where(Video.id.in_(select(FilmHit.video_id)))
    .order_by(Video.title, Video.video_id)
)
_SHOTS = select(Shot.video_id, func.count()).group_by(Shot.video_id)
_FRAMES = (
    select(KeyFrame.video_id, func.count())
    .where(~KeyFrame.is_withdrawn)
    .group_by(KeyFrame.video_id)
)
_STANDING = (
    select(KeyFrame.video_id, PersonBox.person)
    .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
    .where(box_counts())
)
_BOXES = _STANDING.with_only_columns(KeyFrame.video_id, func.count()).group_by(KeyFrame.video_id)
_PERSONS = _STANDING.with_only_columns(
    KeyFrame.video_id, func.count(func.distinct(PersonBox.person))
).group_by(KeyFrame.video_id)
_LABELS = (
    _STANDING.join(PersonAction, PersonAction.person_box_id == PersonBox.id)
    .where(PersonAction.verdict == Verdict.ACCEPTED)
    .with_only_columns(KeyFrame.video_id, func.count())
    .group_by(KeyFrame.video_id)
)
