"""What is asked about an action of a person, and of how many workers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from annotation_ui import desk
from annotation_ui.desk import Subject
from annotation_ui.frames.seen import Seen, with_person
from kinetics_builder.crowd.actions.deciding import can_be_asked, is_candidate
from kinetics_builder.crowd.policy import votes_to_decide
from kinetics_builder.database.tables import Answer, TaskSlot


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    box_id: int
    action_id: int
    is_gold: bool
    seen: Seen

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return self.box_id, self.action_id


class Desk(desk.Desk):
    """A task of such questions: an action is asked about until its votes decide."""

    __slots__ = ()

    def num_needed(self, question: desk.Question) -> int:
        """Return the least number of answers that can still decide the action."""
        votes = self.votes.get(question.subject, {}).values()
        num_yes = sum(answer is Answer.YES for answer in votes)
        return votes_to_decide(num_yes, len(votes), self.config.of_actions)


QUESTIONS: Any = with_person(
    select(
        TaskSlot.task_id,
        TaskSlot.id,
        TaskSlot.person_box_id,
        TaskSlot.action_id,
        TaskSlot.gold_id.is_not(None),
    ),
    TaskSlot.person_box_id,
).where(or_(TaskSlot.gold_id.is_not(None), and_(can_be_asked(), is_candidate())))
