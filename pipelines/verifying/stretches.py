"""Key frames of films whose boxes may be asked about together, and the stretches asked about."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.crowd.boxes.decisions import are_boxes_open
from kinetics_builder.crowd.links.deciding import LINKS
from kinetics_builder.crowd.links.reunions import Present, Shown
from kinetics_builder.crowd.links.windows import Moment
from kinetics_builder.database.tables import (
    Gold,
    GoldTrack,
    GoneBox,
    KeyFrame,
    LinkAnswer,
    LinkDecision,
    LinkStretch,
    PersonBox,
    TrackedBox,
    Video,
    WorkerStanding,
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
    shot: int
    is_open: bool
    """Whether people are still asked who is to be seen at it."""
    boxes: tuple[Seen, ...]

    @property
    def is_linked(self) -> bool:
        """Whether all its boxes have persons."""
        return all(box.person is not None for box in self.boxes)

    def present(self, person_of: Callable[[Seen], int | None]) -> list[Present]:
        """Return the boxes of which somebody knows whose they are."""
        return [
            Present(box.origin_id, person, self.at_seconds, self.shot)
            for box in self.boxes
            if (person := person_of(box)) is not None
        ]


@dataclass(frozen=True, slots=True)
class FilmFrames:
    """The key frames of a film that have boxes, in the order of time."""

    row_id: int
    video_id: str
    frames: tuple[Frame, ...]

    @property
    def times(self) -> dict[int, float]:
        """Return when each box is seen, by the box that it was made of."""
        return {box.origin_id: frame.at_seconds for frame in self.frames for box in frame.boxes}

    def moments(
        self, is_ready: Callable[[Frame], bool], news: Collection[float] = ()
    ) -> list[Moment]:
        """Return the key frames as windows are made of them; `news` are those asked about again."""
        jumped = self._jumped()
        return [
            Moment(
                frame.at_seconds,
                len(frame.boxes),
                is_ready(frame),
                is_jumped=place in jumped,
                is_news=frame.at_seconds in news,
            )
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


@dataclass(frozen=True, slots=True)
class Stretch:
    """Key frames that were asked about together, or are known."""

    stretch_id: int
    start_seconds: float
    end_seconds: float
    round: int
    gold_id: int | None
    is_decided: bool
    """Whether enough has been said; always of gold."""
    followed: frozenset[int]
    """Boxes of which the answers that count, or gold, say whose they are."""
    gone: frozenset[int]
    """Boxes of earlier key frames that are shown beside it."""
    is_answered: bool

    @property
    def bounds(self) -> tuple[float, float]:
        """Return its beginning and end."""
        return self.start_seconds, self.end_seconds

    @property
    def shown(self) -> Shown:
        """Return what it shows: of gold no boxes but those whose persons are known.

        Who came to stand beside it while people were answering is shown by no answer.
        """
        if self.gold_id is not None:
            return Shown(inf, -inf, self.followed)
        return Shown(*self.bounds, self.gone & self.followed if self.is_decided else self.gone)

    def has(self, at_seconds: float) -> bool:
        """Tell whether a key frame lies in it."""
        return self.start_seconds <= at_seconds <= self.end_seconds


@dataclass(frozen=True, slots=True)
class Planned:
    """A stretch that is asked about next, or becomes gold."""

    film: FilmFrames
    window: Sequence[Moment]
    gone: frozenset[int] = frozenset()
    round: int = 0

    @property
    def start_seconds(self) -> float:
        """When its first key frame is seen."""
        return self.window[0].at_seconds

    @property
    def end_seconds(self) -> float:
        """When its last key frame is seen."""
        return self.window[-1].at_seconds


def read_films(session: Session) -> list[FilmFrames]:
    """Return the films with boxes, by their names."""
    films: dict[tuple[str, int], dict[int, tuple[float, int, bool, list[Seen]]]] = {}
    rows: Iterable[Any] = session.execute(_BOXES)
    for name, row_id, frame_id, at, shot, is_open, *box in rows:
        frames = films.setdefault((name, row_id), {})
        frames.setdefault(frame_id, (at, shot, is_open, []))[3].append(Seen(*box))
    return [
        FilmFrames(
            row_id,
            name,
            tuple(
                Frame(frame_id, at, shot, bool(is_open), tuple(boxes))
                for frame_id, (at, shot, is_open, boxes) in frames.items()
            ),
        )
        for (name, row_id), frames in sorted(films.items())
    ]


def read_stretches(session: Session) -> dict[int, list[Stretch]]:
    """Return all stretches there are by the film's row, in the order of time."""
    followed, gone = _by_stretch(session, _FOLLOWED), _by_stretch(session, _GONE)
    for stretch_id, boxes in _by_stretch(session, _KNOWN).items():
        followed[stretch_id] |= boxes
    answered = set(session.scalars(select(LinkAnswer.stretch_id).distinct()))
    found: dict[int, list[Stretch]] = defaultdict(list)
    rows: Iterable[Any] = session.execute(_STRETCHES)
    for video_id, number, start, end, time, gold_id, is_decided in rows:
        found[video_id].append(
            Stretch(
                number,
                start,
                end,
                time,
                gold_id,
                bool(is_decided) or gold_id is not None,
                frozenset(followed[number]),
                frozenset(gone[number]),
                number in answered,
            )
        )
    return found


def add_stretches(session: Session, planned: Sequence[Planned]) -> list[int]:
    """Write stretches, and who is shown beside them; return their ids."""
    stretches = [
        LinkStretch(
            video_id=one.film.row_id,
            start_seconds=one.start_seconds,
            end_seconds=one.end_seconds,
            round=one.round,
        )
        for one in planned
    ]
    session.add_all(stretches)
    session.flush()
    ids = [stretch.id for stretch in stretches]
    add_gone(session, {number: one.gone for number, one in zip(ids, planned, strict=True)})
    return ids


def add_gone(session: Session, gone: Mapping[int, Collection[int]]) -> None:
    """Write which boxes of earlier key frames are shown beside stretches."""
    rows = [
        {"stretch_id": number, "person_box_id": box}
        for number, boxes in gone.items()
        for box in sorted(boxes)
    ]
    if rows:
        session.execute(insert(GoneBox), rows)


def _by_stretch(session: Session, query: Any) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows: Iterable[Any] = session.execute(query)
    for stretch_id, box in rows:
        found[stretch_id].add(box)
    return found


_STRETCHES = (
    select(
        LinkStretch.video_id,
        LinkStretch.id,
        LinkStretch.start_seconds,
        LinkStretch.end_seconds,
        LinkStretch.round,
        Gold.id,
        LinkDecision.is_decided,
    )
    .outerjoin(Gold, Gold.stretch_id == LinkStretch.id)
    .outerjoin(LinkDecision, LinkDecision.stretch_id == LinkStretch.id)
    .order_by(LinkStretch.start_seconds, LinkStretch.end_seconds, LinkStretch.id)
)
_FOLLOWED = (
    select(LinkAnswer.stretch_id, func.coalesce(PersonBox.replaces_id, PersonBox.id))
    .join(TrackedBox, TrackedBox.answer_id == LinkAnswer.id)
    .join(PersonBox, PersonBox.id == TrackedBox.person_box_id)
    .outerjoin(WorkerStanding, WorkerStanding.of(LINKS, LinkAnswer.worker_id))
    .where(LinkAnswer.stands(), func.coalesce(WorkerStanding.is_warned, False).is_(False))
    .distinct()
)
_KNOWN = select(Gold.stretch_id, GoldTrack.person_box_id).join(
    GoldTrack, GoldTrack.gold_id == Gold.id
)
_GONE = select(GoneBox.stretch_id, GoneBox.person_box_id)
_BASE = aliased(PersonBox)
_BOXES = (
    select(
        Video.video_id,
        Video.id,
        KeyFrame.id,
        KeyFrame.timestamp_seconds,
        KeyFrame.shot_number,
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
