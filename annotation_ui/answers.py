"""Taking one answer: stored once, if it is still needed; a later one may take its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk, Question
from annotation_ui.desk_rows import read_desk
from annotation_ui.earlier import read_earlier
from annotation_ui.handout import submit
from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.tables import Answer, Assignment, TaskSlot, Vote

MAX_SECONDS = 86_400.0
"""Longer showing times say nothing about the clip."""


class Outcome(StrEnum):
    """What became of an answer."""

    SAVED = "saved"
    """It is in the database, now or since an earlier attempt."""
    CONFLICT = "conflict"
    """Another answer of the same worker is there, and stays."""
    CLOSED = "closed"
    """Others had decided the clip before; nothing was stored."""
    FOREIGN = "foreign"
    """The question lies in no task of this worker."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker says about one clip."""

    answer: Answer
    lasts_whole_clip: bool | None = None
    better_name: str | None = None
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same about the clip."""
        return self._said == other._said

    @property
    def _said(self) -> tuple[Answer, bool | None, str | None]:
        return self.answer, self.lasts_whole_clip, self.better_name


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an answer, and the task as it lies there now."""

    outcome: Outcome
    stored: Reply | None = None
    """The answer that counts now."""
    desk: Desk | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who answers which slot, when."""

    worker_id: int
    slot_id: int
    now: float


def store(session: Session, sender: Sender, reply: Reply, config: VerifyConfig) -> Receipt:
    """Store an answer, unless the worker gave one before or the clip is decided.

    The same answer sent again is `SAVED` as before, so a client may repeat itself until it
    hears back. An answer that comes after the task's time is still taken if it is needed.
    One of the worker's last answers is replaced by a reply with the next `revision`, also
    after the clip was decided. Call it inside a write transaction.
    """
    task_id = session.connection().scalar(
        _TASK, {"worker_id": sender.worker_id, "slot_id": sender.slot_id}
    )
    if task_id is None:
        return Receipt(Outcome.FOREIGN)
    desk = read_desk(session, task_id, sender.worker_id, config, sender.now)
    question = next((q for q in desk.questions if q.slot_id == sender.slot_id), None)
    if question is None:
        return Receipt(Outcome.CLOSED, desk=desk)
    receipt = _settle(session, desk, question, replace(reply, answered_at=sender.now))
    if not desk.remaining():
        submit(session, sender.worker_id, task_id)
    return receipt


def _settle(session: Session, desk: Desk, question: Question, reply: Reply) -> Receipt:
    if question.subject in desk.mine:
        return _settle_again(session, desk, question, reply)
    if not question.is_gold and not desk.num_needed(question):
        return Receipt(Outcome.CLOSED, desk=desk)
    stored = _insert(session, desk.worker_id, question, replace(reply, revision=0))
    desk.mine[question.subject] = question.slot_id
    return Receipt(Outcome.SAVED, stored, desk)


def _settle_again(session: Session, desk: Desk, question: Question, reply: Reply) -> Receipt:
    """Store another answer to a question, if it means to replace the one that counts.

    A reply that was on its way for long and has been replaced since changes nothing.
    """
    given = _given(session, desk.worker_id, question)
    was_sent_before = reply.revision < len(given)
    if reply.agrees_with(given[reply.revision] if was_sent_before else given[-1]):
        return Receipt(Outcome.SAVED, given[-1], desk)
    earlier = read_earlier(session, desk.worker_id)
    if was_sent_before or question.subject not in {answer.subject for answer in earlier}:
        return Receipt(Outcome.CONFLICT, given[-1], desk)
    changed = replace(reply, revision=len(given))
    return Receipt(Outcome.SAVED, _insert(session, desk.worker_id, question, changed), desk)


def _given(session: Session, worker_id: int, question: Question) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    subject = {"clip_id": question.clip_id, "label_id": question.label_id}
    rows = session.execute(_REPLIES, {"worker_id": worker_id, **subject})
    return [Reply(*row) for row in rows]


def _insert(session: Session, worker_id: int, question: Question, reply: Reply) -> Reply:
    row = {
        "worker_id": worker_id,
        "clip_id": question.clip_id,
        "label_id": question.label_id,
        "slot_id": question.slot_id,
        "answer": reply.answer,
        "lasts_whole_clip": reply.lasts_whole_clip,
        "better_name": reply.better_name,
        "seconds": reply.seconds,
        "revision": reply.revision,
        "answered_at": reply.answered_at,
    }
    session.connection().execute(_INSERT, row)
    return reply


_VOTE = Vote.__table__
assert isinstance(_VOTE, Table)
_INSERT = insert(_VOTE)
_TASK = (
    select(TaskSlot.task_id)
    .join(Assignment, Assignment.task_id == TaskSlot.task_id)
    .where(
        TaskSlot.id == bindparam("slot_id"),
        Assignment.worker_id == bindparam("worker_id"),
    )
)
_REPLIES = (
    select(Vote.answer, Vote.lasts_whole_clip, Vote.better_name, Vote.seconds, Vote.revision)
    .where(
        Vote.worker_id == bindparam("worker_id"),
        Vote.clip_id == bindparam("clip_id"),
        Vote.label_id == bindparam("label_id"),
    )
    .order_by(Vote.revision)
)
