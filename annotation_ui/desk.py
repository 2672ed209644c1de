"""A task as it lies before one worker: what was answered, what is still to ask.

Pure: `annotation_ui.handout` reads it from the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.policy import votes_to_decide
from kinetics_builder.database.tables import Answer

Subject = tuple[int, int]
"""What a question is about: (clip id, label id). Nobody is asked about it twice."""


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    clip_id: int
    label_id: int
    is_gold: bool
    label: str
    description: str | None
    example: str | None

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return self.clip_id, self.label_id


@dataclass(slots=True)
class Desk:
    """A task before one worker, as the database stood when it was read."""

    worker_id: int
    task_id: int
    config: VerifyConfig
    questions: tuple[Question, ...]
    """In the order of the task."""
    ahead: tuple[int, ...] = ()
    """Workers who took the task earlier and still hold it."""
    votes: Mapping[Subject, Mapping[int, Answer]] = field(default_factory=dict)
    """Subject -> worker -> answer: the votes that count."""
    mine: dict[Subject, int] = field(default_factory=dict)
    """Subject -> the slot in which this worker answered it, maybe of another task."""

    def num_needed(self, question: Question) -> int:
        """Return the least number of answers that can still decide the question's clip."""
        votes = self.votes.get(question.subject, {}).values()
        num_yes = sum(answer is Answer.YES for answer in votes)
        return votes_to_decide(num_yes, len(votes), self.config)

    def is_asked(self, question: Question) -> bool:
        """Tell whether this worker is to answer the question now.

        Gold is always asked. Any other question has as many seats as votes could decide it
        at best; they belong to those who took the task first. So a decision never comes
        before an answer that was asked for, and no clip gets more than `max_votes`.
        """
        if question.subject in self.mine or question.is_gold:
            return question.subject not in self.mine
        votes = self.votes.get(question.subject, {})
        waiting = sum(worker not in votes for worker in self.ahead)
        return self.num_needed(question) > waiting

    def remaining(self) -> list[Question]:
        """Return the questions still to ask, in the task's order."""
        return [question for question in self.questions if self.is_asked(question)]

    def is_worth_taking(self) -> bool:
        """Tell whether any question but gold is still to ask."""
        return any(not question.is_gold for question in self.remaining())

    def num_answered(self) -> int:
        """Return how many of the task's questions this worker has answered in it."""
        slots = set(self.mine.values())
        return sum(question.slot_id in slots for question in self.questions)
