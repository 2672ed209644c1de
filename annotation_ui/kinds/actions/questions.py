"""What is asked about a person, and of how many workers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from annotation_ui import desk
from annotation_ui.desk import Subject
from annotation_ui.frames.seen import Seen, with_person
from kinetics_builder.crowd.actions.deciding import can_be_asked
from kinetics_builder.crowd.actions.proposing import proposers_to_decide
from kinetics_builder.database.tables import TaskSlot


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    box_id: int
    is_gold: bool
    seen: Seen

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return (self.box_id,)


class Desk(desk.Desk):
    """A task of such questions: a person is asked about until enough have named the actions."""

    __slots__ = ()

    def num_needed(self, question: desk.Question) -> int:
        """Return the least number of answers that can still decide the box."""
        flags = self.votes.get(question.subject, {}).values()
        num_flagged = sum(flag is not None for flag in flags)
        num_named = len(flags) - num_flagged
        return proposers_to_decide(num_named, num_flagged, self.config.proposers)


QUESTIONS: Any = with_person(
    select(TaskSlot.task_id, TaskSlot.id, TaskSlot.person_box_id, TaskSlot.gold_id.is_not(None)),
    TaskSlot.person_box_id,
).where(or_(TaskSlot.gold_id.is_not(None), can_be_asked()))
