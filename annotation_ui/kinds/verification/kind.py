"""The question whether a person does an action, as a kind of task."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation_ui.frames.newest import read_newest
from annotation_ui.frames.seen import Seen
from annotation_ui.frames.vocabulary import action_of, name_of
from annotation_ui.kinds.kind import WORDS, Described, Grade, Kind, Recent, grade_of
from annotation_ui.kinds.verification import replies
from annotation_ui.kinds.verification.questions import QUESTIONS, Desk, Question
from annotation_ui.kinds.verification.replies import CHOICES, Earlier, Reply
from annotation_ui.languages.words import lazy_gettext
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.kinds.verification import VERIFICATION_KIND
from kinetics_builder.database.tables import ActionVote, Gold, WorkTally

bp = Blueprint(
    "verification",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/verification",
)


class VerificationKind(Kind):
    """Whether a person does an action."""

    crowd = VERIFICATION_KIND
    title = lazy_gettext("Confirm actions")
    asks = lazy_gettext(
        "You see one person for three seconds and say whether the person does what is named."
    )
    nothing_waits = lazy_gettext("No actions are waiting")
    waiting = "actions"
    num_screens = 1
    blueprint = bp
    said = "answer"
    questions = QUESTIONS
    desk = Desk

    def question(self, *columns: Any) -> Question:
        """Return a question from a row of `questions` without the task."""
        slot_id, box_id, action_id, is_gold, *seen = columns
        return Question(slot_id, box_id, action_id, is_gold, Seen._make(seen))

    def class_names(self, session: Session) -> Mapping[int, str]:
        """Return the names of the actions that are asked about."""
        asked = select(WorkTally.about_id).where(WorkTally.kind == self.name)
        return {number: name_of(number) for number in session.scalars(asked)}

    def newest(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers."""

        def words(answer: ActionVote) -> tuple[str, str]:
            return name_of(answer.action_id), str(CHOICES[answer.answer.value])

        return read_newest(session, ActionVote, number, words)

    def describe(self, question: Question | Earlier) -> Described:
        """Return what the page shows: nothing of the film's name or of the truth."""
        action = action_of(question.action_id)
        return {
            "slot": question.slot_id,
            "label": name_of(question.action_id),
            "definition": action.definition if action else "",
            "action": question.action_id,
            **question.seen.describe(),
        }

    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds."""
        return replies.read_reply(form)

    def describe_reply(self, reply: Reply) -> Described:
        """Return what a program hears of an answer that is stored."""
        return {"answer": reply.answer.value, "revision": reply.revision}

    def words_of(self, reply: Reply) -> str:
        """Return the answer in a few words."""
        return f"“{WORDS[reply.answer]}”"

    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""
        return {
            "names": {value: str(text) for value, text in CHOICES.items()},
            "scripts": ("verification.js",),
        }

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
        about = {"slot_id": question.slot_id, "person_box_id": question.box_id}
        replies.insert_vote(session, worker_id, {**about, "action_id": question.action_id}, reply)

    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last `NUM_EARLIER` answers, the newest last."""
        return replies.read_earlier(session, worker_id)

    def describe_earlier(self, earlier: Earlier) -> Described:
        """Return a question that was answered, what was said, and its `revision`."""
        said = {"answer": earlier.answer.value, "said": str(CHOICES[earlier.answer.value])}
        return {**self.describe(earlier), **said, "revision": earlier.revision}


VERIFICATION = VerificationKind()
