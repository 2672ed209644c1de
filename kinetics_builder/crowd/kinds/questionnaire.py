"""Where a tree of questions leads about a clip: answers are paths, decided question by question."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.agreeing import Measure, of_words, read_answers
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.crowd.trees.deciding import decide_paths, remake_paths
from kinetics_builder.crowd.trees.walked import QUESTIONNAIRE
from kinetics_builder.database.tables import (
    Answer,
    ClipFile,
    DecisionTree,
    Gold,
    TreeAnswer,
)


class QuestionnaireKind(Kind):
    """FineGym's questions about an element."""

    name = QUESTIONNAIRE
    answers = TreeAnswer
    subject = TreeAnswer.SUBJECT
    thing = ("clip_id",)
    faults = (Fault.ELEMENT, Fault.NO_ELEMENT)
    columns = (TreeAnswer.label_id, Gold.element_id, Gold.expected)

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that the clip of a row of `gold` is there, and its tree in use."""
        is_there = exists(ClipFile.clip_id).where(ClipFile.clip_id == Gold.clip_id)
        return is_there & exists(DecisionTree.id).where(
            DecisionTree.id == Gold.tree_id, ~DecisionTree.is_retired
        )

    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""
        return config.path_agreeing if config.policy == "three_of_five" else 1

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these answers say about their workers: right of gold is the class alone.

        However often paths lead to one class it says nothing: a tree's clips may be of few.
        """
        return [_given(row) for row in rows]

    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return how far answers agree about where paths lead, and question by question."""
        answers = read_answers(self, session, TreeAnswer.label_id, TreeAnswer.path)
        ends = [[row.label_id or 0 for row in rows] for rows in answers.values()]
        said: dict[tuple[int, str], list[str]] = defaultdict(list)
        for number, rows in enumerate(answers.values()):
            for row in rows:
                for key, answer in row.path:
                    said[number, key].append(answer)
        by_question = [words for words in said.values() if len(words) > 1]
        return [*of_words(ends, ", class"), *of_words(by_question, ", question by question")]

    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Decide these clips."""
        decide_paths(session, things, config)

    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Decide all clips anew."""
        remake_paths(session, config)


def _given(row: Any) -> Given:
    known = None
    if row.gold_id is not None:
        known = Known(row.expected is Answer.YES, row.label_id == row.element_id)
    return Given(row.id, None, known, row.answered_at, row.taken_at)


QUESTIONNAIRE_KIND = QuestionnaireKind()
