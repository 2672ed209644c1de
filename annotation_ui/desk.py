"""A task as it lies before one worker: what was answered, what is still to ask.

Pure: `annotation_ui.handout` reads it from the database. How many answers a question needs is
its kind's to say.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar, Protocol

from kinetics_builder.config import VerifyConfig
from kinetics_builder.ways import Way

NUM_FOLLOWING = 3
"""Questions sent ahead, so that what they show is there when they are shown."""

Subject = tuple[int, ...]
"""What a question is about, such as (clip id, label id). Nobody is asked about it twice; what is
asked once more on purpose has the occasion behind it, and so is another."""


class Question(Protocol):
    """One slot of a task with all that the page shows of it."""

    @property
    def slot_id(self) -> int:
        """The slot."""

    @property
    def is_gold(self) -> bool:
        """Whether its answer is known."""

    @property
    def subject(self) -> Subject:
        """What the question is about; whatever is decided is named by the first id."""


@dataclass(slots=True)
class Desk(ABC):
    """A task before one worker, as the database stood when it was read."""

    num_following: ClassVar[int] = NUM_FOLLOWING
    """How many questions are sent ahead where one is shown after another."""

    worker_id: int
    task_id: int
    config: VerifyConfig
    questions: Sequence[Question]
    """In the order of the task."""
    ahead: tuple[int, ...] = ()
    """Workers who took the task earlier and still hold it."""
    votes: Mapping[Subject, Mapping[int, Any]] = field(default_factory=dict)
    """Subject -> worker -> what was said: the answers that count."""
    mine: dict[Subject, int] = field(default_factory=dict)
    """Subject -> the slot in which this worker answered it, maybe of another task, or passed it."""
    addresses: Mapping[int, int] = field(default_factory=dict)
    """By what slot a browser knows those that are this worker's alone; see `own_gold`."""
    way: Way = Way.CLIP
    """How the task is shown."""
    passed: Mapping[Subject, Collection[int]] = field(default_factory=dict)
    """Subject -> workers who could not see it: they keep no seats."""

    @property
    def num_sent_ahead(self) -> int:
        """How many questions are sent with the next one: of a grid all."""
        return len(self.questions) if self.way is Way.GRID else self.num_following

    @abstractmethod
    def num_needed(self, question: Question) -> int:
        """Return the least number of answers that can still decide what the question asks."""

    def is_asked(self, question: Question) -> bool:
        """Tell whether this worker is to answer the question now.

        Gold is always asked. Any other question has as many seats as answers could decide it
        at best; they belong to those who took the task first. So a decision never comes
        before an answer that was asked for, and nothing gets more answers than it may.
        """
        if question.subject in self.mine or question.is_gold:
            return question.subject not in self.mine
        votes = self.votes.get(question.subject, {})
        gone = self.passed.get(question.subject, ())
        waiting = sum(worker not in votes and worker not in gone for worker in self.ahead)
        return self.num_needed(question) > waiting

    def remaining(self) -> list[Question]:
        """Return the questions still to ask, in the task's order."""
        return list(self._asked())

    def is_done(self) -> bool:
        """Tell whether nothing is left to ask."""
        return next(self._asked(), None) is None

    def _asked(self) -> Iterator[Question]:
        return filter(self.is_asked, self.questions)

    def upcoming(self, answered: Collection[int], holds: Collection[int] = ()) -> list[Question]:
        """Return what is shown next, also once the questions of slots are answered, and those.

        What a page `holds` already, by its slot, is left out.
        """
        ahead = islice(self._asked(), self.num_sent_ahead + 1 + max(1, len(answered)))
        slots = {*answered, *(one.slot_id for one in ahead if one.slot_id not in holds)}
        return [question for question in self.questions if question.slot_id in slots]

    def is_worth_taking(self) -> bool:
        """Tell whether any question but gold is still to ask."""
        return any(not question.is_gold for question in self._asked())

    def met_elsewhere(self) -> list[Question]:
        """Return the gold of the task that this worker has answered in another task."""
        slots = {question.slot_id for question in self.questions}
        return [
            question
            for question in self.questions
            if question.is_gold and self.mine.get(question.subject, question.slot_id) not in slots
        ]

    def num_answered(self) -> int:
        """Return how many of the task's questions this worker has answered in it."""
        slots = set(self.mine.values())
        return sum(question.slot_id in slots for question in self.questions)
