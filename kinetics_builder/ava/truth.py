"""What people said of a key frame -> what a release says of it. Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from kinetics_builder.ava.actions import ActionType, Vocabulary

Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2 as shares of the frame's width and height."""

OPEN = "not answered yet: "
"""What the reason begins with where people have not said everything."""
REJECTED = "box rejected: "
NO_ACTION = "no action of the box was confirmed"
LESS_SURE_POSE = "another pose has more votes"
TIED_POSE = "another pose has as many votes"


class By(StrEnum):
    """Who says something of a key frame."""

    PEOPLE = "people"
    FILE = "a file"
    MACHINE = "a machine"


class Confirmed(NamedTuple):
    """An action of a person that enough people have confirmed, or that a file states."""

    action_id: int
    num_yes: int
    num_no: int
    """Votes that were not yes."""
    num_named: int
    """Annotators who named it before it was voted on."""
    by: By = By.PEOPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredBox:
    """A box that stands, and what people said of its person."""

    corners: Corners
    person: int | None
    actions: tuple[Confirmed, ...] = ()
    rejected: str | None = None
    """Why no action can be named, in words; None where some can."""
    open: str | None = None
    """What is not answered yet, in words; None where all is."""
    box_by: By = By.PEOPLE
    """Who says that somebody is there."""
    person_by: By = By.PEOPLE
    """Who says whose the box is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredFrame:
    """A key frame, and what people said of it."""

    seconds: float
    boxes: tuple[AnsweredBox, ...] = ()
    open: str | None = None
    """What of the frame as a whole is not answered yet, in words."""
    unusable: str | None = None
    """Why it is excluded, whatever else was said of it."""


class TrueBox(NamedTuple):
    """A person and all that the person does."""

    corners: Corners
    person: int | None
    actions: tuple[int, ...]
    unconfirmed: frozenset[int] = frozenset()
    """Those of the actions that a file states, and nobody has confirmed."""
    box_by: By = By.PEOPLE
    person_by: By = By.PEOPLE
    said: Mapping[int, Confirmed] = MappingProxyType({})
    """How each of the actions came to be confirmed, by its number."""


class LeftOut(NamedTuple):
    """What is not in the rows, and why: an action, else a box, else a key frame."""

    seconds: float
    box: Corners | None
    person: int | None
    action_id: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFrame:
    """What a release says of a key frame."""

    seconds: float
    boxes: tuple[TrueBox, ...] = ()
    """Those with an action; none where nobody does anything, or nobody is there."""
    is_excluded: bool = False
    """Whether it counts neither for nor against a result."""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def waits_for(self) -> str | None:
        """What people have not said yet, in words; None where all was said."""
        reasons = (one.reason for one in self.left_out if one.reason.startswith(OPEN))
        return next((reason.removeprefix(OPEN) for reason in reasons), None)


def settle(frame: AnsweredFrame, vocabulary: Vocabulary, *, keep_tied: bool = False) -> TrueFrame:
    """Return what is released of a key frame.

    It is excluded where something is not answered yet, and where all its boxes were rejected. A
    rejected box is left out, and so is one of which no action was confirmed: such a key frame
    counts. Of two poses of a person the one with more yes stays; of as many the one with fewer
    other votes, then the one that more annotators named. Poses that are still equal are both
    left out, or with `keep_tied` both kept.
    """
    if (reason := _unusable(frame)) is not None:
        told = LeftOut(frame.seconds, None, None, None, reason)
        return TrueFrame(seconds=frame.seconds, is_excluded=True, left_out=(told,))
    boxes: list[TrueBox] = []
    left_out: list[LeftOut] = []
    for box in frame.boxes:
        place = (frame.seconds, box.corners, box.person)
        if box.rejected is not None:
            left_out.append(LeftOut(*place, None, f"{REJECTED}{box.rejected}"))
            continue
        kept, reasons = _settled(box, vocabulary, keep_tied=keep_tied)
        left_out += [LeftOut(*place, action, reason) for action, reason in reasons]
        if kept:
            boxes.append(_true_box(box, kept))
        else:
            left_out.append(LeftOut(*place, None, NO_ACTION))
    return TrueFrame(
        seconds=frame.seconds,
        boxes=tuple(boxes),
        is_excluded=bool(frame.boxes) and all(box.rejected is not None for box in frame.boxes),
        left_out=tuple(left_out),
    )


def _true_box(box: AnsweredBox, kept: tuple[int, ...]) -> TrueBox:
    said = {one.action_id: one for one in box.actions if one.action_id in kept}
    stated = frozenset(number for number, one in said.items() if one.by is By.FILE)
    return TrueBox(box.corners, box.person, kept, stated, box.box_by, box.person_by, said)


def _unusable(frame: AnsweredFrame) -> str | None:
    """Return why nothing can be said of a frame yet: by itself, or by a box that lacks answers."""
    if frame.unusable is not None:
        return frame.unusable
    if frame.open is not None:
        return f"{OPEN}{frame.open}"
    open_boxes = (box for box in frame.boxes if box.open is not None)
    return next((f"{OPEN}{box.open} ({_named(box)})" for box in open_boxes), None)


def _named(box: AnsweredBox) -> str:
    if box.person is not None:
        return f"person {box.person}"
    return f"the box {', '.join(f'{corner:g}' for corner in box.corners)}"


def _settled(
    box: AnsweredBox, vocabulary: Vocabulary, *, keep_tied: bool
) -> tuple[tuple[int, ...], list[tuple[int, str]]]:
    """Return the actions that stay, and those that do not with the reason."""
    poses = [one for one in box.actions if _is_pose(one.action_id, vocabulary)]
    best = max(map(_sureness, poses), default=None)
    first = [one for one in poses if _sureness(one) == best]
    stay = first if len(first) == 1 or keep_tied else []
    reasons = [
        (one.action_id, TIED_POSE if one in first else LESS_SURE_POSE)
        for one in poses
        if one not in stay
    ]
    gone = {number for number, _ in reasons}
    return tuple(sorted({one.action_id for one in box.actions} - gone)), reasons


def _sureness(action: Confirmed) -> tuple[int, int, int]:
    return action.num_yes, -action.num_no, action.num_named


def faults_of(frame: TrueFrame, vocabulary: Vocabulary) -> Iterator[tuple[TrueBox, str]]:
    """Yield what no release may say, each with its box; nothing of a sound key frame.

    That is a box without an area or outside of [0, 1], one without a person, two boxes of one
    person, and an action that the vocabulary does not have.
    """
    seen: set[int] = set()
    for box in frame.boxes:
        x1, y1, x2, y2 = box.corners
        if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
            yield box, "expected a box with an area inside [0, 1]"
        if box.person is None:
            yield box, "it is nobody's yet: run `kbuild ava link`"
        elif box.person in seen:
            yield box, f"the person {box.person} has two boxes there: run `kbuild ava link`"
        else:
            seen.add(box.person)
        for number in box.actions:
            if number not in vocabulary:
                yield box, f"the action {number} is not in the vocabulary"


def _is_pose(number: int, vocabulary: Vocabulary) -> bool:
    return number in vocabulary and vocabulary.of_id(number).type is ActionType.POSE
