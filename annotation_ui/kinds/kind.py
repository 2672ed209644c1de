"""What a kind of task is to the page. All that the kinds share is written in terms of it.

A kind is a folder here and a line of `annotation_ui.kinds.registry`. Where its answers lie and
what they decide is said in `kinetics_builder.crowd.kinds`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from flask import Blueprint
from sqlalchemy import Connection, Select
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk, Question, Subject
from annotation_ui.languages.words import Text, gettext, lazy_gettext
from kinetics_builder.config import Config, VerifyConfig
from kinetics_builder.crowd.gold import is_right
from kinetics_builder.crowd.kinds import kind as crowd_kind
from kinetics_builder.database.tables import Answer, Gold
from kinetics_builder.ways import Way

if TYPE_CHECKING:
    from annotation_ui.page import Page

NUM_EARLIER = 10
"""Answers that a worker may still change: so many of the last."""

NUM_LOOKED_AT = 200
"""Of the newest answers so many are looked through for troubles, however many there are."""

Described = dict[str, Any]
"""A question or an answer as a browser is told of it."""


WORDS: Mapping[Answer, Text] = {
    Answer.YES: lazy_gettext("yes"),
    Answer.NO: lazy_gettext("no"),
    Answer.UNSURE: lazy_gettext("unsure"),
    Answer.BAD: lazy_gettext("bad"),
}
"""Answers within a sentence."""


class BadAnswer(ValueError):
    """A field of an answer is missing or wrong; the text says which values there are."""


class Reply(Protocol):
    """What a worker says to one question: a frozen dataclass of its kind."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def kind(self) -> str:
        """The name of the kind."""

    @property
    def revision(self) -> int:
        """How many answers of this worker to this question it replaces."""

    @property
    def answered_at(self) -> float | None:
        """Unix time in seconds at which the server heard it."""

    def agrees_with(self, other: Any) -> bool:
        """Tell whether both say the same."""


class Earlier(Protocol):
    """A question with the worker's answer to it that counts."""

    @property
    def slot_id(self) -> int:
        """Where it was asked."""

    @property
    def subject(self) -> tuple[int, ...]:
        """What the question is about."""


@dataclass(frozen=True, slots=True)
class Recent:
    """An answer, as the owner's page lists the newest."""

    at: datetime
    """When it was given, in UTC."""
    worker: str
    asked: str
    said: str
    title: str
    """Of the video."""
    is_gold: bool
    clip_id: int | None = None
    """The clip that was asked about, if one was."""


@dataclass(frozen=True, slots=True)
class Grade:
    """An answer to gold beside the truth, as its worker is shown it."""

    is_right: bool
    """As the worker's standing counts it."""
    words: str
    """What was met, what was missed, what was too much, in a sentence."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What `<name>/grade.html` shows below them."""


def grade_of(said: Answer, expected: Answer) -> Grade:
    """Return a yes, no or other word beside the known one."""
    words = {"said": WORDS[said], "known": WORDS[expected]}
    if is_right(said, expected):
        return Grade(True, gettext("You said %(said)s, and so it is.", **words))
    return Grade(False, gettext("You said %(said)s; the known answer is %(known)s.", **words))


Given = tuple[int, Any, Any]
"""A worker, a question, and the worker's reply to it."""
Dealer = Callable[[Session, int, Config, float], int | None]
"""Makes a task for a worker at a time, and returns it; None where nothing is to be asked."""


class Kind(ABC):
    """One kind of task. There is one object of each."""

    crowd: crowd_kind.Kind
    """Where its answers lie, and what they decide."""
    title: Text
    """What the work is called where a worker chooses."""
    asks: Text
    """The work in one sentence."""
    nothing_waits: Text
    """That there is nothing more of it."""
    waiting: str
    """What waits: the plural of a question's thing."""
    outcomes: tuple[str, str | None] = ("Accepted", "Rejected")
    """What the owner's page calls a decision for and against; None where there is but one."""
    num_screens: int
    """Screens of instructions: `<name>/instructions_1.html`, ..."""
    blueprint: Blueprint
    """Its templates (in a folder of its name), static files, and media."""

    said: str
    """The column of an answer that `Desk.votes` holds."""
    questions: Select[Any]
    """Task's id, slot's id, the columns of `subject`, whether it is gold, and what else
    `question` takes; of the questions that may be asked."""

    desk: type[Desk]
    """A task before a worker: how many answers a question needs."""

    @property
    def name(self) -> str:
        """Return its name in addresses, forms and `task.kind`."""
        return self.crowd.name

    def template(self, way: Way) -> str:
        """Return the template of the page on which a task is shown in a way."""
        return f"{self.name}/task.html"

    def dealer(self, config: VerifyConfig) -> Dealer | None:
        """Return what makes tasks of one worker alone, which ask about nothing that others hold.

        None where all are asked what `assign` dealt.
        """
        return None

    def look_again(self, here: "Page") -> None:  # noqa: B027
        """Bring up to date what the dealer goes by, if it is time; outside of a transaction."""

    def add_repeats(self, session: Session, desk: Any, config: Config) -> bool:
        """Add to a task, when it is taken first, what its worker is asked once more.

        Tells whether there is any.
        """
        return False

    def answered_again(
        self, rows: Connection, questions: Sequence[Any], worker_ids: Collection[int]
    ) -> Iterable[tuple[Subject, int, int]]:
        """Yield (subject, worker, slot) of those of the questions that were asked once more."""
        return ()

    @abstractmethod
    def question(self, *columns: Any) -> Question:
        """Return a question from a row of `questions` without the task."""

    def complete(self, rows: Connection, questions: Sequence[Any]) -> Sequence[Question]:
        """Return the questions with what one row of `questions` cannot hold."""
        return questions

    def class_names(self, session: Session) -> Mapping[int, str]:
        """Return names by `WorkTally.about_id`; none where questions are of no classes."""
        return {}

    @abstractmethod
    def newest(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers, in any order."""

    def troubles(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers that find something wrong with what is asked."""
        return ()

    @abstractmethod
    def describe(self, question: Any) -> Described:
        """Return what the page shows of a question, an earlier one too: not the truth."""

    @abstractmethod
    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds.

        Raises:
            BadAnswer: It holds none.

        """

    @abstractmethod
    def describe_reply(self, reply: Any) -> Described:
        """Return what a program hears of an answer that is stored."""

    @abstractmethod
    def words_of(self, reply: Any) -> str:
        """Return the answer in a few words."""

    @abstractmethod
    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""

    @abstractmethod
    def given(self, session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
        """Return all answers of the worker to the question, in the order of their revisions."""

    def grade(
        self, session: Session, gold: Gold, question: Any, reply: Any, config: VerifyConfig
    ) -> Grade | None:
        """Return an answer to gold beside the truth; None if this kind shows it to nobody.

        It is shown after the answer alone, see `annotation_ui.practice`, by `<name>/grade.html`
        with the `question` and the `details` of the grade.
        """
        return None

    @abstractmethod
    def insert(self, session: Session, worker_id: int, question: Question, reply: Any) -> None:
        """Add an answer."""

    def insert_all(self, session: Session, given: Sequence[Given]) -> None:
        """Add answers, in their order."""
        for worker_id, question, reply in given:
            self.insert(session, worker_id, question, reply)

    @abstractmethod
    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last `NUM_EARLIER` answers, the newest last."""

    @abstractmethod
    def describe_earlier(self, earlier: Any) -> Described:
        """Return a question that was answered, what was said, and its `revision`."""
