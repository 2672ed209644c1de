"""Stage 6 of AVA, link: boxes -> whose they are, from key frame to key frame."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.ava.link_edits import Edit
from kinetics_builder.ava.linking import Sighting, Track, number_persons, track_boxes
from kinetics_builder.ava.looks import likeness_of, look_of
from kinetics_builder.ava.settings import LinkConfig
from kinetics_builder.config import settings_hash
from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    KeyFrame,
    LinkEdit,
    LinkStretch,
    PersonBox,
    Video,
)
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.workspace import Workspace
from pipelines.ava.withdrawing import unlink
from pipelines.stage import Stage

METHOD = 1
"""Counted up when links come out otherwise than before."""

MATCHED, GIVEN, PEOPLE = "matched", "file", "people"
"""Who says that two boxes are one person's."""


@dataclass(frozen=True, slots=True)
class FilmToLink:
    """The boxes of a film that stand, and what people said of them."""

    row_id: int
    video_id: str
    boxes: tuple[Sighting, ...]
    stills: tuple[tuple[int, str], ...]
    """Of boxes whose looks are not known: their ids, and the files of their stills."""
    edits: tuple[Edit, ...]

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
        items=_items,
        work=partial(link, root=workspace.root.absolute(), config=config),
        save=_save,
        in_children=False,
        forgets=True,
    )


def link(film: FilmToLink, *, root: Path, config: LinkConfig) -> LinkedFilm:
    """Return the tracks of a film's boxes, and the links between them."""
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
    return look_of(np.asarray(Image.open(still).convert("RGB")), corners)


def _linked(one: Sighting, other: Sighting, said: set[frozenset[int]]) -> Linked:
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
    """A box that stands, as it is in the database."""

    box: PersonBox
    frame: KeyFrame
    detected: DetectedBox | None


def _items(session: Session) -> Sequence[tuple[str, FilmToLink]]:
    by_film: dict[tuple[str, int], list[_Row]] = defaultdict(list)
    rows = session.execute(
        select(Video.video_id, PersonBox, KeyFrame, DetectedBox)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
        .outerjoin(DetectedBox, DetectedBox.id == PersonBox.detected_box_id)
        .where(KeyFrame.is_withdrawn.is_(False))
        .order_by(Video.video_id, KeyFrame.timestamp_seconds, PersonBox.id)
    )
    for name, box, frame, detected in rows:
        by_film[name, frame.video_id].append(_Row(box, frame, detected))
    edits = _edits(session)
    numbers = _numbers(session)
    films = [
        _film(name, row_id, own, numbers, edits.get(row_id, ()))
        for (name, row_id), own in by_film.items()
    ]
    return [(film.key, film) for film in films if film.boxes]


def _numbers(session: Session) -> dict[int, int]:
    """Return the number of each key frame in its film; those without a box count, too."""
    rows = session.execute(
        select(KeyFrame.video_id, KeyFrame.id)
        .where(KeyFrame.is_withdrawn.is_(False))
        .order_by(KeyFrame.video_id, KeyFrame.timestamp_seconds)
    )
    return {
        frame_id: number
        for _, own in groupby(rows, key=lambda row: row[0])
        for number, (_, frame_id) in enumerate(own)
    }


def _edits(session: Session) -> dict[int, list[LinkEdit]]:
    """Return what is said of the boxes of each film, stretch by stretch in the order of time."""
    rows = session.execute(
        select(KeyFrame.video_id, LinkEdit)
        .join(PersonBox, PersonBox.id == LinkEdit.box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .outerjoin(LinkStretch, LinkStretch.id == LinkEdit.stretch_id)
        .order_by(
            LinkEdit.stretch_id.is_not(None),
            LinkStretch.start_seconds,
            LinkStretch.end_seconds,
            LinkEdit.id,
        )
    )
    found: dict[int, list[LinkEdit]] = defaultdict(list)
    for film_id, edit in rows:
        found[film_id].append(edit)
    return found


def _film(
    name: str,
    row_id: int,
    rows: list[_Row],
    numbers: dict[int, int],
    edits: Sequence[LinkEdit],
) -> FilmToLink:
    by_id = {row.box.id: row for row in rows}
    standing = _standing(rows, by_id)
    sightings, stills = [], []
    for row in rows:
        if row.box.is_dropped or row.box.is_withdrawn:
            continue
        first = _first(row, by_id)
        look = None if first.detected is None else first.detected.look
        if look is None:
            stills.append((row.box.id, row.frame.file))
        sightings.append(_sighting(row, first, numbers[row.frame.id], look))
    told = [
        Edit(one, other, edit.is_same)
        for edit in edits
        if (one := standing.get(edit.box_id)) is not None
        and (other := standing.get(edit.other_id)) is not None
    ]
    return FilmToLink(
        row_id=row_id,
        video_id=name,
        boxes=tuple(sightings),
        stills=tuple(stills),
        edits=tuple(told),
    )


def _sighting(row: _Row, first: _Row, number: int, look: bytes | None) -> Sighting:
    """Return a box as it is linked: one that was moved or resized as it was first.

    So it keeps its person, however far it was moved.
    """
    seen = first.box
    return Sighting(
        id=row.box.id,
        frame=number,
        shot=row.frame.shot_number,
        corners=Corners(seen.x1, seen.y1, seen.x2, seen.y2),
        look=look,
        given=None if first.detected is None else first.detected.given_person,
    )


def _first(row: _Row, by_id: dict[int, _Row]) -> _Row:
    """Return the box that people made this one of; itself, if nobody replaced one by it."""
    seen = {row.box.id}
    while (earlier := row.box.replaces_id) is not None and earlier in by_id and earlier not in seen:
        row = by_id[earlier]
        seen.add(earlier)
    return row


def _standing(rows: Sequence[_Row], by_id: dict[int, _Row]) -> dict[int, int]:
    """Return for each box the one that stands in its place now: itself, or one made of the same.

    People move a box, take that back, and move it otherwise: what is said of any of these holds
    for the one that stands. Boxes in whose place none stands are left out.
    """
    first_of = {row.box.id: _first(row, by_id).box.id for row in rows}
    stands = {
        first_of[row.box.id]: row.box.id
        for row in reversed(rows)
        if not row.box.is_dropped and not row.box.is_withdrawn
    }
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
