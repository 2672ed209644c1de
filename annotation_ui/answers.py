"""Taking answers: stored once, if still needed; a later one may take an earlier one's place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from annotation_ui.desk import Desk, Question
from annotation_ui.desk_rows import Seat, read_desks
from annotation_ui.handout import submit
from annotation_ui.kinds.kind import Kind, Reply
from annotation_ui.kinds.registry import kind_of
from annotation_ui.practice import read_changeable
from annotation_ui.unwritten import Unwritten
from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.among import among
from kinetics_builder.database.bulk import listed
from kinetics_builder.database.tables import Assignment, Task, TaskSlot, Worker


class Outcome(StrEnum):
    """What became of an answer."""

    SAVED = "saved"
    """It is in the database, now or since an earlier attempt."""
    CONFLICT = "conflict"
    """Another answer of the same worker is there, and stays."""
    CLOSED = "closed"
    """Others had decided it before; nothing was stored."""
    FOREIGN = "foreign"
    """The question lies in no task of this worker."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an answer, and the task as it lies there now."""

    outcome: Outcome
    stored: Reply | None = None
    """The answer that counts now."""
    desk: Desk | None = None
    """None where another took the task: one who was joined to the sender, or nobody."""
    is_gold: bool = False
    """Whether what was asked has a known answer."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who answers which slot, when."""

    worker_id: int
    slot_id: int
    now: float
    holds: frozenset[int] = frozenset()
    """Slots of questions that the sender's page has read before."""


Sent = tuple[Sender, Reply]


def store(session: Session, sender: Sender, reply: Reply, config: VerifyConfig) -> Receipt:
    """Store one answer, see `store_all`."""
    (receipt,) = store_all(session, [(sender, reply)], config)
    return receipt


def store_all(session: Session, sent: Sequence[Sent], config: VerifyConfig) -> list[Receipt]:
    """Store answers, unless their workers gave one before or what they are about is decided.

    The same answer sent again is `SAVED` as before, so a client may repeat itself until it
    hears back. An answer that comes after the task's time is still taken if it is needed.
    One of the worker's last answers is replaced by a reply with the next `revision`, also
    after the decision, unless the truth was shown after it. Call it inside a write transaction.

    Each is taken as if those before it were in the database; what none of them touches is
    read for many at once.
    """
    found = _find_tasks(session, sent)
    receipts = {place: Receipt(Outcome.FOREIGN) for place, task in enumerate(found) if task is None}
    by_kind: dict[str, list[_Taken]] = {}
    for place, task in enumerate(found):
        if task is not None:
            sender, reply = sent[place]
            task_id, is_own, slot_id = task
            taken = _Taken(place, task_id, is_own, replace(sender, slot_id=slot_id), reply)
            by_kind.setdefault(taken.reply.kind, []).append(taken)
    for name, waiting in by_kind.items():
        receipts.update(_store_in_turn(kind_of(name), session, waiting, config))
    return [receipts[place] for place in range(len(sent))]


@dataclass(frozen=True, slots=True)
class _Taken:
    """An answer to a question of a task that its worker has or had."""

    place: int
    """Among all that came together."""
    task_id: int
    is_own: bool
    """Whether the sender took it; else one who was joined to the sender did."""
    sender: Sender
    reply: Reply


def _find_tasks(session: Session, sent: Sequence[Sent]) -> list[tuple[int, bool, int] | None]:
    """Return the task of each sender's slot, whether the sender took it, and the slot itself.

    That is another than the browser says where it knows one of the worker's own by an address.

    It may also be one that a worker took who was joined to the sender; None if it is neither,
    or if its questions are of another kind than the reply.
    """
    senders = [sender for sender, _ in sent]
    ids = {
        "slots": listed(sender.slot_id for sender in senders),
        "workers": listed(sender.worker_id for sender in senders),
    }
    rows: Iterable[Any] = session.connection().execute(_TASKS, ids)
    found: dict[tuple[int, int, str], tuple[int, bool, int]] = {}
    for worker_id, same_as_id, address, own_id, kind, task_id in rows:
        slot_id = own_id or address
        found[worker_id, address, kind] = task_id, True, slot_id
        if same_as_id is not None:
            found.setdefault((same_as_id, address, kind), (task_id, False, slot_id))
    return [found.get((sender.worker_id, sender.slot_id, reply.kind)) for sender, reply in sent]


def _store_in_turn(
    kind: Kind, session: Session, waiting: Sequence[_Taken], config: VerifyConfig
) -> dict[int, Receipt]:
    done: dict[int, Receipt] = {}
    while waiting:
        done.update(_store_apart(kind, session, waiting, config))
        waiting = [one for one in waiting if one.place not in done]
    return done


def _store_apart(
    kind: Kind, session: Session, waiting: Sequence[_Taken], config: VerifyConfig
) -> dict[int, Receipt]:
    """Store those answers that have nothing to do with one another; the first is among them.

    Two answers have, if they are of one worker or one task, or if what the earlier one is about
    lies in the other's task too. Those of one worker to one task are stored after one another.
    """
    together = _together(waiting)
    done: dict[int, Receipt] = {}
    unwritten = Unwritten(kind, session)
    answered: set[int] = set()
    seats = [_seat(some) for some in together]
    for some, desk in zip(together, read_desks(kind, session, seats, config), strict=True):
        if answered.isdisjoint(question.subject[0] for question in desk.questions):
            done.update((one.place, _store_one(unwritten, one, desk)) for one in some)
            slots = {one.sender.slot_id for one in some}
            answered.update(q.subject[0] for q in desk.questions if q.slot_id in slots)
    unwritten.write()
    return done


def _together(waiting: Sequence[_Taken]) -> list[list[_Taken]]:
    """Return answers by desk: each worker and each task at one, and the answers in their order.

    What comes after an answer that must wait, of its worker or its task, waits too.
    """
    desks: dict[Any, list[_Taken]] = {}
    met, waits = set[Any](), set[Any]()
    for one in waiting:
        task, worker = ("task", one.task_id), ("worker", one.sender.worker_id)
        desk = task, worker, one.is_own, one.sender.holds
        if waits.isdisjoint((task, worker)) and (desk in desks or met.isdisjoint((task, worker))):
            desks.setdefault(desk, []).append(one)
        else:
            waits.update((task, worker))
        met.update((task, worker))
    return list(desks.values())


def _seat(some: Sequence[_Taken]) -> Seat:
    first, slots = some[0], frozenset(one.sender.slot_id for one in some)
    sender = first.sender
    return Seat(first.task_id, sender.worker_id, sender.now, slots, sender.holds)


def _store_one(unwritten: Unwritten, one: _Taken, desk: Desk) -> Receipt:
    question = next((q for q in desk.questions if q.slot_id == one.sender.slot_id), None)
    if question is None:
        return Receipt(Outcome.CLOSED, desk=desk if one.is_own else None)
    reply = replace(one.reply, answered_at=one.sender.now)
    receipt = _settle(unwritten, desk, question, reply)
    if not one.is_own:
        return replace(receipt, desk=None)
    receipt = replace(receipt, is_gold=question.is_gold)
    if desk.is_done():
        submit(unwritten.session, one.sender.worker_id, one.task_id)
    return receipt


def _settle(unwritten: Unwritten, desk: Desk, question: Question, reply: Reply) -> Receipt:
    if question.subject in desk.mine:
        unwritten.write()
        given = unwritten.kind.given(unwritten.session, desk.worker_id, question.subject)
        if given:
            return _settle_again(unwritten, desk, question, (given, reply))
    if not question.is_gold and not desk.num_needed(question):
        return Receipt(Outcome.CLOSED, desk=desk)
    first = replace(reply, revision=0)
    unwritten.add(desk.worker_id, question, first)
    desk.mine[question.subject] = question.slot_id
    return Receipt(Outcome.SAVED, first, desk)


def _settle_again(
    unwritten: Unwritten,
    desk: Desk,
    question: Question,
    said: tuple[Sequence[Reply], Reply],
) -> Receipt:
    """Store another answer to a question, if it means to replace the one that counts.

    A reply that was on its way for long and has been replaced since changes nothing.
    """
    given, reply = said
    was_sent_before = reply.revision < len(given)
    if reply.agrees_with(given[reply.revision] if was_sent_before else given[-1]):
        return Receipt(Outcome.SAVED, given[-1], desk)
    earlier = read_changeable(unwritten.kind, unwritten.session, desk.worker_id, desk.config)
    if was_sent_before or question.subject not in {answer.subject for answer in earlier}:
        return Receipt(Outcome.CONFLICT, given[-1], desk)
    changed = replace(reply, revision=len(given))
    unwritten.add(desk.worker_id, question, changed)
    return Receipt(Outcome.SAVED, changed, desk)


_OWN = aliased(TaskSlot)
_TASKS = (
    select(Assignment.worker_id, Worker.same_as_id, TaskSlot.id, _OWN.id, Task.kind, Task.id)
    .join(Task, Task.id == TaskSlot.task_id)
    .join(Assignment, Assignment.task_id == TaskSlot.task_id)
    .join(Worker, Worker.id == Assignment.worker_id)
    .outerjoin(
        _OWN,
        and_(_OWN.worker_id == Assignment.worker_id, _OWN.instead_of_id == TaskSlot.id),
    )
    .where(
        among(TaskSlot.id, "slots"),
        or_(TaskSlot.worker_id.is_(None), TaskSlot.worker_id == Assignment.worker_id),
        or_(among(Worker.id, "workers"), among(Worker.same_as_id, "workers")),
    )
)
