"""Key frames of films whose boxes may be asked about together, and the stretches asked about."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.crowd.boxes.decisions import are_boxes_open
from kinetics_builder.crowd.links.windows import Moment
from kinetics_builder.database.tables import (
    Gold,
    KeyFrame,
    LinkDecision,
    LinkStretch,
    PersonBox,
    TrackedBox,
    Video,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A box that stands."""

    box_id: int
    origin_id: int
    """The box that people moved or resized to this one; itself, if nobody did."""
    x1: float
    y1: float
    x2: float
    y2: float
    person: int | None
    """None for one that was drawn since boxes were linked."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A key frame with boxes on it."""

    frame_id: int
    at_seconds: float
    is_open: bool
    """Whether people are still asked who is to be seen at it."""
    boxes: tuple[Seen, ...]

    @property
    def is_linked(self) -> bool:
        """Whether all its boxes have persons."""
        return all(box.person is not None for box in self.boxes)


@dataclass(frozen=True, slots=True)
class FilmFrames:
    """The key frames of a film that have boxes, in the order of time."""

    row_id: int
    video_id: str
    frames: tuple[Frame, ...]

    def moments(self, is_ready: Callable[[Frame], bool]) -> list[Moment]:
        """Return the key frames as windows are made of them."""
        jumped = self._jumped()
        return [
            Moment(frame.at_seconds, len(frame.boxes), is_ready(frame), place in jumped)
            for place, frame in enumerate(self.frames)
        ]

    def _jumped(self) -> set[int]:
        places: dict[int, list[int]] = defaultdict(list)
        for place, frame in enumerate(self.frames):
            for person in {box.person for box in frame.boxes if box.person is not None}:
                places[person].append(place)
        return {
            place
            for own in places.values()
            for one, other in pairwise(own)
            for place in range(one + 1, other)
        }


def read_films(session: Session) -> list[FilmFrames]:
    """Return the films with boxes, by their names."""
    films: dict[tuple[str, int], dict[int, tuple[float, bool, list[Seen]]]] = {}
    rows: Iterable[Any] = session.execute(_BOXES)
    for name, row_id, frame_id, at, is_open, *box in rows:
        frames = films.setdefault((name, row_id), {})
        frames.setdefault(frame_id, (at, is_open, []))[2].append(Seen(*box))
    return [
        FilmFrames(
            row_id,
            name,
            tuple(
                Frame(frame_id, at, bool(is_open), tuple(boxes))
                for frame_id, (at, is_open, boxes) in frames.items()
            ),
        )
        for (name, row_id), frames in sorted(films.items())
    ]


def read_taken(session: Session) -> dict[int, list[tuple[float, float]]]:
    """Return beginning and end of all stretches there are, by the film's row."""
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    rows: Iterable[Any] = session.execute(
        select(LinkStretch.video_id, LinkStretch.start_seconds, LinkStretch.end_seconds)
    )
    for video_id, start, end in rows:
        found[video_id].append((start, end))
    return found


def count_unfollowed(session: Session, films: Iterable[FilmFrames]) -> int:
    """Return how many boxes came to stretches after people had said who is who there."""
    decided: dict[int, list[tuple[float, float]]] = defaultdict(list)
    rows: Iterable[Any] = session.execute(_DECIDED)
    for video_id, start, end in rows:
        decided[video_id].append((start, end))
    followed = set(session.scalars(_FOLLOWED)) if decided else set()
    return sum(
        box.origin_id not in followed
        for film in films
        for frame in film.frames
        if any(start <= frame.at_seconds <= end for start, end in decided[film.row_id])
        for box in frame.boxes
    )


def add_stretches(
    session: Session, found: Sequence[tuple[FilmFrames, Sequence[Moment]]]
) -> Mapping[int, int]:
    """Write stretches; return the id of each by its place in `found`."""
    stretches = [
        LinkStretch(
            video_id=film.row_id,
            start_seconds=window[0].at_seconds,
            end_seconds=window[-1].at_seconds,
        )
        for film, window in found
    ]
    session.add_all(stretches)
    session.flush()
    return {place: stretch.id for place, stretch in enumerate(stretches)}


_IS_GOLD = Gold.stretch_id.is_not(None)
_DECIDED = (
    select(LinkStretch.video_id, LinkStretch.start_seconds, LinkStretch.end_seconds)
    .join(LinkDecision, LinkDecision.stretch_id == LinkStretch.id)
    .where(LinkDecision.is_decided, LinkStretch.id.not_in(select(Gold.stretch_id).where(_IS_GOLD)))
)
_FOLLOWED = (
    select(func.coalesce(PersonBox.replaces_id, PersonBox.id))
    .join(TrackedBox, TrackedBox.person_box_id == PersonBox.id)
    .distinct()
)
_BASE = aliased(PersonBox)
_BOXES = (
    select(
        Video.video_id,
        Video.id,
        KeyFrame.id,
        KeyFrame.timestamp_seconds,
        are_boxes_open(KeyFrame.id),
        PersonBox.id,
        func.coalesce(PersonBox.replaces_id, PersonBox.id),
        PersonBox.x1,
        PersonBox.y1,
        PersonBox.x2,
        PersonBox.y2,
        func.coalesce(PersonBox.person, _BASE.person),
    )
    .select_from(KeyFrame)
    .join(Video, Video.id == KeyFrame.video_id)
    .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
    .outerjoin(_BASE, _BASE.id == PersonBox.replaces_id)
    .where(KeyFrame.is_withdrawn.is_(False), PersonBox.stands())
    .order_by(Video.video_id, KeyFrame.timestamp_seconds, PersonBox.x1, PersonBox.id)
)
