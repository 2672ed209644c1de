"""Who is seen when in a film, as a file of boxes says: what is drawn over its pictures.

Between two key frames nothing is known but where the same person is at both: there a box goes in
a straight line from one to the other. All others are seen around their key frame alone.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.records import Box

SLACK = 0.01
"""Share of the step by which two key frames may lie further apart and still be neighbours."""

TICK_SECONDS = 1e-6
"""As fine as moments are told apart, by the official evaluator too."""


class Said(NamedTuple):
    """An action of a person."""

    name: str
    score: float | None
    """None where the file has none: of ground truth."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person at a key frame."""

    time_seconds: float
    corners: Corners
    """Shares of the picture's width and height."""
    person: int | None
    actions: tuple[Said, ...]
    """The best score first; without scores in the file's order."""
    score: float | None = None
    """Of the box itself, where the file gives boxes without actions."""

    def at_least(self, threshold: float) -> "Sighting | None":
        """Return it with the actions of at least this score; None where nothing is left.

        What has no score stays.
        """
        if not self.actions:
            return self if _is_at_least(self.score, threshold) else None
        kept = tuple(said for said in self.actions if _is_at_least(said.score, threshold))
        return Sighting(self.time_seconds, self.corners, self.person, kept) if kept else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says of one film, in order of time."""

    moments: tuple[float, ...] = ()
    """All key frames that the file lists, those without a person as well."""
    sightings: tuple[Sighting, ...] = ()

    def at_least(self, threshold: float) -> "Sheet":
        """Return the sheet with what has at least this score."""
        kept = (sighting.at_least(threshold) for sighting in self.sightings)
        return Sheet(self.moments, tuple(sighting for sighting in kept if sighting is not None))

    def moved(self, seconds: float) -> "Sheet":
        """Return the sheet with all times later by so many seconds."""
        moments = tuple(moment + seconds for moment in self.moments)
        moved = (
            Sighting(s.time_seconds + seconds, s.corners, s.person, s.actions, s.score)
            for s in self.sightings
        )
        return Sheet(moments, tuple(moved))

    def within(self, start: float, end: float) -> "Sheet":
        """Return what is said of the moments from `start` to before `end`."""
        moments = tuple(moment for moment in self.moments if start <= moment < end)
        kept = (s for s in self.sightings if start <= s.time_seconds < end)
        return Sheet(moments, tuple(kept))


def sheet_of(boxes: Iterable[Box], names: dict[int, str]) -> Sheet:
    """Return what the rows of one film say; `names` are those of the actions' numbers.

    Rows of one key frame, person and corners are one sighting. An action without a name is
    called by its number; one without a number by the row's own label.
    """
    moments: set[float] = set()
    found: dict[tuple[float, Corners, int | None], list[Box]] = {}
    for box in boxes:
        time = round(box.timestamp_seconds, 6)
        moments.add(time)
        if box.x1 is not None and box.y1 is not None and box.x2 is not None and box.y2 is not None:
            corners = Corners(box.x1, box.y1, box.x2, box.y2)
            found.setdefault((time, corners, box.person_id), []).append(box)
    sightings = [_sighting(*key, rows, names) for key, rows in found.items()]
    sightings.sort(key=lambda one: (one.time_seconds, one.corners, one.person or 0))
    return Sheet(tuple(sorted(moments)), tuple(sightings))


def _sighting(
    time: float, corners: Corners, person: int | None, rows: list[Box], names: dict[int, str]
) -> Sighting:
    said = (Said(name, row.score) for row in rows if (name := _name(row, names)) is not None)
    actions = sorted(said, key=lambda one: -1.0 if one.score is None else -one.score)
    scores = [row.score for row in rows if row.score is not None]
    return Sighting(time, corners, person, tuple(actions), max(scores, default=None))


def _name(row: Box, names: dict[int, str]) -> str | None:
    if row.action_id is None:
        return row.label
    return names.get(row.action_id) or row.label or f"action {row.action_id}"


def _is_at_least(score: float | None, threshold: float) -> bool:
    return score is None or score >= threshold


def twice_at_once(sheet: Sheet) -> list[Sighting]:
    """Return the sightings of persons who have another box at the same key frame."""
    counts = Counter((one.time_seconds, one.person) for one in sheet.sightings)
    return [
        one
        for one in sheet.sightings
        if one.person is not None and counts[one.time_seconds, one.person] > 1
    ]


def followings(sheet: Sheet, step_seconds: float) -> list[int | None]:
    """Return for each sighting the place of the same person's next one, at the next key frame.

    None where the next key frame lies further away than a step, where the person is not there,
    or has two boxes at either.
    """
    unclear = {(one.time_seconds, one.person) for one in twice_at_once(sheet)}
    place_of: dict[tuple[float, int | None], int] = {
        (one.time_seconds, one.person): place
        for place, one in enumerate(sheet.sightings)
        if one.person is not None and (one.time_seconds, one.person) not in unclear
    }
    longest = step_seconds * (1 + SLACK) + TICK_SECONDS
    next_of = dict(zip(sheet.moments, sheet.moments[1:], strict=False))

    def following(one: Sighting) -> int | None:
        then = next_of.get(one.time_seconds)
        if then is None or then - one.time_seconds > longest:
            return None
        known = (one.time_seconds, one.person) in place_of
        return place_of.get((then, one.person)) if known else None

    return [following(one) for one in sheet.sightings]


@dataclass
class Overlay:
    """What is drawn over a film's pictures, of one file."""

    sheet: Sheet
    step_seconds: float
    """From one key frame to the next, at most: over more nobody is followed."""
    hold_seconds: float
    """How long a box is seen around its key frame where its person is not followed."""
    _begins: list[float] = field(init=False, repr=False)
    _stays: list[tuple[float, float, Sighting, Sighting | None]] = field(init=False, repr=False)
    _longest: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sightings = self.sheet.sightings
        following = followings(self.sheet, self.step_seconds)
        came, half = set(following), self.hold_seconds / 2
        stays = []
        for place, one in enumerate(sightings):
            next_place = following[place]
            then = None if next_place is None else sightings[next_place]
            begin = one.time_seconds - (0 if place in came else half)
            end = one.time_seconds + half if then is None else then.time_seconds
            stays.append((begin, end, one, then))
        self._stays = sorted(stays, key=lambda stay: (stay[0], stay[2].corners))
        self._begins = [stay[0] for stay in self._stays]
        self._longest = max((end - begin for begin, end, *_ in stays), default=0.0)

    def shown(self, begin: float, end: float) -> list[Sighting]:
        """Return who is seen on the picture that is shown from `begin` to `end`.

        A key frame in that time is what the picture shows; without one, its beginning.
        """
        place = bisect_left(self.sheet.moments, begin - TICK_SECONDS)
        is_key = place < len(self.sheet.moments) and self.sheet.moments[place] < end - TICK_SECONDS
        moment = self.sheet.moments[place] if is_key else begin
        first = bisect_left(self._begins, moment - self._longest - TICK_SECONDS)
        last = bisect_right(self._begins, moment + TICK_SECONDS)
        return [
            _between(one, then, moment)
            for stay_begin, stay_end, one, then in self._stays[first:last]
            if stay_begin - TICK_SECONDS <= moment
            if (moment < stay_end if then else moment <= stay_end + TICK_SECONDS)
        ]


def _between(one: Sighting, then: Sighting | None, moment: float) -> Sighting:
    """Return a person on the way from one sighting to the next, doing what the nearer one says."""
    if then is None or moment <= one.time_seconds:
        return one
    share = (moment - one.time_seconds) / (then.time_seconds - one.time_seconds)
    corners = Corners(
        *(a + share * (b - a) for a, b in zip(one.corners, then.corners, strict=True))
    )
    nearer = one if share < 0.5 else then
    return Sighting(moment, corners, one.person, nearer.actions, nearer.score)
