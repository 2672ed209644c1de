"""What a kind of task is to all that is shared: hand-out, standing, and what the owner does."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, false, true
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.agreeing import Measure
from kinetics_builder.crowd.kinds.copying import copy_answers
from kinetics_builder.crowd.standing import Fault, Given
from kinetics_builder.database.tables import Answer, Gold, KeyFrame


class Kind(ABC):
    """One kind of task. There is one object of each."""

    name: str
    """As `task.kind` has it."""
    answers: Any
    """The table of its answers: rows that are only ever added, with `stands()`."""
    subject: tuple[str, ...]
    """Columns of `task_slot` and of the answers that name what a question is about; whatever is
    decided is named by the first of them."""
    parts: tuple[Any, ...] = ()
    """Tables of what an answer consists of, by `answer_id`."""
    faults: tuple[Fault, Fault]
    """What is said of workers who miss gold of the first sort, and of the other."""
    columns: tuple[Any, ...] = ()
    """What `givens` reads beside the columns that all answers have."""
    is_yes_or_no: bool = False
    """Whether gold of the first sort is answered by yes, and the other by no."""

    @property
    def thing(self) -> tuple[str, ...]:
        """Return those of `subject` that name what a task asks about but once, gold included."""
        return self.subject

    @property
    def how_to_get_gold(self) -> str:
        """Say which command adds gold."""
        return f"`kbuild gold --kind {self.name} FILE` adds some that you know"

    def is_repeat(self) -> ColumnElement[bool]:
        """Return the condition that an answer was asked for once more, and counts for nothing."""
        return false()

    def is_last(self) -> ColumnElement[bool]:
        """Return the condition that an answer was not replaced, be it a repeat or not."""
        condition: ColumnElement[bool] = self.answers.stands()
        return condition

    def is_gold(self) -> ColumnElement[bool]:
        """Return the condition that a row of `gold` is of this kind."""
        return and_(*(getattr(Gold, name).is_not(None) for name in self.subject))

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that a row of `gold` of this kind can be asked about still."""
        return true()

    def is_first_sort(self) -> ColumnElement[bool]:
        """Return the condition that a row of `gold` of this kind is of the first sort."""
        return Gold.expected == Answer.YES

    @abstractmethod
    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""

    @abstractmethod
    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these answers say about their workers.

        Each row has the answer's `id`, its `gold_id`, `answered_at`, `taken_at`, `is_repeat`, and
        `columns`.
        """

    @abstractmethod
    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return how far workers agree, see `kinetics_builder.crowd.agreeing`."""

    @abstractmethod
    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Decide these from the answers that count, and note which tasks are finished."""

    @abstractmethod
    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Make all decisions anew, and note which tasks are finished."""

    def copy_answers(self, session: Session, source_id: int, target_id: int) -> int:
        """Give a worker the answers of another that it has not; return how many."""
        workers = (source_id, target_id)
        return copy_answers(session, self.answers, self.subject, self.parts, workers)


def is_frame_wanted() -> ColumnElement[bool]:
    """Return the condition that the key frame of a row of `gold` is still wanted."""
    return exists(KeyFrame.id).where(
        KeyFrame.id == Gold.key_frame_id, KeyFrame.is_withdrawn.is_(False)
    )
