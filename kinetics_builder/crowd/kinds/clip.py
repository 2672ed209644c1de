"""Whether a clip shows an action: answers are votes, and clips are accepted or rejected."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.agreeing import Measure, of_words, read_answers
from kinetics_builder.crowd.clips.decisions import decide_clips, remake_decisions
from kinetics_builder.crowd.gold import is_right
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.database.tables import (
    Answer,
    ClipFile,
    Gold,
    Label,
    Task,
    TaskSlot,
    Vote,
)
from kinetics_builder.ways import Way


def _num_at_once() -> ColumnElement[int]:
    """Return of how many questions the grid consists in which a slot lies; 1 outside of grids."""
    other = aliased(TaskSlot)
    size = select(func.count(other.id)).where(
        other.task_id == TaskSlot.task_id,
        other.instead_of_id.is_(None),
        other.behind_id.is_(None),
    )
    way = select(Task.way).where(Task.id == TaskSlot.task_id)
    in_grid = way.correlate(TaskSlot).scalar_subquery() == Way.GRID
    return case((in_grid, size.correlate(TaskSlot).scalar_subquery()), else_=1)


class ClipKind(Kind):
    """The question of Kinetics."""

    name = "clip"
    answers = Vote
    subject = ("clip_id", "label_id")
    thing = ("clip_id",)
    faults = (Fault.YES, Fault.OTHER)
    columns = (Vote.answer, Gold.expected, _num_at_once().label("num_at_once"))
    is_yes_or_no = True
    how_to_get_gold = (
        "`kbuild gold FILE.csv` adds some that you know, `kbuild gold --from-votes` some that all "
        "answered alike"
    )

    def is_repeat(self) -> ColumnElement[bool]:
        """Return the condition that a vote was given on a second occasion."""
        return Vote.is_repeat()

    def is_last(self) -> ColumnElement[bool]:
        """Return the condition that a vote was not replaced, on either occasion."""
        return Vote.is_last()

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that the clip of a row of `gold` is there, and its label in use."""
        return and_(
            exists(ClipFile.clip_id).where(ClipFile.clip_id == Gold.clip_id),
            exists(Label.id).where(Label.id == Gold.label_id, ~Label.is_retired),
        )

    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""
        return config.min_yes if config.policy == "three_of_five" else 1

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these votes say about their workers."""
        return [
            replace(
                given_vote(
                    row.id, row.answer, row.expected, row.answered_at, row.taken_at, row.num_at_once
                ),
                is_repeat=row.is_repeat,
            )
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


def given_vote(
    vote_id: int,
    answer: Answer,
    expected: Answer | None = None,
    answered_at: float | None = None,
    taken_at: float | None = None,
    num_at_once: int = 1,
) -> Given:
    """Return what a vote says about its worker; `expected` is the known answer of gold.

    Many equal answers in a row say nothing where a grid was answered: most of its clips show it.
    """
    known = None
    if expected is not None:
        known = Known(is_first_sort=expected is Answer.YES, is_right=is_right(answer, expected))
    said = answer if num_at_once == 1 else None
    return Given(vote_id, said, known, answered_at, taken_at, num_at_once)


CLIP = ClipKind()
