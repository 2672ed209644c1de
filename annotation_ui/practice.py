"""A worker's first gold answers: the truth is shown after each, and then it is closed.

Whoever learns the truth at once soon answers as the truth does; so a few questions whose answer
is known are practice (`verify.practice_answers`). All later gold stays hidden, else whoever
hears what is known could tell others. An answer counts as it was given before the truth was
seen: it cannot be changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import Earlier, Grade, Kind
from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.tables import Gold, GoldRound, TaskSlot


@dataclass(frozen=True, slots=True)
class Graded:
    """A practice answer of a worker beside the truth."""

    number: int
    """Of the worker's practice answers of this kind, from 1."""
    num_practice: int
    question: Any
    grade: Grade


def read_graded(
    kind: Kind, session: Session, worker_id: int, slot_id: int, config: VerifyConfig
) -> Graded | None:
    """Return the worker's answer in a slot beside the truth; None if it is no practice."""
    slots = practice_slots(kind, session, worker_id, config)
    if slot_id not in slots:
        return None
    row: Any = session.execute(kind.questions.where(TaskSlot.id == slot_id)).one_or_none()
    gold = session.scalar(_GOLD, {"slot_id": slot_id})
    if row is None or gold is None:
        return None
    (question,) = kind.complete(session.connection(), [kind.question(*row[1:])])
    first, *_ = kind.given(session, worker_id, question.subject)
    grade = kind.grade(session, gold, question, first, config)
    if grade is None:
        return None
    return Graded(slots.index(slot_id) + 1, config.practice_answers, question, grade)


def practice_slots(
    kind: Kind, session: Session, worker_id: int, config: VerifyConfig
) -> Sequence[int]:
    """Return the slots of the worker's practice answers of a kind, in the order of answering."""
    if not config.practice_answers or type(kind).grade is Kind.grade:
        return ()
    who = {"worker_id": worker_id, "number": config.practice_answers}
    return session.scalars(_first_gold(kind), who).all()


def read_changeable(
    kind: Kind, session: Session, worker_id: int, config: VerifyConfig
) -> list[Earlier]:
    """Return those of the worker's last answers that may still be changed, the newest last.

    None of practice, nor of a round of gold that the owner asked for.
    """
    of_rounds = session.scalars(_OF_ROUNDS, {"worker_id": worker_id})
    shown: Collection[int] = {*practice_slots(kind, session, worker_id, config), *of_rounds}
    return [one for one in kind.read_earlier(session, worker_id) if one.slot_id not in shown]


@cache
def _first_gold(kind: Kind) -> Select[Any]:
    answers = kind.crowd.answers
    return (
        select(answers.slot_id)
        .join(TaskSlot, TaskSlot.id == answers.slot_id)
        .where(
            answers.worker_id == bindparam("worker_id"),
            answers.revision == 0,
            TaskSlot.gold_id.is_not(None),
        )
        .order_by(answers.id)
        .limit(bindparam("number"))
    )


_OF_ROUNDS = (
    select(TaskSlot.id)
    .join(GoldRound, GoldRound.task_id == TaskSlot.task_id)
    .where(GoldRound.worker_id == bindparam("worker_id"))
)
_GOLD = (
    select(Gold)
    .join(TaskSlot, TaskSlot.gold_id == Gold.id)
    .where(TaskSlot.id == bindparam("slot_id"))
)
