"""Whether tasks of a kind hold gold: where none is asked, nobody's answers can be judged.

A worker meets each gold question once. Whoever has met all works on, and is tested no more, as
what is asked again is known for gold: the owner hears of it while the last are asked.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.database.tables import (
    Gold,
    Task,
    TaskSlot,
    Worker,
    WorkerStanding,
    WorkTally,
)


@dataclass(frozen=True, slots=True)
class GoldCover:
    """How much gold of a kind there is to ask."""

    kind: Kind
    has_tasks: bool
    num_yes: int
    """Gold questions of the first sort: of clips, whose answer is yes."""
    num_other: int
    is_asked: bool
    """Whether any task holds gold."""
    num_wanted: int
    """How much a task is meant to hold (`assign.gold_per_task`)."""
    num_sated: int
    """Workers of whom fewer gold questions are left to ask than that, while tasks are left."""

    @property
    def warning(self) -> str | None:
        """What people should hear before workers answer; None if all is well."""
        if not self.has_tasks or not self.num_wanted:
            return None
        of_kind = "" if self.kind is KINDS[0] else f" of {self.kind.name}"
        how = f"{self.kind.how_to_get_gold}; they enter tasks that are not finished."
        if not self.is_asked:
            return (
                f"No task{of_kind} holds a question whose answer is known (gold): careless "
                f"workers and bots count like everybody else. {how}"
            )
        if self.kind.is_yes_or_no and not (self.num_yes and self.num_other):
            kind, always = ("yes", "no") if not self.num_yes else ("no", "yes")
            return (
                f"No gold question{of_kind} has the answer {kind}: whoever always says {always} "
                f"passes. {how}"
            )
        if self.num_sated:
            workers = "1 worker" if self.num_sated == 1 else f"{self.num_sated} workers"
            return (
                f"Fewer than {self.num_wanted} of the {self.num_yes + self.num_other} gold "
                f"questions{of_kind} are left for {workers}, and nobody is asked one twice: what "
                f"they answer from then on is not tested. {how}"
            )
        return None


def read_gold_cover(session: Session, config: AssignConfig, kind: Kind = KINDS[0]) -> GoldCover:
    """Count what there is of a kind."""
    num_yes, num_all = session.execute(_counted(kind)).one()
    is_asked = bool(num_all) and session.scalar(_asked(kind)) is not None
    least = num_all - config.gold_per_task + 1
    num_sated = 0
    if is_asked and config.gold_per_task:
        num_sated = session.scalar(_sated(kind), {"least": least, "kind": kind.name}) or 0
    return GoldCover(
        kind=kind,
        has_tasks=_has_tasks(session, kind),
        num_yes=num_yes,
        num_other=num_all - num_yes,
        is_asked=is_asked,
        num_wanted=config.gold_per_task,
        num_sated=num_sated,
    )


def gold_warnings(session: Session, config: AssignConfig) -> list[str]:
    """Return what people should hear before workers answer, of every kind."""
    covers = [read_gold_cover(session, config, kind) for kind in KINDS]
    return [cover.warning for cover in covers if cover.warning]


@cache
def _counted(kind: Kind) -> Any:
    """Return how much gold of the first sort there is to ask, and of both."""
    is_yes = case((kind.is_first_sort(), 1))
    return select(func.count(is_yes), func.count()).where(kind.is_gold(), kind.can_be_asked())


@cache
def _asked(kind: Kind) -> Select[Any]:
    """Return a question of gold that a task holds."""
    gold = select(TaskSlot.id).join(Gold, Gold.id == TaskSlot.gold_id)
    return gold.where(kind.is_gold()).limit(1)


@cache
def _sated(kind: Kind) -> Select[Any]:
    """Return how many who can come in have met `least` gold questions, while tasks are left.

    Of those alone whose answers to gold are as many, it is looked up what they have met.
    """
    answers = kind.answers
    is_left = exists(Task.id).where(Task.kind == kind.name, ~Task.is_finished)
    is_met = exists(answers.id).where(
        answers.worker_id == Worker.id,
        *(getattr(answers, name) == getattr(Gold, name) for name in kind.subject),
    )
    num_met = (
        select(func.count(Gold.id))
        .where(kind.is_gold(), kind.can_be_asked(), is_met.correlate(Worker, Gold))
        .correlate(Worker)
        .scalar_subquery()
    )
    least: BindParameter[int] = bindparam("least")
    many = select(WorkerStanding.worker_id).where(
        WorkerStanding.kind == bindparam("kind"), WorkerStanding.num_gold >= least
    )
    return select(func.count(Worker.id)).where(
        is_left,
        Worker.id.in_(many),
        Worker.excluded_at.is_(None),
        Worker.revoked_at.is_(None),
        num_met >= least,
    )


def _has_tasks(session: Session, kind: Kind) -> bool:
    """Tell it from the sums where there are any: of a kind that is not asked, no task is read."""
    sums = select(WorkTally.kind).where(WorkTally.num_asked > 0)
    kinds = set(session.scalars(sums.distinct()))
    if kinds:
        return kind.name in kinds
    return session.scalar(select(Task.id).where(Task.kind == kind.name).limit(1)) is not None
