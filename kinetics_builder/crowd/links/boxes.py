"""The boxes that stand along stretches of films, and the tracks that answers and gold say."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from kinetics_builder.database.tables import (
    Gold,
    GoldTrack,
    GoneBox,
    KeyFrame,
    LinkStretch,
    PersonBox,
    TrackedBox,
)

_AT_ONCE = 200


class Standing(NamedTuple):
    """A box that stands at a key frame of a stretch. Corners are shares of the still."""

    box_id: int
    origin_id: int
    """The box that people moved or resized to this one; itself, if nobody did."""
    frame_id: int
    at_seconds: float
    shot: int
    width: int
    """Of the still, in pixels."""
    height: int
    x1: float
    y1: float
    x2: float
    y2: float
    person: int | None
    """Its number in the film by the last linking; None for one that was drawn since."""


class Told(NamedTuple):
    """Tracks of an answer, or of gold, by the boxes that others were made of, and their moments."""

    tracks: list[list[int]]
    moments: dict[int, float]


def read_standing(
    connection: Connection, stretch_ids: Collection[int]
) -> dict[int, list[Standing]]:
    """Return the boxes that stand along stretches, and beside them, by time, then by place."""
    found: dict[int, list[Standing]] = defaultdict(list)
    for some in _chunks(stretch_ids):
        rows: Iterable[Any] = connection.execute(_STANDING, {"ids": some}).all()
        for stretch_id, *box in rows:
            found[stretch_id].append(Standing._make(box))
    return dict(found)


def read_tracks(connection: Connection, answer_ids: Collection[int]) -> dict[int, Told]:
    """Return the tracks of answers."""
    return _told(connection, _TRACKS, answer_ids)


def read_truth(connection: Connection, gold_ids: Collection[int]) -> dict[int, Told]:
    """Return the true tracks of gold."""
    return _told(connection, _TRUTH, gold_ids)


def read_shown(connection: Connection, gold_ids: Collection[int]) -> dict[int, Told]:
    """Return the tracks that gold is shown with."""
    return _told(connection, _SHOWN, gold_ids)


def read_golds(connection: Connection, stretch_ids: Collection[int]) -> dict[int, int]:
    """Return the gold of those stretches that are: stretch id -> gold id."""
    found: dict[int, int] = {}
    for some in _chunks(stretch_ids):
        rows: Iterable[Any] = connection.execute(_GOLDS, {"ids": some})
        found.update({stretch_id: gold_id for stretch_id, gold_id in rows})
    return found


def _told(connection: Connection, query: Any, ids: Collection[int]) -> dict[int, Told]:
    tracks: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    moments: dict[int, dict[int, float]] = defaultdict(dict)
    for some in _chunks(ids):
        for owner, track, box_id, at in connection.execute(query, {"ids": some}).all():
            if box_id not in moments[owner]:
                tracks[owner][track].append(box_id)
                moments[owner][box_id] = at
    return {
        owner: Told([track for _, track in sorted(tracks[owner].items())], moments[owner])
        for owner in tracks
    }


def _chunks(ids: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def lies_in(stretch: Any, frame: Any) -> ColumnElement[bool]:
    """Return the condition that a key frame is one of a stretch's."""
    return and_(
        frame.video_id == stretch.video_id,
        frame.timestamp_seconds >= stretch.start_seconds,
        frame.timestamp_seconds <= stretch.end_seconds,
    )


def stands_beside(stretch: Any) -> Select[Any]:
    """Return the boxes that stand beside a stretch: of those who left its shot before."""
    return (
        select(GoneBox.stretch_id)
        .join(PersonBox, _is_gone_box())
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .where(
            GoneBox.stretch_id == stretch.id, KeyFrame.is_withdrawn.is_(False), PersonBox.stands()
        )
        .correlate(stretch)
    )


def _is_gone_box() -> ColumnElement[bool]:
    """Return the condition that `PersonBox` is, or replaces, the box that `GoneBox` names."""
    return or_(
        PersonBox.id == GoneBox.person_box_id, PersonBox.replaces_id == GoneBox.person_box_id
    )


_IDS: Any = bindparam("ids", expanding=True)
_ORIGIN = func.coalesce(PersonBox.replaces_id, PersonBox.id)
_BASE = aliased(PersonBox)


def _standing(stretch_id: Any) -> Select[Any]:
    return select(
        stretch_id.label("of_stretch"),
        PersonBox.id.label("box_id"),
        _ORIGIN,
        KeyFrame.id,
        KeyFrame.timestamp_seconds.label("at_seconds"),
        KeyFrame.shot_number,
        KeyFrame.width,
        KeyFrame.height,
        PersonBox.x1.label("x1"),
        PersonBox.y1,
        PersonBox.x2,
        PersonBox.y2,
        func.coalesce(PersonBox.person, _BASE.person),
    ).where(KeyFrame.is_withdrawn.is_(False), PersonBox.stands(), stretch_id.in_(_IDS))


_ALONG = (
    _standing(LinkStretch.id)
    .select_from(LinkStretch)
    .join(KeyFrame, lies_in(LinkStretch, KeyFrame))
    .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
    .outerjoin(_BASE, _BASE.id == PersonBox.replaces_id)
)
_BESIDE = (
    _standing(GoneBox.stretch_id)
    .select_from(GoneBox)
    .join(PersonBox, _is_gone_box())
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .outerjoin(_BASE, _BASE.id == PersonBox.replaces_id)
)
_STANDING = _ALONG.union_all(_BESIDE).order_by("of_stretch", "at_seconds", "x1", "box_id")


def _of_boxes(owner: Any, track: Any, box_id: Any) -> Any:
    return (
        select(owner, track, _ORIGIN, KeyFrame.timestamp_seconds)
        .join(PersonBox, PersonBox.id == box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .where(owner.in_(_IDS))
        .order_by(owner, KeyFrame.timestamp_seconds, PersonBox.id)
    )


_TRACKS = _of_boxes(TrackedBox.answer_id, TrackedBox.track, TrackedBox.person_box_id)
_TRUTH = _of_boxes(GoldTrack.gold_id, GoldTrack.person, GoldTrack.person_box_id)
_SHOWN = _of_boxes(GoldTrack.gold_id, GoldTrack.shown, GoldTrack.person_box_id)
_GOLDS = select(Gold.stretch_id, Gold.id).where(Gold.stretch_id.in_(_IDS))
