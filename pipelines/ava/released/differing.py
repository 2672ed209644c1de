"""What became of boxes and films from one release of films to another, and why."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from kinetics_builder.formats.boxes.ava.row_texts import share_text, timestamp_text
from kinetics_builder.formats.cells import named_rows
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box
from pipelines.ava.released.folder import FilmsFolder
from pipelines.ava.releasing.given import VOTES
from pipelines.ava.releasing.layouts import LEFT_OUT
from pipelines.publishing.clips.gone import TAKEN_DOWN
from pipelines.publishing.folders.errata import taken_in

SORTS = ("added", "removed", "moved", "redrawn", "relabelled")
"""Boxes are redrawn that have other corners, films moved that are in another split."""

_Frame = tuple[str, float]
_Corners = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, order=True)
class FilmDifference:
    """What became of one person at one key frame, of a key frame without a box, or of a film."""

    sort: str
    """One of `SORTS`."""
    video_id: str
    timestamp: str
    """As the rows have it; empty where it is about the film."""
    person_id: str
    """Empty where it is about nobody, or persons are not known."""
    before: str
    """Corners and actions, or the split; empty where it was not there."""
    after: str
    why: str
    """What the lists and the votes of the two releases say; empty where they say nothing."""

    @property
    def place(self) -> str:
        """Return what it is about, in words."""
        person = f" person {self.person_id}" if self.person_id else ""
        return f"{self.video_id}{self.timestamp and f' {self.timestamp}'}{person}"


@dataclass(frozen=True, slots=True)
class _Person:
    """A box, and what its person does."""

    person: int | None
    corners: _Corners
    actions: frozenset[int]

    def told(self) -> str:
        """Return it in words."""
        corners = " ".join(map(share_text, self.corners))
        return f"{corners}: {', '.join(map(str, sorted(self.actions)))}"


def diff_films(one: Path, other: Path) -> list[FilmDifference]:
    """Return what is otherwise in the second of two releases of films, sorted.

    Boxes of a key frame are the same where their corners are, else where their persons are.

    Raises:
        FormatError: One of them cannot be read.

    """
    before, after = _Side.of(one), _Side.of(other)
    found = list(_moved(before, after))
    for frame in before.frames.keys() | after.frames.keys():
        found += _of_frame(frame, before, after)
    return sorted(found)


@dataclass(frozen=True)
class _Side:
    """One of the two releases."""

    splits: Mapping[str, Collection[str]]
    """Of each film."""
    frames: Mapping[_Frame, Sequence[_Person]]
    reasons: Mapping[tuple[str, ...], str]
    """What is left out, and why: by the film, the moment, the person and the action; of a whole
    key frame, person and action are empty."""
    taken: Mapping[str, str]
    """When and why films were taken down, those among them whose names begin so."""
    votes: "_Votes" = field(repr=False)

    @classmethod
    def of(cls, folder: Path) -> "_Side":
        release = FilmsFolder.of(folder)
        splits: dict[str, set[str]] = defaultdict(set)
        for _, film in release.films:
            splits[film.video_id].add(film.split)
        frames: dict[_Frame, list[_Person]] = {}
        for split in release.splits():
            rows = (box for _, box in release.rows(split, Problems(release.truth(split))))
            for frame, boxes in groupby(rows, key=lambda box: (box[0], box[1])):
                frames.setdefault(frame, []).extend(_persons(boxes))
        reasons: dict[tuple[str, ...], str] = {
            (row["video_id"], row["timestamp"], row["person_id"], row["action_id"]): row["reason"]
            for row in _rows(folder / LEFT_OUT)
        }
        listed = [*_rows(folder / TAKEN_DOWN), *taken_in(folder)]
        taken = {row["video_id"]: f"{row['date']}: {row['reason']}" for row in listed}
        return cls(splits, frames, reasons, taken, _Votes(folder / VOTES.file))

    def why_not(self, frame: _Frame, person: str, action: str = "") -> str:
        """Return why something is not in the rows; empty where that is not said."""
        place = frame[0], timestamp_text(frame[1])
        found = self.reasons.get((*place, person, action)) or self.reasons.get((*place, "", ""))
        return found or ""


class _Votes:
    """How people voted on actions, read once it is asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said: dict[tuple[str, ...], dict[str, tuple[int, str]]] | None = None

    def told(self, frame: _Frame, box: _Person, action: int) -> str:
        """Return how many said what of an action; empty where nobody was asked."""
        if self._said is None:
            self._said = defaultdict(dict)
            for row in _rows(self._path):
                standing = self._said[tuple(row[name] for name in _OF_VOTE)]
                standing[row["worker"]] = max(
                    standing.get(row["worker"], (-1, "")), (int(row["revision"]), row["answer"])
                )
        place = frame[0], timestamp_text(frame[1]), *map(share_text, box.corners), str(action)
        answers = [answer for _, answer in self._said.get(place, {}).values()]
        counts = {answer: answers.count(answer) for answer in ("yes", "no", "unsure")}
        told = ", ".join(f"{number} {answer}" for answer, number in counts.items() if number)
        return f"action {action}: {told}" if told else ""


_OF_VOTE = ("video_id", "timestamp", "x1", "y1", "x2", "y2", "action_id")


def _persons(rows: Iterator[Box]) -> Iterator[_Person]:
    """Yield the boxes of a key frame with all their actions."""
    actions: dict[tuple[int | None, _Corners], set[int]] = defaultdict(set)
    for box in rows:
        if box.x1 is not None and box.action_id is not None:
            corners = box.x1, box.y1 or 0.0, box.x2 or 0.0, box.y2 or 0.0
            actions[box.person_id, corners].add(box.action_id)
    for (person, corners), numbers in actions.items():
        yield _Person(person, corners, frozenset(numbers))


def _moved(before: _Side, after: _Side) -> Iterator[FilmDifference]:
    for film in before.splits.keys() & after.splits.keys():
        was, now = (" and ".join(sorted(side.splits[film])) for side in (before, after))
        if was != now:
            yield FilmDifference("moved", film, "", "", was, now, "")


def _of_frame(frame: _Frame, before: _Side, after: _Side) -> Iterator[FilmDifference]:
    gone, new = list(before.frames.get(frame, ())), list(after.frames.get(frame, ()))
    pairs = [*_paired(gone, new, "corners"), *_paired(gone, new, "person")]
    for was, now in pairs:
        yield from _changed(frame, was, now, before, after)
    for box in gone:
        why = _why_removed(frame, box, after)
        yield _difference("removed", frame, box.person, box.told(), "", why)
    for box in new:
        why = _why_added(frame, box, before)
        yield _difference("added", frame, box.person, "", box.told(), why)
    if frame not in after.frames and not before.frames[frame]:
        why = _why_removed(frame, None, after)
        yield _difference("removed", frame, None, _NOBODY, "", why)
    if frame not in before.frames and not after.frames[frame]:
        yield _difference("added", frame, None, "", _NOBODY, _why_added(frame, None, before))


_NOBODY = "nobody does anything"


def _paired(gone: list[_Person], new: list[_Person], by: str) -> Iterator[tuple[_Person, _Person]]:
    """Take out and yield the boxes that are the same by corners, or by the person."""
    for was in list(gone):
        key = getattr(was, by)
        same = None if key is None else next((one for one in new if getattr(one, by) == key), None)
        if same is not None:
            gone.remove(was)
            new.remove(same)
            yield was, same


def _changed(
    frame: _Frame, was: _Person, now: _Person, before: _Side, after: _Side
) -> Iterator[FilmDifference]:
    person = now.person
    if was.corners != now.corners:
        yield _difference("redrawn", frame, person, was.told(), now.told(), "")
    if was.actions != now.actions:
        why = "; ".join(filter(None, _why_relabelled(frame, was, now, before, after)))
        yield _difference("relabelled", frame, person, was.told(), now.told(), why)


def _why_relabelled(
    frame: _Frame, was: _Person, now: _Person, before: _Side, after: _Side
) -> Iterator[str]:
    for action in sorted(was.actions - now.actions):
        reason = after.reasons.get((*_place(frame), _text(now.person), str(action)))
        told = f"action {action}: {reason}" if reason else ""
        yield told or after.votes.told(frame, now, action)
    for action in sorted(now.actions - was.actions):
        reason = before.reasons.get((*_place(frame), _text(was.person), str(action)))
        told = f"action {action} was left out before: {reason}" if reason else ""
        yield told or after.votes.told(frame, now, action)


def _why_removed(frame: _Frame, box: _Person | None, after: _Side) -> str:
    if frame[0] not in after.splits:
        taken = after.taken.get(frame[0])
        return f"taken down {taken}" if taken else "the film is no part of it"
    return after.why_not(frame, _text(None if box is None else box.person))


def _why_added(frame: _Frame, box: _Person | None, before: _Side) -> str:
    if frame[0] not in before.splits:
        return "the film was no part of it"
    reason = before.why_not(frame, _text(None if box is None else box.person))
    return f"was left out before: {reason}" if reason else ""


def _difference(
    sort: str, frame: _Frame, person: int | None, before: str, after: str, why: str
) -> FilmDifference:
    return FilmDifference(sort, *_place(frame), _text(person), before, after, why)


def _place(frame: _Frame) -> tuple[str, str]:
    return frame[0], timestamp_text(frame[1])


def _text(person: int | None) -> str:
    return "" if person is None else str(person)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    return named_rows(path)
