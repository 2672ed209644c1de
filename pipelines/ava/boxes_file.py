"""Boxes of a file in the place of a detector: read whole and checked before a row is written."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.boxes import clipped
from kinetics_builder.database.tables import GivenBox, GivenSize
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.actions import item_of
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.boxes.shapes import corners_of
from kinetics_builder.formats.format import Options, StatedSize
from kinetics_builder.formats.problems import Listener, Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.registry import find_format
from pipelines.ava.labels import Labels
from pipelines.ava.things import Key, Things
from pipelines.ava.told import BOXES, tell
from pipelines.converting.checks import opening


@dataclass(frozen=True, kw_only=True)
class BoxesFile:
    """A file of boxes, and what it does not say of itself."""

    path: Path
    format: str
    """One of the formats of boxes."""
    options: Options = field(default_factory=Options)
    is_stretched: bool = False
    """Whether its boxes were drawn on whole pictures that were stretched to another shape."""


OnSize = Callable[[StatedSize], None]
"""Is told of the frames on which boxes were drawn; of one film again and again."""


@dataclass(frozen=True)
class Given:
    """A box of the file."""

    film: str
    seconds: float
    corners: Corners
    score: float
    person: int | None
    place: str
    actions: tuple[int, ...] = ()
    """What the person does, in order; none where nobody asks."""


def read_boxes(
    file: BoxesFile,
    *,
    actions: Vocabulary | None = None,
    on_warning: Listener | None = None,
    on_size: OnSize | None = None,
) -> list[Given]:
    """Return the boxes of a file, each once, with those of `actions` that are said of it.

    Raises:
        FormatError: The format is none of boxes, or the first row that cannot be used: it
            names the file, the row, what was expected and found.

    """
    reading = _read(file, on_warning, on_size, Labels(actions))
    reading.tell_of_numbers()
    reading.labels.tell(reading.problems)
    done = reading.labels.done
    return [replace(one, actions=tuple(sorted(done[key]))) for key, one in reading.found.items()]


def read_key_frames(
    file: BoxesFile, *, on_warning: Listener | None = None, on_size: OnSize | None = None
) -> dict[str, dict[float, list[Corners]]]:
    """Return the boxes of a file by film and second, those of a listed key frame without any too.

    Raises:
        FormatError: As `read_boxes` does.

    """
    reading = _read(file, on_warning, on_size, Labels(None))
    frames: dict[str, dict[float, list[Corners]]] = defaultdict(dict)
    for film, seconds in reading.empty:
        frames[film][seconds] = []
    for box in reading.found.values():
        frames[box.film].setdefault(box.seconds, []).append(box.corners)
    return dict(frames)


def options_of(file: BoxesFile, on_size: OnSize | None) -> Options:
    """Return what the file does not say of itself, and who hears of its sizes."""
    return file.options if file.is_stretched else replace(file.options, on_frame_size=on_size)


def _read(
    file: BoxesFile, on_warning: Listener | None, on_size: OnSize | None, labels: Labels
) -> "_Reading":
    one = find_format(file.format, Kind.BOXES)
    if one.read is None:
        raise FormatError(f"{one.name} can be written only: it gives no boxes.")
    reading = _Reading(Problems(file.path, on_warning=on_warning), labels)
    things = Things(one, labels.label_map or file.options.labels)
    with opening(one, file.path):
        for box in one.read(file.path, options_of(file, on_size), reading.problems):
            if things.may_be_person(box) and (key := reading.take(box)) is not None:
                things.note(box, key)
                labels.note(box, key)
    things.leave_out(reading.found, reading.problems)
    if not reading.found:
        raise FormatError(f"{file.path}: holds no boxes. Expected boxes of persons in {one.name}.")
    return reading


def import_boxes(
    session: Session, file: BoxesFile, boxes: list[Given], sizes: Iterable[StatedSize]
) -> None:
    """Make the rows of `given_box` and `given_size` those of a file, in the place of any other."""
    _forget(session)
    rows = [
        {
            "film": box.film[:200],
            "timestamp_seconds": box.seconds,
            **box.corners._asdict(),
            "score": box.score,
            "person": box.person,
            "actions": list(box.actions),
            "place": box.place[:200],
        }
        for box in boxes
    ]
    session.execute(insert(GivenBox), rows)
    for size in sizes:
        row = GivenSize(
            film=size.video_id[:200], width=size.width, height=size.height, place=size.where
        )
        session.merge(row)
    tell(session, {BOXES: str(file.path)})


def forget_boxes(session: Session) -> None:
    """Go back to the detector."""
    _forget(session)
    tell(session, {BOXES: ""})


def _forget(session: Session) -> None:
    for table in (GivenBox, GivenSize):
        session.execute(delete(table))


def films_given(session: Session) -> list[str]:
    """Return what the file calls its films, sorted."""
    return sorted(session.scalars(select(GivenBox.film).distinct()))


class _Reading:
    """Takes the boxes of a file one after another."""

    def __init__(self, problems: Problems, labels: Labels) -> None:
        self.problems = problems
        self.labels = labels
        self._path = problems.path
        self.found: dict[Key, Given] = {}
        self.empty: set[tuple[str, float]] = set()
        """Films and seconds of key frames that are listed without a box."""
        self._whose: dict[tuple[str, float, int], Given] = {}
        self._films: dict[int, set[str]] = defaultdict(set)

    def take(self, box: Box) -> Key | None:
        """Take a record; None for one without corners, a key frame without a box."""
        stands = corners_of(box)
        if stands is None:
            self.empty.add((box.video_id, box.timestamp_seconds))
            return None
        self.problems.item = self.problems.item or item_of(box)
        corners = clipped(stands)
        if corners is None:
            self.problems.error(
                f"expected x1 < x2 and y1 < y2 inside [0, 1], found {tuple(stands)}: a box without "
                "an area. Remove it"
            )
            return None
        score = self._score(box)
        key = box.video_id, box.timestamp_seconds, corners, box.person_id
        known = self.found.get(key)
        if known is None or known.score < score:
            given = Given(*key[:3], score, box.person_id, self._place(box))
            self.found[key] = given
            if box.person_id is not None:
                self._check_number(given, box.person_id)
        self.problems.item = None
        return key

    def tell_of_numbers(self) -> None:
        """Say once that equal numbers in two films are two persons."""
        shared = sorted(n for n, films in self._films.items() if len(films) > 1)
        if shared:
            first = sorted(self._films[shared[0]])[:2]
            self.problems.line = self.problems.item = None
            self.problems.warning(
                f"{len(shared)} numbers of persons stand in more than one film, such as "
                f"{shared[0]} in {' and '.join(first)}: they are taken for different persons, for "
                "a number is one person's within a film alone"
            )

    def _score(self, box: Box) -> float:
        score = 1.0 if box.score is None else box.score
        if not 0 <= score <= 1:
            self.problems.error(
                f"expected a score in [0, 1], found {score:g}. Bring the scores of the file there"
            )
        return score

    def _check_number(self, given: Given, person: int) -> None:
        key = given.film, given.seconds, person
        other = self._whose.setdefault(key, given)
        self._films[person].add(given.film)
        if other.corners != given.corners:
            self.problems.error(
                f"two boxes of person {person} at {given.seconds:g} s of {given.film}: the other "
                f"stands at {other.place}. Remove one, or give it another number"
            )

    def _place(self, box: Box) -> str:
        line, path = self.problems.line, self.problems.path
        file = "" if path == self._path else f"{path.name}, "
        return f"{file}line {line}" if line is not None else item_of(box)
