"""How a worker answered known questions, and those that were decided: by class."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from kinetics_builder.crowd.gold import accuracy
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.database.tables import (
    ActionVote,
    Answer,
    Decision,
    Gold,
    Label,
    PersonAction,
    TaskSlot,
    Verdict,
    Vote,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Answers of one worker beside what is known, and beside what was decided."""

    label: str
    """The class; empty where the questions are of none."""
    num_gold: int
    num_gold_right: int
    num_decided: int
    """Ordinary questions that were answered and are decided, by this answer among others."""
    num_agreeing: int
    """Those of them where yes was accepted, or anything else rejected."""

    @property
    def gold_share(self) -> float | None:
        """The share of known questions answered rightly, None before the first."""
        return accuracy(self.num_gold_right, self.num_gold)

    @property
    def agreeing_share(self) -> float | None:
        """The share of decisions that the answers agree with, None before the first."""
        return accuracy(self.num_agreeing, self.num_decided)


def read_marks(session: Session, worker_id: int, kind: Kind) -> list[Marks]:
    """Return the marks of the kind's answers by class, in the order of names.

    Of kinds that are not answered by yes or no there are none.
    """
    query = _QUERIES.get(kind.name)
    if query is None:
        return []
    return [Marks(*row) for row in session.execute(query, {"worker_id": worker_id})]


def summed(marks: Iterable[Marks]) -> Marks | None:
    """Return the marks of all classes together; None without any."""
    listed = list(marks)
    names = ("num_gold", "num_gold_right", "num_decided", "num_agreeing")
    sums = (sum(getattr(one, name) for one in listed) for name in names)
    return Marks("", *sums) if listed else None


def _number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0).cast(Integer)


def _counted(answers: Any, verdict: Any) -> list[Any]:
    is_gold = TaskSlot.gold_id.is_not(None)
    is_yes = answers.answer == Answer.YES
    is_right, is_wrong = verdict == Verdict.ACCEPTED, verdict == Verdict.REJECTED
    agrees = or_(and_(is_right, is_yes), and_(is_wrong, ~is_yes))
    return [
        _number(is_gold),
        _number(is_gold, answers.answer == Gold.expected),
        _number(~is_gold, or_(is_right, is_wrong)),
        _number(~is_gold, agrees),
    ]


def _with_gold(answers: Any, query: Select[Any]) -> Select[Any]:
    return (
        query.join(TaskSlot, TaskSlot.id == answers.slot_id)
        .outerjoin(Gold, Gold.id == TaskSlot.gold_id)
        .where(answers.worker_id == bindparam("worker_id"))
    )


_OF_CLIPS = (
    _with_gold(Vote, select(Label.name, *_counted(Vote, Decision.verdict)).select_from(Vote))
    .where(Vote.stands())
    .join(Label, Label.id == Vote.label_id)
    .outerjoin(Decision, Decision.clip_id == Vote.clip_id)
    .group_by(Label.name)
    .order_by(Label.name)
)
_SAME_ACTION = and_(
    PersonAction.person_box_id == ActionVote.person_box_id,
    PersonAction.action_id == ActionVote.action_id,
)
_OF_ACTIONS = (
    _with_gold(
        ActionVote,
        select(literal(""), *_counted(ActionVote, PersonAction.verdict)).select_from(ActionVote),
    )
    .where(ActionVote.stands())
    .outerjoin(PersonAction, _SAME_ACTION)
)
_QUERIES = {"clip": _OF_CLIPS, "verification": _OF_ACTIONS}
