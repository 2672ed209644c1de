"""Stage 6 of AVA, link: boxes -> whose they are, from key frame to key frame."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.ava.link_edits import Edit
from kinetics_builder.ava.settings import LinkConfig
from kinetics_builder.ava.tracks import Sighting, Track, number_persons
from kinetics_builder.config import settings_hash
from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    Gold,
    KeyFrame,
    LinkEdit,
    LinkStretch,
    PersonBox,
    Video,
)
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.workspace import Workspace
from pipelines.ava.withdrawing import unlink
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Stage, one_by_one
from pipelines.takedown.withholding import withheld, without_files

METHOD = 1
"""Counted up when links come out otherwise than before."""

MATCHED, GIVEN, PEOPLE = "matched", "file", "people"
"""Who says that two boxes are one person's."""


@dataclass(frozen=True, slots=True)
class FilmToLink:
    """The boxes of a film that stand, and what people said of them."""

    row_id: int
    video_id: str
    boxes: tuple[Sighting, ...] = ()
    stills: tuple[tuple[int, str], ...] = ()
    """Of boxes whose looks are not known: their ids, and the files of their stills."""
    edits: tuple[Edit, ...] = ()

    @property
    def key(self) -> str:
        """Return a key that changes with the boxes and with the edits."""
        digest = hashlib.sha256(repr((self.boxes, self.edits)).encode()).hexdigest()
        return f"{self.video_id} {digest[:16]}"


class Linked(NamedTuple):
    """Two boxes of one person, one after the other."""

    box_id: int
    next_id: int
    overlap: float
    similarity: float | None
    origin: str


@dataclass(frozen=True, slots=True)
class LinkedFilm:
    """The tracks of a film, by the ids of their boxes, and the links that they are made of."""

    tracks: tuple[tuple[int, ...], ...]
    links: tuple[Linked, ...]


def stage(workspace: Workspace) -> Stage[FilmToLink, LinkedFilm]:
    """Return the stage: an item is a film's boxes.

    Reads `person_box`, `detected_box`, `key_frame`, `link_edit`; writes `box_link`, and
    `person_box.person`.
    """
    config = workspace.config.link
    return Stage(
        name="ava link",
        needs="ava detect",
        what="films with boxes; detect.min_score may leave none",
        settings_hash=settings_hash(METHOD, config),
        items=in_one_page(_items),
        load=_filled,
        work=partial(link, root=workspace.root.absolute(), config=config),
        save=one_by_one(_save),
        refuses=partial(withheld, storage=workspace.storage, told=without_files),
        in_children=False,
        forgets=True,
    )


def link(film: FilmToLink, *, root: Path, config: LinkConfig) -> LinkedFilm:
    """Return the tracks of a film's boxes, and the links between them."""
    from kinetics_builder.ava.linking import track_boxes

    stills = dict(film.stills)
    boxes = [
        replace(box, look=_look(root / stills[box.id], box.corners)) if box.id in stills else box
        for box in film.boxes
    ]
    tracks = track_boxes(boxes, config, film.edits)
    said = {frozenset((edit.one, edit.other)) for edit in film.edits if edit.is_same}
    links = tuple(_linked(a, b, said) for track in tracks for a, b in pairwise(track))
    return LinkedFilm(tuple(tuple(box.id for box in track) for track in tracks), links)


def _look(still: Path, corners: Corners) -> bytes:
    from kinetics_builder.ava.looks import look_of, read_picture

    return look_of(read_picture(still), corners)


def _linked(one: Sighting, other: Sighting, said: set[frozenset[int]]) -> Linked:
    from kinetics_builder.ava.looks import likeness_of

    similarity = likeness_of(one.look, other.look) if one.look and other.look else None
    origin = MATCHED
    if frozenset((one.id, other.id)) in said:
        origin = PEOPLE
    elif one.given is not None and one.given == other.given:
        origin = GIVEN
    place = round(overlap(one.corners, other.corners), 6)
    return Linked(
        one.id, other.id, place, None if similarity is None else round(similarity, 6), origin
    )


class _Row(NamedTuple):
    """A box, as it is in the database."""

    id: int
    corners: Corners
    replaces_id: int | None
    stands: bool
    frame_id: int
    shot: int
    still: str
    look: bytes | None
    given: int | None


def _items(session: Session) -> Sequence[tuple[str, FilmToLink]]:
    """Return the films, without their boxes: those of one film at a time are looked at."""
    with_boxes = (
        select(KeyFrame.video_id)
        .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
        .where(KeyFrame.is_withdrawn.is_(False))
    )
    films = select(Video.id, Video.video_id).where(Video.id.in_(with_boxes))
    found = []
    for row_id, name in session.execute(films.order_by(Video.video_id)).all():
        film = FilmToLink(row_id, name)
        loaded = _filled(session, film)
        if loaded.boxes:
            found.append((loaded.key, film))
    return found


def _filled(session: Session, film: FilmToLink) -> FilmToLink:
    rows, numbers = _rows(session, film.row_id), _numbers(session, film.row_id)
    by_id = {row.id: row for row in rows}
    standing = _standing(rows, by_id)
    sightings, stills = [], []
    for row in rows:
        if not row.stands:
            continue
        first = _first(row, by_id)
        if first.look is None:
            stills.append((row.id, row.still))
        sightings.append(_sighting(row, first, numbers[row.frame_id]))
    told = [
        Edit(one, other, edit.is_same)
        for edit in _edits(session, film.row_id)
        if (one := standing.get(edit.one)) is not None
        and (other := standing.get(edit.other)) is not None
    ]
    return replace(
        film,
        boxes=tuple(sightings),
        stills=tuple(stills),
        edits=tuple(told),
    )


def _rows(session: Session, film_id: int) -> list[_Row]:
    corners = PersonBox.x1, PersonBox.y1, PersonBox.x2, PersonBox.y2
    box = PersonBox.id, PersonBox.replaces_id, PersonBox.stands()
    frame = KeyFrame.id, KeyFrame.shot_number, KeyFrame.file
    rows = session.execute(
        select(*corners, *box, *frame, DetectedBox.look, DetectedBox.given_person)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .outerjoin(DetectedBox, DetectedBox.id == PersonBox.detected_box_id)
        .where(KeyFrame.video_id == film_id, KeyFrame.is_withdrawn.is_(False))
        .order_by(KeyFrame.timestamp_seconds, PersonBox.id)
    )
    return [
        _Row(number, Corners(x1, y1, x2, y2), replaces, bool(stands), *rest)
        for x1, y1, x2, y2, number, replaces, stands, *rest in rows
    ]


def _numbers(session: Session, film_id: int) -> dict[int, int]:
    """Return the number of each key frame in its film; those without a box count, too."""
    frames = session.scalars(
        select(KeyFrame.id)
        .where(KeyFrame.video_id == film_id, KeyFrame.is_withdrawn.is_(False))
        .order_by(KeyFrame.timestamp_seconds)
    )
    return {frame_id: number for number, frame_id in enumerate(frames)}


def _edits(session: Session, film_id: int) -> list[Edit]:
    """Return what is said of a film's boxes, stretch by stretch in the order of time.

    What was said later of key frames that were asked about again comes behind what was said
    first, and what is known behind both: the last edit holds.
    """
    rows = session.execute(
        select(LinkEdit.box_id, LinkEdit.other_id, LinkEdit.is_same)
        .join(PersonBox, PersonBox.id == LinkEdit.box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .outerjoin(LinkStretch, LinkStretch.id == LinkEdit.stretch_id)
        .outerjoin(Gold, Gold.stretch_id == LinkEdit.stretch_id)
        .where(KeyFrame.video_id == film_id)
        .order_by(
            LinkEdit.stretch_id.is_not(None),
            Gold.id.is_not(None),
            LinkStretch.round,
            LinkStretch.start_seconds,
            LinkStretch.end_seconds,
            LinkEdit.id,
        )
    )
    return [Edit(*row) for row in rows]


def _sighting(row: _Row, first: _Row, number: int) -> Sighting:
    """Return a box as it is linked: one that was moved or resized as it was first.

    So it keeps its person, however far it was moved.
    """
    return Sighting(
        id=row.id,
        frame=number,
        shot=row.shot,
        corners=first.corners,
        look=first.look,
        given=first.given,
    )


def _first(row: _Row, by_id: dict[int, _Row]) -> _Row:
    """Return the box that people made this one of; itself, if nobody replaced one by it."""
    seen = {row.id}
    while (earlier := row.replaces_id) is not None and earlier in by_id and earlier not in seen:
        row = by_id[earlier]
        seen.add(earlier)
    return row


def _standing(rows: Sequence[_Row], by_id: dict[int, _Row]) -> dict[int, int]:
    """Return for each box the one that stands in its place now: itself, or one made of the same.

    People move a box, take that back, and move it otherwise: what is said of any of these holds
    for the one that stands. Boxes in whose place none stands are left out.
    """
    first_of = {row.id: _first(row, by_id).id for row in rows}
    stands = {first_of[row.id]: row.id for row in reversed(rows) if row.stands}
    return {number: stands[first] for number, first in first_of.items() if first in stands}


def _save(session: Session, film: FilmToLink, linked: LinkedFilm) -> None:
    """Write down the links, and a number for each person, who keeps the one there was."""
    rows = session.execute(
        select(PersonBox, DetectedBox.given_person)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .outerjoin(DetectedBox, DetectedBox.id == PersonBox.detected_box_id)
        .where(KeyFrame.video_id == film.row_id)
    ).all()
    boxes = {box.id: box for box, _ in rows}
    before = {
        box.id: number
        for box, given in rows
        if (number := given if box.person is None else box.person) is not None
    }
    for box, _ in rows:
        if box.id not in before and box.replaces_id in before:
            before[box.id] = before[box.replaces_id]
    tracks: list[Track] = _as_tracks(linked, film)
    for track, number in zip(tracks, number_persons(tracks, before), strict=True):
        for sighting in track:
            boxes[sighting.id].person = number
    unlink(session, boxes)
    session.add_all(BoxLink(**one._asdict()) for one in linked.links)


def _as_tracks(linked: LinkedFilm, film: FilmToLink) -> list[Track]:
    by_id = {box.id: box for box in film.boxes}
    return [[by_id[number] for number in track] for track in linked.tracks]
