"""Stage 5 of AVA, detect: stills -> boxes of persons, by a detector or from a file."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.boxes import Found, PersonDetector, strongest
from kinetics_builder.ava.settings import DetectConfig
from kinetics_builder.config import settings_hash
from kinetics_builder.crowd.actions.deciding import note_boxes
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import DetectedBox, KeyFrame, PersonBox, Video
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark, as_marked, file_sha256
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.workspace import Workspace
from pipelines.ava.given import GivenFilm, GivenHere, given_of_film, has_file, names_by_film
from pipelines.ava.weights import HOG, TRAINED, weights_of
from pipelines.ava.withdrawing import forget_detected, take_back_box
from pipelines.running.paging import in_one_page
from pipelines.running.stage import Stage, one_by_one
from pipelines.takedown.withholding import withheld, without_files

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

METHOD = 1
"""Counted up when boxes or looks come out otherwise than before."""

FILE = "file"
"""The origin of boxes that a person gave."""


@dataclass(frozen=True, slots=True)
class StillToSearch:
    """A key frame's still."""

    key_frame_id: int
    time_seconds: float
    file: str
    """Path relative to the workspace."""
    mark: FileMark


@dataclass(frozen=True, slots=True)
class FilmToSearch:
    """A film's stills, and what a file says of it where boxes come from one."""

    row_id: int
    video_id: str
    stills: tuple[StillToSearch, ...] = ()
    is_given: bool = False
    """Whether boxes come from a file."""
    names: tuple[str, ...] = ()
    """What that file may call the film."""
    given: GivenFilm | None = None

    @property
    def key(self) -> str:
        """Return a key that changes with the stills and with what is given."""
        digest = hashlib.sha256(repr(self.given).encode() if self.is_given else b"")
        for still in self.stills:
            digest.update(f"{still.time_seconds} {still.mark.sha256}".encode())
        return f"{self.video_id} {digest.hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class FoundHere:
    """A box on a still."""

    key_frame_id: int
    corners: Corners
    score: float
    person: int | None
    look: bytes
    actions: tuple[int, ...] = ()
    """What the person does, as a file says."""


def stage(workspace: Workspace) -> Stage[FilmToSearch, list[FoundHere]]:
    """Return the stage: an item is a film's stills.

    Reads `key_frame`, `given_box`; writes `detected_box`, and `person_box` for what a detector
    is sure enough of.
    """
    config, weights = workspace.config.detect, weights_of(workspace)
    digest = file_sha256(weights) if weights and weights.is_file() else ""
    # The operating point is applied afterwards: another one searches no still again.
    known = replace(config, min_score=0.0, timeout_seconds=1.0, weights="")
    return Stage(
        name="ava detect",
        needs="ava keyframes",
        what="films with key frames",
        settings_hash=settings_hash(METHOD, known, digest),
        items=in_one_page(_items),
        load=_filled,
        work=partial(detect, root=workspace.root.absolute(), config=config, weights=weights),
        save=one_by_one(partial(_save, origin=config.detector)),
        refuses=partial(withheld, storage=workspace.storage, told=without_files),
        timeout_seconds=config.timeout_seconds,
        forgets=True,
        after=partial(show_boxes, min_score=config.min_score),
    )


def detect(
    film: FilmToSearch, *, root: Path, config: DetectConfig, weights: Path | None
) -> list[FoundHere]:
    """Return the boxes on a film's stills.

    Raises ItemFailed(NO_PERSON) where there is none on any of them, ItemFailed(CHANGED) for a
    still that is not the one written down.
    """
    from kinetics_builder.ava.looks import read_picture

    given = _given(film) if film.is_given else None
    detector = None if given is not None else load_detector(config.detector, weights)
    boxes: list[FoundHere] = []
    for still in film.stills:
        here = None if given is None else given.get(still.time_seconds, ())
        if here == ():
            continue
        with as_marked(root / still.file, still.mark):
            rgb_HWC = read_picture(root / still.file)
        if here is None:
            assert detector is not None
            here = _searched(rgb_HWC, detector, config)
        boxes += _measured(still, rgb_HWC, here)
    if not boxes:
        raise ItemFailed(
            Reason.NO_PERSON,
            f"{config.detector} finds nobody on {len(film.stills)} stills. Another detector may: "
            "detect.detector in kbuild.toml; or give boxes with --boxes",
        )
    return boxes


def show_boxes(session: Session, *, min_score: float) -> None:
    """Show the detected boxes from the operating point on; take back those below it.

    What people drew, moved or dropped stays as they left it.
    """
    session.flush()
    films = select(KeyFrame.video_id).distinct().order_by(KeyFrame.video_id)
    for film_id in session.scalars(films).all():
        _show_film(session, film_id, min_score)
        session.flush()


def _show_film(session: Session, film_id: int, min_score: float) -> None:
    is_sure = and_(
        DetectedBox.is_withdrawn.is_(False),
        or_(DetectedBox.origin == FILE, DetectedBox.score >= min_score),
    )
    pairs = (
        select(DetectedBox, PersonBox)
        .join(KeyFrame, KeyFrame.id == DetectedBox.key_frame_id)
        .outerjoin(PersonBox, PersonBox.detected_box_id == DetectedBox.id)
        .where(KeyFrame.video_id == film_id)
    )
    for detected, _ in session.execute(pairs.where(is_sure, PersonBox.id.is_(None))).all():
        session.add(_shown(detected))
    back = []
    for _, box in session.execute(pairs.where(is_sure, PersonBox.is_withdrawn)).all():
        back.append(box.id)
        box.is_withdrawn = False
    session.flush()
    note_boxes(session.connection(), back)
    for _, box in session.execute(pairs.where(~is_sure, ~PersonBox.is_withdrawn)).all():
        take_back_box(session, box)


def _shown(detected: DetectedBox) -> PersonBox:
    return PersonBox(
        key_frame_id=detected.key_frame_id,
        detected_box_id=detected.id,
        **{name: getattr(detected, name) for name in Corners._fields},
    )


def _given(film: FilmToSearch) -> dict[float, tuple[GivenHere, ...]]:
    """Return a file's boxes by the time of their key frame."""
    given = film.given
    if given is None:
        raise ItemFailed(
            Reason.NO_PERSON,
            "the file of boxes has none for this film. Add them, or give another file with --boxes",
        )
    if not given.by_moment:
        first, last = film.stills[0].time_seconds, film.stills[-1].time_seconds
        raise ItemFailed(
            Reason.NO_PERSON,
            f"{given.file} has {given.num_boxes} boxes for this film, from "
            f"{given.first_seconds:g} s to {given.last_seconds:g} s, and none at a key frame "
            f"({first:g} s to {last:g} s). Do its times count from the film's start, and is --fps "
            "right?",
        )
    return dict(given.by_moment)


def _searched(
    rgb_HWC: "NDArray[np.uint8]", detector: PersonDetector, config: DetectConfig
) -> tuple[GivenHere, ...]:
    found = [
        Found(one.corners, round(one.score, 4))
        for one in detector.find(rgb_HWC)
        if one.score >= config.keep_score
    ]
    best = strongest(found, config.max_overlap)
    return tuple(GivenHere(one.corners, one.score, None) for one in best)


def _measured(
    still: StillToSearch, rgb_HWC: "NDArray[np.uint8]", here: Sequence[GivenHere]
) -> list[FoundHere]:
    from kinetics_builder.ava.looks import look_of

    return [
        FoundHere(
            still.key_frame_id,
            one.corners,
            one.score,
            one.person,
            look_of(rgb_HWC, one.corners),
            one.actions,
        )
        for one in here
    ]


@cache
def load_detector(name: str, weights: Path | None) -> PersonDetector:
    """Load a detector once a process."""
    if name == HOG:
        from kinetics_builder.ava.hog import HogDetector

        return HogDetector()
    assert weights is not None
    if name == TRAINED:
        from models.detection.people.detector import TrainedDetector

        return TrainedDetector.load(weights)
    from models.detection.persons import TorchvisionDetector

    return TorchvisionDetector(name, weights)


def _items(session: Session) -> Sequence[tuple[str, FilmToSearch]]:
    """Return the films, without their stills: those of one film at a time are looked at."""
    of_stills = select(KeyFrame.video_id).where(KeyFrame.is_withdrawn.is_(False))
    rows = session.execute(
        select(Video.id, Video.video_id).where(Video.id.in_(of_stills)).order_by(Video.video_id)
    ).all()
    is_given = has_file(session)
    names = names_by_film(session) if is_given else {}
    films = [FilmToSearch(*row, is_given=is_given, names=names.get(row[0], ())) for row in rows]
    return [(_filled(session, film).key, film) for film in films]


def _filled(session: Session, film: FilmToSearch) -> FilmToSearch:
    columns = KeyFrame.id, KeyFrame.timestamp_seconds, KeyFrame.file
    mark = KeyFrame.bytes, KeyFrame.sha256, KeyFrame.modified_ns
    rows = session.execute(
        select(*columns, *mark)
        .where(KeyFrame.video_id == film.row_id, KeyFrame.is_withdrawn.is_(False))
        .order_by(KeyFrame.timestamp_seconds)
    )
    stills = tuple(StillToSearch(*row[:3], FileMark(*row[3:])) for row in rows)
    moments = [still.time_seconds for still in stills]
    given = given_of_film(session, film.row_id, film.names, moments) if film.names else None
    return replace(film, stills=stills, given=given)


def _save(session: Session, film: FilmToSearch, boxes: Sequence[FoundHere], *, origin: str) -> None:
    """Write down a film's boxes; one that was there before keeps its row, and what hangs on it."""
    origin = FILE if film.is_given else origin
    known: dict[tuple[object, ...], list[DetectedBox]] = defaultdict(list)
    frames = [still.key_frame_id for still in film.stills]
    for row in _rows_of(session, frames):
        corners = Corners(row.x1, row.y1, row.x2, row.y2)
        known[row.key_frame_id, corners, row.given_person].append(row)
    for box in boxes:
        same = known.get((box.key_frame_id, box.corners, box.person))
        row = same.pop() if same else DetectedBox(key_frame_id=box.key_frame_id)
        row.x1, row.y1, row.x2, row.y2 = box.corners
        row.score, row.origin, row.look = box.score, origin, box.look
        row.given_person, row.is_withdrawn = box.person, False
        row.given_actions = list(box.actions)
        session.add(row)
    for gone in (row for rows in known.values() for row in rows):
        forget_detected(session, gone)


def _rows_of(session: Session, frames: Sequence[int]) -> list[DetectedBox]:
    found: list[DetectedBox] = []
    for some in chunks(frames):
        found += session.scalars(
            select(DetectedBox)
            .where(DetectedBox.key_frame_id.in_(some))
            .order_by(DetectedBox.id.desc())
        )
    return found
