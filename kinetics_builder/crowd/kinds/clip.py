"""Whether a clip shows an action: answers are votes, and clips are accepted or rejected."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, exists, func, insert, literal, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.agreeing import Measure, of_words, read_answers
from kinetics_builder.crowd.decisions import decide_clips, remake_decisions
from kinetics_builder.crowd.gold import is_right
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.database.tables import Answer, Gold, Vote


class ClipKind(Kind):
    """The question of Kinetics."""

    name = "clip"
    answers = Vote
    subject = ("clip_id", "label_id")
    faults = (Fault.YES, Fault.OTHER)
    columns = (Vote.answer, Gold.expected)
    is_yes_or_no = True
    how_to_get_gold = (
        "`kbuild gold FILE.csv` adds some that you know, `kbuild gold --from-votes` some that all "
        "answered alike"
    )

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these votes say about their workers."""
        return [
            given_vote(row.id, row.answer, row.expected, row.answered_at, row.taken_at)
            for row in rows
        ]

    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return how far votes agree."""
        votes = read_answers(self, session, Vote.answer)
        return of_words([[row.answer.value for row in rows] for rows in votes.values()])

    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Decide these clips."""
        decide_clips(session, things, config)

    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Decide all clips anew."""
        remake_decisions(session, config)

    def copy_answers(self, session: Session, source_id: int, target_id: int) -> int:
        """Give a worker the votes of another that it has not; return how many."""
        before = _count_votes(session, target_id)
        mine = aliased(Vote)
        skipped = ("id", "worker_id", "revision")
        columns = [column for column in Vote.__table__.columns if column.name not in skipped]
        is_missing = ~exists(mine.id).where(
            mine.worker_id == target_id,
            mine.clip_id == Vote.clip_id,
            mine.label_id == Vote.label_id,
        )
        chosen = select(literal(target_id), *columns).where(
            Vote.worker_id == source_id, Vote.stands(), is_missing
        )
        names = ["worker_id", *(column.name for column in columns)]
        session.execute(insert(Vote).from_select(names, chosen.order_by(Vote.id)))
        return _count_votes(session, target_id) - before


def given_vote(
    vote_id: int,
    answer: Answer,
    expected: Answer | None = None,
    answered_at: float | None = None,
    taken_at: float | None = None,
) -> Given:
    """Return what a vote says about its worker; `expected` is the known answer of gold."""
    known = None
    if expected is not None:
        known = Known(is_first_sort=expected is Answer.YES, is_right=is_right(answer, expected))
    return Given(vote_id, answer, known, answered_at, taken_at)


def _count_votes(session: Session, worker_id: int) -> int:
    return session.scalar(select(func.count(Vote.id)).where(Vote.worker_id == worker_id)) or 0


CLIP = ClipKind()
