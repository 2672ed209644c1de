"""Whether tasks of a kind hold gold: where none is asked, nobody's answers can be judged."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.database.tables import Answer, Gold, Task, TaskSlot, WorkTally


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
    is_wanted: bool
    """Whether tasks are meant to hold gold at all (`assign.gold_per_task`)."""

    @property
    def warning(self) -> str | None:
        """What people should hear before workers answer; None if all is well."""
        if not self.has_tasks or not self.is_wanted:
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
        return None


def read_gold_cover(session: Session, config: AssignConfig, kind: Kind = KINDS[0]) -> GoldCover:
    """Count what there is of a kind."""
    is_of_kind = kind.is_gold()
    is_yes = case((Gold.expected == Answer.YES, 1))
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
        is_wanted=config.gold_per_task > 0,
    )


def gold_warnings(session: Session, config: AssignConfig) -> list[str]:
    """Return what people should hear before workers answer, of every kind."""
    covers = [read_gold_cover(session, config, kind) for kind in KINDS]
    return [cover.warning for cover in covers if cover.warning]


def _has_tasks(session: Session, kind: Kind) -> bool:
    """Tell it from the sums where there are any: of a kind that is not asked, no task is read."""
    sums = select(WorkTally.kind).where(WorkTally.num_asked > 0)
    kinds = set(session.scalars(sums.distinct()))
    if kinds:
        return kind.name in kinds
    return session.scalar(select(Task.id).where(Task.kind == kind.name).limit(1)) is not None
