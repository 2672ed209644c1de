"""Whether tasks about clips hold gold: where none is asked, nobody's answers can be judged."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig
from kinetics_builder.database.tables import Answer, Gold, Task, TaskSlot

HOW_TO_GET_GOLD = (
    "`kbuild gold FILE.csv` adds some that you know, `kbuild gold --from-votes` some that all "
    "answered alike; they enter tasks that are not finished."
)


@dataclass(frozen=True, slots=True)
class GoldCover:
    """How much gold there is to ask."""

    has_tasks: bool
    num_yes: int
    """Gold questions whose answer is yes."""
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
        if not self.is_asked:
            return (
                "No task holds a question whose answer is known (gold): careless workers and "
                f"bots count like everybody else. {HOW_TO_GET_GOLD}"
            )
        if not self.num_yes or not self.num_other:
            kind, always = ("yes", "no") if not self.num_yes else ("no", "yes")
            return (
                f"No gold question has the answer {kind}: whoever always says {always} passes. "
                f"{HOW_TO_GET_GOLD}"
            )
        return None


def read_gold_cover(session: Session, config: AssignConfig) -> GoldCover:
    """Count what there is."""
    num_yes, num_all = session.execute(_GOLD).one()
    return GoldCover(
        has_tasks=session.scalar(_A_TASK) is not None,
        num_yes=num_yes,
        num_other=num_all - num_yes,
        is_asked=session.scalar(_A_SLOT) is not None,
        is_wanted=config.gold_per_task > 0,
    )


_GOLD = select(func.count(case((Gold.expected == Answer.YES, 1))), func.count(Gold.clip_id))
_A_TASK = select(Task.id).where(Task.kind == "clip").limit(1)
_A_SLOT = (
    select(TaskSlot.id).where(TaskSlot.gold_id.is_not(None), TaskSlot.clip_id.is_not(None)).limit(1)
)
