"""What people said of a film's key frames, as the database has it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.truth import (
    AnsweredBox,
    AnsweredFrame,
    By,
    Confirmed,
    Corners,
    TrueFrame,
    settle,
)
from kinetics_builder.crowd.links.boxes import lies_in
from kinetics_builder.crowd.links.deciding import are_links_open
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxDecision,
    BoxProposal,
    DetectedBox,
    Gold,
    KeyFrame,
    LinkDecision,
    LinkStretch,
    PersonAction,
    PersonBox,
    Task,
    TaskSlot,
    Verdict,
)
from kinetics_builder.formats.records import Box
from pipelines.ava.detect import FILE
from pipelines.ava.releasing.films import FilmFile

_DIGITS, _MORE_DIGITS = 3, 6
"""Decimals of a corner, as AVA has them; more for a box so thin that it would have no area."""

_WHO = "people have not said who is there"
_WHOSE = "people have not said whose the boxes are"
_ASKED_AS_GOLD = "it was asked about as gold alone, and too few have answered"
_NAMED = "too few people have named what the person does"
_BOX_BY = {FILE: By.FILE, None: By.PEOPLE}
_NOT_IN_FILE = "the file of boxes says nothing of it, nor do people"


@dataclass(frozen=True)
class Answers:
    """Reads what people said, a film at a time."""

    session: Session
    vocabulary: Vocabulary
    keep_tied: bool
    takes_file: bool = False
    """Whether the actions that a file of boxes states stand where people have not said all."""
    _asks_who: bool = field(init=False)
    """Whether people say who is there; else the machine's boxes stand."""

    def __post_init__(self) -> None:
        asks = select(Task.id).where(Task.kind == "boxes").limit(1)
        object.__setattr__(self, "_asks_who", self.session.scalar(asks) is not None)

    def settled(self, film: FilmFile) -> list[TrueFrame]:
        """Return what is released of each key frame of a film, in the order of time."""
        frames = self.frames(film)
        return [settle(frame, self.vocabulary, keep_tied=self.keep_tied) for frame in frames]

    def frames(self, film: FilmFile) -> list[AnsweredFrame]:
        """Return what people said of each key frame of a film, in the order of time."""
        boxes = self._boxes(film)
        rows: Iterable[Any] = self.session.execute(_FRAMES, {"film": film.row_id})
        return [
            AnsweredFrame(
                seconds=row.seconds,
                boxes=tuple(sorted(_told(boxes[row.id], row), key=_box_order)),
                open=self._open(row),
                unusable=self._unusable(row, boxes[row.id]),
            )
            for row in rows
        ]

    def _unusable(self, row: Any, boxes: Sequence[AnsweredBox]) -> str | None:
        if self._was_gold_alone(row):
            return _ASKED_AS_GOLD
        return _NOT_IN_FILE if self.takes_file and not (boxes or row.is_decided) else None

    def _open(self, row: Any) -> str | None:
        if self._asks_who and not row.is_decided and not self._was_gold_alone(row):
            return _WHO
        return _WHOSE if row.are_links_open else None

    def _was_gold_alone(self, row: Any) -> bool:
        return self._asks_who and row.is_gold and not row.is_decided and not row.is_asked

    def _boxes(self, film: FilmFile) -> dict[int, list[AnsweredBox]]:
        """Return the boxes that stand, by key frame."""
        asked = {"film": film.row_id}
        confirmed: dict[int, list[Confirmed]] = defaultdict(list)
        denied: dict[int, set[int]] = defaultdict(set)
        rows: Iterable[Any] = self.session.execute(_DECIDED, asked)
        for box_id, verdict, *action in rows:
            if verdict is Verdict.ACCEPTED:
                confirmed[box_id].append(Confirmed(*action))
            else:
                denied[box_id].add(action[0])
        waiting = {box_id: number for box_id, number in self.session.execute(_WAITING, asked)}
        found: dict[int, list[AnsweredBox]] = defaultdict(list)
        boxes: Iterable[Any] = self.session.execute(_BOXES, asked)
        for row in boxes:
            box = _answered(row, confirmed[row.id], waiting.get(row.id, 0))
            if self.takes_file and box.open is not None and row.origin == FILE:
                box = _stated(box, row.given_actions, denied[row.id])
            found[row.key_frame_id].append(box)
        return found


def _answered(row: Any, confirmed: Sequence[Confirmed], num_waiting: int) -> AnsweredBox:
    rejected = row.verdict is Verdict.REJECTED
    return AnsweredBox(
        corners=rounded((row.x1, row.y1, row.x2, row.y2)),
        person=row.person,
        actions=tuple(sorted(confirmed)),
        rejected=_why_rejected(row.num_blocked, row.num_wrong_box) if rejected else None,
        open=None if rejected else _box_open(row.verdict, num_waiting),
        box_by=_BOX_BY.get(row.origin, By.MACHINE),
        person_by=By.MACHINE if row.given_person is None else By.FILE,
    )


def _stated(box: AnsweredBox, actions: Iterable[int], denied: Collection[int]) -> AnsweredBox:
    """Return a box with the actions that its file states, but those that people have rejected."""
    known = {one.action_id for one in box.actions}
    stated = [
        Confirmed(number, 0, 0, 0, By.FILE)
        for number in actions
        if number not in known and number not in denied
    ]
    return replace(box, actions=tuple(sorted([*box.actions, *stated])), open=None)


def _told(boxes: Iterable[AnsweredBox], row: Any) -> Iterator[AnsweredBox]:
    """Yield the boxes of a key frame; what people have decided of it is theirs."""
    for box in boxes:
        box_by = By.PEOPLE if row.is_decided else box.box_by
        person_by = By.PEOPLE if row.are_links_decided else box.person_by
        yield replace(box, box_by=box_by, person_by=person_by)


def proposals_of(session: Session, film: FilmFile, moments: set[float]) -> Iterator[Box]:
    """Yield the boxes that a detector (or a file) found at these moments, in a stable order."""
    rows: Iterable[Any] = session.execute(_DETECTED, {"film": film.row_id})
    found = (
        Box(film.video_id, seconds, *rounded(corners), score=round(score, _MORE_DIGITS))
        for seconds, score, *corners in rows
        if seconds in moments
    )
    yield from sorted(found, key=lambda box: (box.timestamp_seconds, -(box.score or 0), box[2:6]))


def best_score_of(session: Session, film: FilmFile) -> dict[float, float]:
    """Return the highest score of a detected person at each key frame that has one."""
    rows = session.execute(_BEST_SCORE, {"film": film.row_id})
    return {seconds: score for seconds, score in rows}


def count_stated(session: Session) -> int:
    """Return of how many boxes that stand a file says what the person does."""
    stated = (
        select(DetectedBox.given_actions)
        .join(_SHOWN, _SHOWN.detected_box_id == DetectedBox.id)
        .join(PersonBox, _SHOWN.id == func.coalesce(PersonBox.replaces_id, PersonBox.id))
        .where(DetectedBox.origin == FILE, PersonBox.stands())
    )
    return sum(bool(actions) for actions in session.scalars(stated))


def rounded(corners: Sequence[float]) -> Corners:
    """Return corners as rows have them: with three decimals, or more where the box is thinner."""
    for digits in (_DIGITS, _MORE_DIGITS):
        x1, y1, x2, y2 = (round(corner, digits) for corner in corners)
        if x1 < x2 and y1 < y2:
            break
    return x1, y1, x2, y2


def _box_order(box: AnsweredBox) -> tuple[Any, ...]:
    return (-1 if box.person is None else box.person, box.corners)


def _why_rejected(num_blocked: int, num_wrong: int) -> str:
    return "hidden or blocked" if num_blocked >= num_wrong else "no person, or not around one"


def _box_open(verdict: Verdict | None, num_waiting: int) -> str | None:
    if verdict is not Verdict.ACCEPTED:
        return _NAMED
    if not num_waiting:
        return None
    labels = (
        "1 proposed action waits" if num_waiting == 1 else f"{num_waiting} proposed actions wait"
    )
    return f"{labels} for votes"


_IS_WANTED = and_(KeyFrame.video_id == bindparam("film"), KeyFrame.is_withdrawn.is_(False))
_IS_ASKED = exists(TaskSlot.id).where(
    TaskSlot.key_frame_id == KeyFrame.id,
    TaskSlot.person_box_id.is_(None),
    TaskSlot.gold_id.is_(None),
)
_IS_GOLD = exists(Gold.id).where(Gold.key_frame_id == KeyFrame.id, Gold.person_box_id.is_(None))
_ARE_LINKS_DECIDED = exists(LinkStretch.id).where(
    lies_in(LinkStretch, KeyFrame),
    LinkDecision.stretch_id == LinkStretch.id,
    LinkDecision.is_decided,
)
_FRAMES = (
    select(
        KeyFrame.id,
        KeyFrame.timestamp_seconds.label("seconds"),
        BoxDecision.is_decided,
        _IS_ASKED.label("is_asked"),
        _IS_GOLD.label("is_gold"),
        are_links_open().label("are_links_open"),
        _ARE_LINKS_DECIDED.label("are_links_decided"),
    )
    .outerjoin(BoxDecision, BoxDecision.key_frame_id == KeyFrame.id)
    .where(_IS_WANTED)
    .order_by(KeyFrame.timestamp_seconds)
)
_SHOWN = aliased(PersonBox)
"""A box as it was before people moved it."""
_BOXES = (
    select(
        PersonBox.id,
        PersonBox.key_frame_id,
        PersonBox.person,
        BoxProposal.verdict,
        BoxProposal.num_blocked,
        BoxProposal.num_wrong_box,
        PersonBox.x1,
        PersonBox.y1,
        PersonBox.x2,
        PersonBox.y2,
        DetectedBox.origin,
        DetectedBox.given_person,
        DetectedBox.given_actions,
    )
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .outerjoin(BoxProposal, BoxProposal.person_box_id == PersonBox.id)
    .outerjoin(_SHOWN, _SHOWN.id == func.coalesce(PersonBox.replaces_id, PersonBox.id))
    .outerjoin(DetectedBox, DetectedBox.id == _SHOWN.detected_box_id)
    .where(_IS_WANTED, PersonBox.stands())
)
_OF_ACTION = and_(
    PersonAction.person_box_id == ActionCandidate.person_box_id,
    PersonAction.action_id == ActionCandidate.action_id,
)
_DECIDED = (
    select(
        PersonAction.person_box_id,
        PersonAction.verdict,
        PersonAction.action_id,
        PersonAction.num_yes,
        PersonAction.num_no + PersonAction.num_unsure,
        func.coalesce(ActionCandidate.num_proposed, 0),
    )
    .join(PersonBox, PersonBox.id == PersonAction.person_box_id)
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .outerjoin(ActionCandidate, _OF_ACTION)
    .where(_IS_WANTED, PersonAction.verdict != Verdict.OPEN)
)
_WAITING = (
    select(ActionCandidate.person_box_id, func.count())
    .join(PersonBox, PersonBox.id == ActionCandidate.person_box_id)
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .outerjoin(PersonAction, _OF_ACTION)
    .where(_IS_WANTED, or_(PersonAction.verdict.is_(None), PersonAction.verdict == Verdict.OPEN))
    .group_by(ActionCandidate.person_box_id)
)
_FOUND = and_(_IS_WANTED, DetectedBox.is_withdrawn.is_(False))
_DETECTED = (
    select(
        KeyFrame.timestamp_seconds,
        DetectedBox.score,
        DetectedBox.x1,
        DetectedBox.y1,
        DetectedBox.x2,
        DetectedBox.y2,
    )
    .join(KeyFrame, KeyFrame.id == DetectedBox.key_frame_id)
    .where(_FOUND)
)
_BEST_SCORE = (
    select(KeyFrame.timestamp_seconds, func.max(DetectedBox.score))
    .join(DetectedBox, DetectedBox.key_frame_id == KeyFrame.id)
    .where(_FOUND)
    .group_by(KeyFrame.timestamp_seconds)
)
