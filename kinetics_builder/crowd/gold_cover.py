"""Whether tasks of a kind hold gold: where none is asked, nobody's answers can be judged.

A worker meets each gold question once. Whoever has met all works on, and is tested no more, as
what is asked again is known for gold: the owner hears of it while the last are asked.
"""

from dataclasses import dataclass

from sqlalchemy import and_, case, exists, func, select
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
    is_of_kind = and_(kind.is_gold(), kind.can_be_asked())
    is_yes = case((kind.is_first_sort(), 1))
    num_yes, num_all = session.execute(
        select(func.count(is_yes), func.count()).where(is_of_kind)
    ).one()
    asked = select(TaskSlot.id).join(Gold, Gold.id == TaskSlot.gold_id).where(is_of_kind).limit(1)
    return GoldCover(
        kind=kind,
        has_tasks=_has_tasks(session, kind),
        num_yes=num_yes,
        num_other=num_all - num_yes,
        is_asked=session.scalar(asked) is not None,
        num_wanted=config.gold_per_task,
        num_sated=_count_sated(session, kind, num_all, config.gold_per_task),
    )


def gold_warnings(session: Session, config: AssignConfig) -> list[str]:
    """Return what people should hear before workers answer, of every kind."""
    covers = [read_gold_cover(session, config, kind) for kind in KINDS]
    return [cover.warning for cover in covers if cover.warning]


def _count_sated(session: Session, kind: Kind, num_known: int, num_wanted: int) -> int:
    """Count those who can come in and have met all gold but too few for a task.

    Of those alone whose answers to gold are as many, it is looked up what they have met.
    """
    is_left = select(Task.id).where(Task.kind == kind.name, ~Task.is_finished).limit(1)
    if not num_wanted or session.scalar(is_left) is None:
        return 0
    answers = kind.answers
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
    least = num_known - num_wanted + 1
    sated = select(func.count(Worker.id)).where(
        Worker.id.in_(
            select(WorkerStanding.worker_id).where(
                WorkerStanding.kind == kind.name, WorkerStanding.num_gold >= least
            )
        ),
        Worker.excluded_at.is_(None),
        Worker.revoked_at.is_(None),
        num_met >= least,
    )
    return session.scalar(sated) or 0


def _has_tasks(session: Session, kind: Kind) -> bool:
    """Tell it from the sums where there are any: of a kind that is not asked, no task is read."""
    sums = select(WorkTally.kind).where(WorkTally.num_asked > 0)
    kinds = set(session.scalars(sums.distinct()))
    if kinds:
        return kind.name in kinds
    return session.scalar(select(Task.id).where(Task.kind == kind.name).limit(1)) is not None
