"""Verb `gold --kind links`: stretches whose persons are known, from a file of boxes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.links.deciding import decide_stretches
from kinetics_builder.crowd.links.reunions import gone_beside, returns
from kinetics_builder.crowd.links.tracks import in_order, with_error
from kinetics_builder.crowd.links.windows import windows
from kinetics_builder.database.tables import Answer, Gold, GoldTrack
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.ava.boxes_file import BoxesFile, Given, read_boxes
from pipelines.ava.frame_sizes import SizesSeen
from pipelines.ava.given import check_drawn_on
from pipelines.verifying.gold_frames import frame_at, key_frames
from pipelines.verifying.gold_people import meet
from pipelines.verifying.stretches import (
    FilmFrames,
    Frame,
    Planned,
    Stretch,
    add_stretches,
    read_films,
    read_stretches,
)


@dataclass(frozen=True)
class LinksGoldReport:
    """What `gold` added."""

    num_new: int
    num_right: int
    """Of the new stretches: shown as it is true."""
    num_wrong: int
    """Of the new stretches: shown with an error."""
    num_known_before: int
    num_boxes: int
    """Boxes of the new stretches whose person is known."""
    num_unmet: int
    """Boxes of the file that no box of the workspace meets."""
    num_asked: int
    """Key frames of the file that ordinary questions ask about: people decide those."""


Truth = Mapping[int, int]
"""The person of a box, by the number of the box that it was made of."""


def add_gold_links(session: Session, file: BoxesFile, config: Config) -> LinksGoldReport:
    """Add stretches of the key frames of a file as gold: its numbers say whose boxes are whose.

    A box is the person's whose true box it overlaps most, by `box_overlap` at least; others are
    not shown. Every second stretch is shown as it is true, the others with an error. Links that
    tasks ask about as ordinary questions are left out and counted: gold should be there before
    `assign`.

    Raises:
        FormatError: The file cannot be read, names a film or a second that is no key frame, says
            of a box not whose it is, or contradicts gold that is known. Nothing is added then.
        StageOrderError: There is no box of a person.

    """
    films = read_films(session)
    if not films:
        raise StageOrderError("gold", needs="ava detect", what="boxes of persons")
    given = _read(session, file)
    stretches = read_stretches(session)
    new: list[_New] = []
    num_known = num_asked = num_unmet = 0
    for film in films:
        own = stretches.get(film.row_id, [])
        found = _Found(film, given, config.verify.box_overlap)
        num_unmet += found.num_unmet
        num_known += _check_known(session, file, found, own)
        num_asked += _count_asked(found, own)
        taken = [one.bounds for one in own]
        for window in windows(film.moments(found.is_known), taken, config.assign):
            new.append(_New(found.beside(Planned(film, window)), found.truth))
    new = [one for one in new if one.has_links]
    rights = _write(session, new)
    decide_stretches(session, rights.keys(), config.verify)
    return LinksGoldReport(
        num_new=len(new),
        num_right=sum(rights.values()),
        num_wrong=len(new) - sum(rights.values()),
        num_known_before=num_known,
        num_boxes=sum(len(one.moments) for one in new),
        num_unmet=num_unmet,
        num_asked=num_asked,
    )


class _Found:
    """What a file says of a film's boxes."""

    def __init__(self, film: FilmFrames, people: Mapping[int, Sequence[Given]], least: float):
        self.film = film
        self._frames: set[int] = set()
        self.truth: dict[int, int] = {}
        self.num_unmet = 0
        for frame in film.frames:
            persons = _persons(frame, people.get(frame.frame_id, ()), least)
            self.num_unmet += len(people.get(frame.frame_id, ())) - len(persons)
            self.truth |= persons
            if persons:
                self._frames.add(frame.frame_id)

    def is_known(self, frame: Frame) -> bool:
        """Whether anybody at a key frame is known."""
        return frame.frame_id in self._frames

    def beside(self, one: Planned) -> Planned:
        """Return the stretch with those of whom the file knows that they left before."""
        frames = [frame.present(lambda box: self.truth.get(box.origin_id)) for frame in self._known]
        bounds = one.start_seconds, one.end_seconds
        return replace(one, gone=gone_beside(*bounds, returns(frames), self.film.times))

    @property
    def _known(self) -> list[Frame]:
        return [frame for frame in self.film.frames if self.is_known(frame)]


def _read(session: Session, file: BoxesFile) -> dict[int, list[Given]]:
    """Return the boxes of the file by key frame."""
    frames = key_frames(session)
    found: dict[int, list[Given]] = defaultdict(list)
    sizes = SizesSeen()
    boxes = read_boxes(file, on_size=sizes)
    check_drawn_on(session, sizes)
    for box in boxes:
        if box.person is None:
            raise FormatError(
                f"{file.path}: {box.place}: a box without a person. Gold of links says by numbers "
                "of persons whose boxes are whose (person_id, or the track)."
            )
        found[frame_at(file, frames, box.film, box.seconds)].append(box)
    return found


def _persons(frame: Frame, people: Sequence[Given], least: float) -> Truth:
    """Return the persons of a key frame's boxes."""
    boxes = {box.origin_id: Corners(box.x1, box.y1, box.x2, box.y2) for box in frame.boxes}
    person_of = {one.corners: one.person for one in people}
    met = meet(person_of, boxes, least)
    return {box: person_of[corners] or 0 for corners, box in met.items()}


class _New:
    """A stretch that becomes gold."""

    def __init__(self, planned: Planned, truth: Truth) -> None:
        self.planned = planned
        self.moments, self.person_of = _known_in(
            planned.film, planned.start_seconds, planned.end_seconds, truth, planned.gone
        )

    @property
    def tracks(self) -> list[list[int]]:
        """The true ones."""
        return _tracks(self.person_of, self.moments)

    @property
    def has_links(self) -> bool:
        """Whether anybody is seen twice."""
        return any(len(track) > 1 for track in self.tracks)


def _known_in(
    film: FilmFrames, start: float, end: float, truth: Truth, gone: Collection[int] = ()
) -> tuple[dict[int, float], dict[int, int]]:
    boxes = {
        box: at
        for box, at in film.times.items()
        if box in truth and (start <= at <= end or box in gone)
    }
    return boxes, {box: truth[box] for box in boxes}


def _tracks(person_of: Truth, moments: Mapping[int, float]) -> list[list[int]]:
    own: dict[int, list[int]] = defaultdict(list)
    for box, person in person_of.items():
        own[person].append(box)
    return in_order(own.values(), moments)


def _check_known(session: Session, file: BoxesFile, found: _Found, own: Iterable[Stretch]) -> int:
    """Return how many stretches the file says again; FormatError where it says otherwise."""
    film, truth, num_known = found.film, found.truth, 0
    for stretch in own:
        if stretch.gold_id is None:
            continue
        rows: Iterable[Any] = session.execute(
            select(GoldTrack.person_box_id, GoldTrack.person).where(
                GoldTrack.gold_id == stretch.gold_id
            )
        )
        before = {box: person for box, person in rows if box in truth}
        moments, now = _known_in(film, *stretch.bounds, before, stretch.gone)
        if _tracks(now, moments) != _tracks({box: truth[box] for box in moments}, moments):
            raise FormatError(
                f"{file.path}: {film.video_id} from {stretch.start_seconds:g} to "
                f"{stretch.end_seconds:g} s is known with other persons; gold is only ever added, "
                "so mend the file."
            )
        num_known += bool(moments)
    return num_known


def _count_asked(found: _Found, own: Iterable[Stretch]) -> int:
    asked = [one.bounds for one in own if one.gold_id is None]
    return sum(
        found.is_known(frame) and any(start < frame.at_seconds < end for start, end in asked)
        for frame in found.film.frames
    )


def _write(session: Session, new: Sequence[_New]) -> dict[int, bool]:
    """Add gold; return by stretch whether it is shown as it is true."""
    ids = add_stretches(session, [one.planned for one in new])
    num_before = session.scalar(select(func.count(Gold.stretch_id))) or 0
    rights = {}
    for place, one in enumerate(new):
        is_right = bool((num_before + place) % 2)
        gold = Gold(stretch_id=ids[place], expected=Answer.YES if is_right else Answer.NO)
        session.add(gold)
        session.flush()
        shown = one.tracks if is_right else with_error(one.tracks, one.moments)
        rows = [
            {"gold_id": gold.id, "person_box_id": box, "person": one.person_of[box], "shown": n}
            for n, track in enumerate(shown)
            for box in track
        ]
        session.execute(insert(GoldTrack), rows)
        rights[ids[place]] = is_right
    return rights
