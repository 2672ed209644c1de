"""Whether a person does an action: what was proposed is accepted or rejected, one at a time."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import ActionType, Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.actions.deciding import VERIFICATION, decide_actions, remake_actions
from kinetics_builder.crowd.agreeing import Measure, of_words, read_answers
from kinetics_builder.crowd.kinds.kind import Kind, is_frame_wanted
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.database.tables import ActionVote, Answer, Gold


class VerificationKind(Kind):
    """AVA's second question about a person."""

    name = VERIFICATION
    answers = ActionVote
    subject = ActionVote.SUBJECT
    faults = (Fault.ACTION_SHOWN, Fault.ACTION_NOT_SHOWN)
    columns = (ActionVote.answer, Gold.expected)
    is_yes_or_no = True

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that the key frame of a row of `gold` is still wanted."""
        return is_frame_wanted()

    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""
        return config.action_min_yes

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these votes say about their workers: unsure is right of no gold."""
        return [_given(row) for row in rows]

    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return how far votes agree, about all actions and about those of each type."""
        said = {
            about: [row.answer.value for row in rows]
            for about, rows in read_answers(self, session, ActionVote.answer).items()
        }
        measures = of_words(list(said.values()))
        for kind in ActionType:
            ids = {action.id for action in actions.of_type(kind)}
            some = [words for (_, action), words in said.items() if action in ids]
            measures.append(of_words(some, f", {kind.word}")[0])
        return measures

    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Decide the actions of these boxes."""
        decide_actions(session, things, config)

    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Decide the actions of all boxes anew."""
        remake_actions(session, config)


def _given(row: Any) -> Given:
    known = None
    if row.gold_id is not None:
        known = Known(row.expected is Answer.YES, row.answer is row.expected)
    return Given(row.id, row.answer, known, row.answered_at, row.taken_at)


VERIFICATION_KIND = VerificationKind()
