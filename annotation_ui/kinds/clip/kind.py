"""The clip question as a kind of task."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from annotation_ui.desk import Subject
from annotation_ui.kinds.clip import replies
from annotation_ui.kinds.clip.dealing import deal_by_worth
from annotation_ui.kinds.clip.earlier import Earlier, read_earlier
from annotation_ui.kinds.clip.looking import look_if_due
from annotation_ui.kinds.clip.media import bp
from annotation_ui.kinds.clip.newest import read_bad, read_newest, read_unplayed
from annotation_ui.kinds.clip.questions import QUESTIONS, Desk, Question
from annotation_ui.kinds.clip.repeats import add_repeats, answered_again
from annotation_ui.kinds.clip.replies import CHOICES, Reply, choice_of
from annotation_ui.kinds.kind import WORDS, Dealer, Described, Given, Grade, Kind, Recent, grade_of
from annotation_ui.languages.words import lazy_gettext
from annotation_ui.page import Page
from kinetics_builder.config import Config, VerifyConfig
from kinetics_builder.crowd.kinds import clip
from kinetics_builder.database.tables import Gold, Label
from kinetics_builder.ways import Way


class ClipKind(Kind):
    """Whether a clip shows an action."""

    crowd = clip.CLIP
    title = lazy_gettext("Confirm clips")
    asks = lazy_gettext(
        "You watch short clips and say whether a person performs the action that is named."
    )
    nothing_waits = lazy_gettext("No clips are waiting")
    waiting = "clips"
    num_screens = 2
    blueprint = bp
    said = "answer"
    questions = QUESTIONS
    desk = Desk

    def template(self, way: Way) -> str:
        """Return the template of the page on which clips are shown in a way."""
        return f"clip/{_TEMPLATES[way]}"

    def dealer(self, config: VerifyConfig) -> Dealer | None:
        """Return what deals clips by worth, where the policy says what that is."""
        return deal_by_worth if config.policy == "posterior" else None

    def look_again(self, here: Page) -> None:
        """Let the posterior policy look at all answers, after so many as it asks for at once."""
        if self.dealer(here.config.verify) is not None:
            look_if_due(here)

    def add_repeats(self, session: Session, desk: Any, config: Config) -> bool:
        """Ask about clips once more that the worker answered long before."""
        return add_repeats(session, desk, config)

    def answered_again(
        self, rows: Connection, questions: Sequence[Any], worker_ids: Collection[int]
    ) -> Iterable[tuple[Subject, int, int]]:
        """Yield what workers answered once more."""
        return answered_again(rows, questions, worker_ids)

    def question(self, *columns: Any) -> Question:
        """Return a question from a row of `questions` without the task."""
        return Question(*columns)

    def class_names(self, session: Session) -> Mapping[int, str]:
        """Return the names of the labels."""
        return {number: name for number, name in session.execute(select(Label.id, Label.name))}

    def newest(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers."""
        return read_newest(session, number)

    def troubles(self, session: Session, number: int) -> Sequence[Recent]:
        """Return the newest answers that call a clip bad, and clips that did not play."""
        return [*read_bad(session, number), *read_unplayed(session, number)]

    def describe(self, question: Question | Earlier) -> Described:
        """Return what the page shows: nothing of a clip's video, place or truth."""
        return {
            "slot": question.slot_id,
            "clip": question.clip_id,
            "label": question.label,
            "description": question.description,
            "example": question.example,
            "parts": sorted((question.beside or "").splitlines()),
            "examples": f"/classes/{question.label_id}" if question.num_examples else None,
        }

    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds."""
        return replies.read_reply(form)

    def describe_reply(self, reply: Reply) -> Described:
        """Return what a program hears of an answer that is stored."""
        return {
            "answer": reply.answer.value,
            "lasts_whole_clip": reply.lasts_whole_clip,
            "choice": choice_of(reply.answer, reply.lasts_whole_clip, reply.unplayed_by),
            "better_name": reply.better_name,
            "revision": reply.revision,
        }

    def words_of(self, reply: Reply) -> str:
        """Return the answer in a few words."""
        return f"“{WORDS[reply.answer]}”"

    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""
        return {"names": {value: str(text) for value, text in CHOICES.items()}}

    def given(self, session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
        """Return all answers of the worker to the question, in the order of their revisions."""
        return replies.given(session, worker_id, subject)

    def grade(
        self, session: Session, gold: Gold, question: Any, reply: Reply, config: VerifyConfig
    ) -> Grade:
        """Return the answer beside the known one."""
        assert gold.expected is not None
        return grade_of(reply.answer, gold.expected)

    def insert(self, session: Session, worker_id: int, question: Any, reply: Reply) -> None:
        """Add an answer."""
        self.insert_all(session, [(worker_id, question, reply)])

    def insert_all(self, session: Session, given: Sequence[Given]) -> None:
        """Add answers, in their order: all votes in one statement."""
        replies.insert_votes(session, given)

    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last answers, the newest last."""
        return read_earlier(session, worker_id)

    def describe_earlier(self, earlier: Earlier) -> Described:
        """Return a question that was answered, and what was said: one of `CHOICES`."""
        return {
            **self.describe(earlier),
            "choice": choice_of(earlier.answer, earlier.lasts_whole_clip),
            "better_name": earlier.better_name,
            "revision": earlier.revision,
            "said": _said(earlier),
            "task": earlier.task_id,
            "way": earlier.way.value,
        }


def _said(earlier: Earlier) -> str:
    name = str(CHOICES[choice_of(earlier.answer, earlier.lasts_whole_clip)])
    return f"{name}: {earlier.better_name}" if earlier.better_name else name


_TEMPLATES = {Way.CLIP: "task.html", Way.GRID: "grid.html", Way.STREAM: "stream.html"}
CLIP = ClipKind()
