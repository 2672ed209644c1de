"""The path that a worker takes through a tree: read from a form, stored as an answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.clip.replies import MAX_BROWSER
from annotation_ui.kinds.fields import read_revision, read_seconds
from annotation_ui.kinds.kind import BadAnswer
from annotation_ui.kinds.questionnaire.questions import Question
from annotation_ui.languages.words import gettext, lazy_gettext
from kinetics_builder.crowd.trees.paths import Reached, follow
from kinetics_builder.crowd.trees.written import read
from kinetics_builder.database.tables import (
    Answer,
    DecisionTree,
    Label,
    PassedSlot,
    TreeAnswer,
)
from kinetics_builder.text.class_list.trees import Leads, Tree
from kinetics_builder.text.foreign import one_line

CHOICES = {
    "yes": lazy_gettext("Yes"),
    "no": lazy_gettext("No"),
    "unsure": lazy_gettext("Unsure"),
    "bad": lazy_gettext("Bad clip"),
}
"""Answers to a question, and what the buttons say."""

FIELD = "answer-"
"""Of a form without a script: before the key of each question."""

_LONGEST_PATH = 20_000

Path = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A path that a worker took."""

    kind: ClassVar[str] = "questionnaire"

    path: Path
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""
    unplayed_by: str = ""
    """The browser that could not play the clip, and why: then nothing is said of the clip."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same."""
        return (self.path, bool(self.unplayed_by)) == (other.path, bool(other.unplayed_by))


def read_reply(form: Mapping[str, str], session: Session) -> Reply:
    """Return the path that a form holds.

    `path` is a JSON list of [question, answer], in the order of asking, up to its end. Without a
    script there is a field for each question of the tree (`FIELD`), of which those on the way
    count, and `tree`. `unplayable` says that the clip did not play.

    Raises:
        BadAnswer: It is no path of any tree there is, or has no end.

    """
    if form.get("answer") == "unplayable":
        browser = (one_line(form.get("browser")) or "no browser named")[:MAX_BROWSER]
        return Reply((), revision=read_revision(form), unplayed_by=browser)
    trees = [read(told) for told in session.scalars(_TREES)]
    path = _parsed(form["path"]) if "path" in form else _of_fields(form, trees)
    tree = next((one for one in trees if path and one.first == path[0][0]), None)
    if tree is None:
        raise BadAnswer(gettext("These questions are asked no more. Load the page again."))
    try:
        reached = follow(tree, path)
    except ValueError as error:
        raise BadAnswer(f"path is no path of the questions: {error}.") from error
    if not reached.is_whole:
        raise BadAnswer(gettext("Answer this, too: %(question)s", question=_asked(tree, reached)))
    return Reply(path, read_seconds(form), read_revision(form))


def _asked(tree: Tree, reached: Reached) -> str:
    return tree.nodes[reached.goal.name].text


def _parsed(text: str) -> Path:
    try:
        found = json.loads(text[:_LONGEST_PATH])
    except ValueError as error:
        raise BadAnswer(f"path={text[:60]!r} is no JSON.") from error
    if not isinstance(found, list):
        raise BadAnswer(f"path={text[:60]!r} is no list.")
    for step in found:
        is_step = isinstance(step, list) and len(step) == 2
        if not (is_step and all(isinstance(part, str) for part in step)):
            raise BadAnswer(f"path={text[:60]!r} is no list of [question, answer].")
    return tuple((key, said) for key, said in found)


def _of_fields(form: Mapping[str, str], trees: Sequence[Tree]) -> Path:
    tree = next((one for one in trees if one.name == form.get("tree")), None)
    if tree is None:
        raise BadAnswer("path is missing: a JSON list of [question, answer].")
    path: list[tuple[str, str]] = []
    reached = follow(tree, path)
    while not reached.is_whole:
        said = form.get(f"{FIELD}{reached.goal.name}", "")
        if not said:
            raise BadAnswer(
                gettext("Answer this, too: %(question)s", question=_asked(tree, reached))
            )
        if said not in CHOICES:
            raise BadAnswer(f"{said[:60]!r} is not one of {', '.join(CHOICES)}.")
        path.append((reached.goal.name, said))
        reached = follow(tree, path)
    return tuple(path)


def words_for(tree: Tree, path: Sequence[Sequence[str]]) -> str:
    """Return where a path leads, in words; what is not of this tree leads nowhere."""
    try:
        reached = follow(tree, path)
    except ValueError:
        return gettext("other questions")
    if reached.last is Answer.BAD:
        return str(CHOICES["bad"])
    if reached.last is Answer.UNSURE:
        return gettext("unsure: %(question)s", question=_asked(tree, reached))
    return reached.element or gettext("none of these")


def given(session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    clip_id, tree_id = subject
    about = {"worker_id": worker_id, "clip_id": clip_id, "tree_id": tree_id}
    rows: Any = session.execute(_GIVEN, about)
    return [Reply(as_path(path), seconds, revision) for path, seconds, revision in rows]


def as_path(stored: Sequence[Sequence[str]]) -> Path:
    """Return a path as it is compared."""
    return tuple((key, said) for key, said in stored)


def insert_path(session: Session, worker_id: int, question: Question, reply: Reply) -> None:
    """Add an answer, or that the clip did not play."""
    if reply.unplayed_by:
        if session.get(PassedSlot, (question.slot_id, worker_id)) is None:
            who = {"slot_id": question.slot_id, "worker_id": worker_id}
            how = {"browser": reply.unplayed_by, "passed_at": reply.answered_at or 0.0}
            session.execute(insert(PassedSlot), {**who, **how})
        return
    row: dict[str, Any] = {
        "worker_id": worker_id,
        "slot_id": question.slot_id,
        "clip_id": question.clip_id,
        "tree_id": question.tree_id,
        "path": reply.path,
        "label_id": _label_id(session, question.tree, reply.path),
        "seconds": reply.seconds,
        "revision": reply.revision,
        "answered_at": reply.answered_at,
    }
    session.connection().execute(_INSERT, row)


def _label_id(session: Session, tree: Tree, path: Path) -> int | None:
    try:
        goal = follow(tree, path).goal
    except ValueError:  # of another tree than the slot's
        return None
    if goal.leads is not Leads.CLASS:
        return None
    return session.scalar(select(Label.id).where(Label.name == goal.name))


_TREES = select(DecisionTree.told).where(~DecisionTree.is_retired).order_by(DecisionTree.id)
_ANSWER: Any = TreeAnswer.__table__
_INSERT = insert(_ANSWER)
_GIVEN = (
    select(TreeAnswer.path, TreeAnswer.seconds, TreeAnswer.revision)
    .where(
        TreeAnswer.worker_id == bindparam("worker_id"),
        TreeAnswer.clip_id == bindparam("clip_id"),
        TreeAnswer.tree_id == bindparam("tree_id"),
    )
    .order_by(TreeAnswer.revision)
)
