"""What a person does: several propose, and all that any of them named is verified."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from statistics import fmean
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import ActionType, Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.actions.agreement import f1, is_right_set
from kinetics_builder.crowd.actions.deciding import ACTIONS, decide_proposals, remake_proposals
from kinetics_builder.crowd.agreeing import Measure, of_members, of_words, pairs_of, read_answers
from kinetics_builder.crowd.kinds.kind import Kind, is_frame_wanted
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.database.tables import (
    ActionAnswer,
    Answer,
    BoxFlag,
    Gold,
    GoldAction,
    ProposedAction,
)

_LONGEST_WORD = 20
_AT_ONCE = 500


class ActionsKind(Kind):
    """AVA's first question about a person."""

    name = ACTIONS
    answers = ActionAnswer
    subject = ActionAnswer.SUBJECT
    parts = (ProposedAction,)
    faults = (Fault.ACTIONS, Fault.WRONG_BOX)
    columns = (ActionAnswer.flag, Gold.expected)

    def is_gold(self) -> ColumnElement[bool]:
        """Return the condition that a row of `gold` is a person whose actions are known."""
        return and_(super().is_gold(), Gold.action_id.is_(None))

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that the key frame of a row of `gold` is still wanted."""
        return is_frame_wanted()

    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""
        return config.proposers

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these answers say about their workers.

        Gold of the first sort is a person whose actions are known: right is a set that agrees
        with them, see `action_agreement`. Of the other, a box that no action can be named of.
        """
        listed = list(rows)
        named = read_actions(connection, [row.id for row in listed])
        golds = {row.gold_id for row in listed if row.gold_id is not None}
        truth = read_truth(connection, golds)
        return [
            Given(
                row.id,
                _word(row.flag, named.get(row.id, [])),
                None
                if row.gold_id is None
                else known_of(
                    flag=row.flag,
                    named=named.get(row.id, []),
                    expected=row.expected,
                    truth=truth.get(row.gold_id, []),
                    config=config,
                ),
                row.answered_at,
                row.taken_at,
            )
            for row in listed
        ]

    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return how far proposers agree: F1 of two of them, and alpha by type of action.

        F1 is the mean over the pairs of answers to a person, then over persons; who flags a box
        names nothing. A pose is one word each; of the other types, each action is named or not.
        """
        answers = read_answers(self, session)
        answer_ids = [row.id for rows in answers.values() for row in rows]
        named = read_actions(session.connection(), answer_ids)
        said = [[frozenset(named.get(row.id, ())) for row in rows] for rows in answers.values()]
        values = [fmean(f1(one, other) for one, other in pairs_of(sets)) for sets in said]
        measures = [Measure("F1 of two", fmean(values) if values else None, len(said))]
        for kind in ActionType:
            ids = {action.id for action in actions.of_type(kind)}
            of = f", {kind.word}"
            if kind.most > 1:
                measures.append(of_members(said, ids, of))
            else:
                words = [[min(one & ids, default=0) for one in sets] for sets in said]
                measures.append(of_words(words, of)[0])
        return measures

    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Note what is proposed for these boxes."""
        decide_proposals(session, things, config)

    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Note anew what is proposed for all boxes."""
        remake_proposals(session, config)


def read_actions(connection: Connection, answer_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the actions that these answers name, in order; those that name none are left out."""
    return _lists(connection, _NAMED, answer_ids)


def add_actions(connection: Connection, answer_id: int, actions: Iterable[int]) -> None:
    """Write the actions of a new answer."""
    rows = [{"answer_id": answer_id, "action_id": number} for number in actions]
    if rows:
        connection.execute(insert(ProposedAction), rows)


def known_of(
    *,
    flag: BoxFlag | None,
    named: Collection[int],
    expected: Answer | None,
    truth: Collection[int],
    config: VerifyConfig,
) -> Known:
    """Return what an answer to gold is worth: a flag, or the actions that are named."""
    if expected is Answer.BAD:
        return Known(is_first_sort=False, is_right=flag is not None)
    is_right = flag is None and is_right_set(named, truth, config.action_agreement)
    return Known(is_first_sort=True, is_right=is_right)


def _word(flag: Any, named: list[int]) -> str:
    return flag.value if flag is not None else " ".join(map(str, named))[:_LONGEST_WORD]


def read_truth(connection: Connection, gold_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the true actions of these gold questions; those without any are left out."""
    return _lists(connection, _TRUTH, gold_ids)


def _lists(connection: Connection, query: Any, ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        for owner, action in connection.execute(query, {"ids": ordered[start : start + _AT_ONCE]}):
            found[owner].append(action)
    return dict(found)


_IDS: Any = bindparam("ids", expanding=True)
_NAMED = (
    select(ProposedAction.answer_id, ProposedAction.action_id)
    .where(ProposedAction.answer_id.in_(_IDS))
    .order_by(ProposedAction.answer_id, ProposedAction.action_id)
)
_TRUTH = select(GoldAction.gold_id, GoldAction.action_id).where(GoldAction.gold_id.in_(_IDS))
ACTIONS_KIND = ActionsKind()
