"""The question what a person does, as a kind of task."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from annotation_ui.frames.newest import read_newest
from annotation_ui.frames.seen import Seen
from annotation_ui.frames.vocabulary import name_of, vocabulary
from annotation_ui.kinds.actions import replies
from annotation_ui.kinds.actions.fields import FIELDS, fill
from annotation_ui.kinds.actions.questions import QUESTIONS, Desk, Question
from annotation_ui.kinds.actions.replies import FLAGS, MAX_OTHER, Earlier, Reply
from annotation_ui.kinds.kind import Described, Grade, Kind, Recent
from annotation_ui.languages.words import gettext, lazy_gettext, ngettext
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.actions.agreement import f1
from kinetics_builder.crowd.kinds.actions import ACTIONS_KIND, known_of, read_actions, read_truth
from kinetics_builder.database.tables import ActionAnswer, Gold

bp = Blueprint(
    "actions",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/actions",
)


class ActionsKind(Kind):
    """What a person does."""

    crowd = ACTIONS_KIND
    title = lazy_gettext("Name actions")
    asks = lazy_gettext(
        "You see one person for three seconds and name everything that the person does."
    )
    nothing_waits = lazy_gettext("No people are waiting")
    waiting = "people"
    outcomes = ("Named", "Cannot be judged")
    num_screens = 1
    blueprint = bp
    said = "flag"
    questions = QUESTIONS
    desk = Desk

    def question(self, *columns: Any) -> Question:
        """Return a question from a row of `questions` without the task."""
        slot_id, box_id, is_gold, *seen = columns
        return Question(slot_id, box_id, is_gold, Seen._make(seen))

    def newest(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers."""
        return read_newest(session, ActionAnswer, number, partial(self._told, session))

    def troubles(self, session: Session, number: int) -> Sequence[Recent]:
        """Return the newest answers by which a box cannot be judged."""
        is_flagged = ActionAnswer.flag.is_not(None)
        words = partial(self._told, session)
        return read_newest(session, ActionAnswer, number, words, only=is_flagged)

    def _told(self, session: Session, answer: ActionAnswer) -> tuple[str, str]:
        named = read_actions(session.connection(), [answer.id]).get(answer.id, [])
        return "actions", self.words_of(Reply(tuple(named), answer.flag, answer.other))

    def describe(self, question: Question | Earlier) -> Described:
        """Return what the page shows: nothing of the film's name or of the truth."""
        seen = question.seen
        return {"slot": question.slot_id, "label": seen.words, **seen.describe()}

    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds."""
        return replies.read_reply(form, vocabulary())

    def describe_reply(self, reply: Reply | Earlier) -> Described:
        """Return what a program hears of an answer that is stored."""
        return {
            "actions": list(reply.actions),
            "fields": fill(vocabulary(), reply.actions),
            "flag": reply.flag and reply.flag.value,
            "other": reply.other,
            "revision": reply.revision,
            "said": self.words_of(reply),
        }

    def words_of(self, reply: Reply | Earlier) -> str:
        """Return the answer in a few words."""
        if reply.flag is not None:
            return str(FLAGS[reply.flag.value])
        other = [gettext("other: %(text)s", text=reply.other)] if reply.other else []
        return ", ".join([*map(name_of, reply.actions), *other])

    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""
        actions = [
            {"name": one.name, "type": one.type.word, "definition": one.definition}
            for one in vocabulary()
        ]
        return {
            "fields": FIELDS,
            "flags": {value: str(text) for value, text in FLAGS.items()},
            "actions": actions,
            "max_other": MAX_OTHER,
            "scripts": ("choosing.js", "actions.js"),
        }

    def given(self, session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
        """Return all answers of the worker to the question, in the order of their revisions."""
        return replies.given(session, worker_id, subject[0])

    def grade(
        self, session: Session, gold: Gold, question: Any, reply: Reply, config: VerifyConfig
    ) -> Grade:
        """Return the actions beside the true ones: which agree, were missed, are too many."""
        truth = read_truth(session.connection(), [gold.id]).get(gold.id, [])
        known = known_of(
            flag=reply.flag,
            named=reply.actions,
            expected=gold.expected,
            truth=truth,
            config=config,
        )
        if not known.is_first_sort:
            return Grade(known.is_right, gettext("Nobody can be judged in this box."))
        return Grade(known.is_right, *_beside(reply.actions, truth, config))

    def insert(self, session: Session, worker_id: int, question: Any, reply: Reply) -> None:
        """Add an answer."""
        about = {"slot_id": question.slot_id, "person_box_id": question.box_id}
        replies.insert_answer(session, worker_id, about, reply)

    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last `NUM_EARLIER` answers, the newest last."""
        return replies.read_earlier(session, worker_id)

    def describe_earlier(self, earlier: Earlier) -> Described:
        """Return a question that was answered, what was said, and its `revision`."""
        return {**self.describe(earlier), **self.describe_reply(earlier)}


def _beside(
    named: Sequence[int], truth: Sequence[int], config: VerifyConfig
) -> tuple[str, dict[str, Any]]:
    given, true = set(named), set(truth)
    words = ngettext(
        "You named %(met)s of %(num)s action; agreement (F1) %(f1)s, at least %(least)s is right.",
        "You named %(met)s of %(num)s actions; agreement (F1) %(f1)s, at least %(least)s is right.",
        len(true),
        met=len(given & true),
        f1=format(f1(given, true), ".2f"),
        least=format(config.action_agreement, ".2f"),
    )
    sorts = {"agreed": given & true, "missed": true - given, "too_many": given - true}
    return words, {sort: [name_of(one) for one in sorted(some)] for sort, some in sorts.items()}


ACTIONS = ActionsKind()
