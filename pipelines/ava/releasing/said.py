"""How much people said of films: for the README of a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionVote,
    BoxAnswer,
    BoxDecision,
    BoxProposal,
    LinkAnswer,
    LinkDecision,
    PersonAction,
)

_TABLES: tuple[tuple[str, Any, Any], ...] = (
    ("key frames whose boxes people drew", BoxAnswer, BoxDecision),
    ("stretches along which people said whose the boxes are", LinkAnswer, LinkDecision),
    ("persons whose actions were named", ActionAnswer, BoxProposal),
    ("votes on proposed actions", ActionVote, PersonAction),
)


@dataclass(frozen=True, slots=True)
class Said:
    """Answers that were not replaced by later ones."""

    answers: Mapping[str, int]
    """By what was asked."""
    set_aside: Mapping[str, int]
    """Of them, those of people who did not know the answers to gold questions."""
    num_workers: int


def read_said(session: Session) -> Said:
    """Count the answers."""
    everybody = union(
        *(select(answers.worker_id).where(answers.stands()) for _, answers, _ in _TABLES)
    ).subquery()
    return Said(
        answers={name: _count(session, answers) for name, answers, _ in _TABLES},
        set_aside={
            name: session.scalar(select(func.coalesce(func.sum(decided.num_set_aside), 0))) or 0
            for name, _, decided in _TABLES
        },
        num_workers=session.scalar(select(func.count()).select_from(everybody)) or 0,
    )


def _count(session: Session, answers: Any) -> int:
    return session.scalar(select(func.count()).select_from(answers).where(answers.stands())) or 0
