"""Giving a worker the answers of another: two workers who turned out to be one person."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, exists, func, insert, literal, select
from sqlalchemy.orm import Session, aliased


def copy_answers(
    session: Session,
    answers: Any,
    subject: Iterable[str],
    parts: Iterable[Any],
    workers: tuple[int, int],
) -> int:
    """Give a worker the answers of another that it has not, with all that they consist of.

    Args:
        session: Of the caller, who commits.
        answers: The table of answers, see `Kind.answers`.
        subject: The columns that name what a question is about.
        parts: Tables of what an answer consists of, such as its boxes, by `answer_id`.
        workers: Whose answers, and to whom.

    Returns:
        How many answers were copied.

    """
    source_id, target_id = workers
    last_id = session.scalar(select(func.max(answers.id))) or 0
    mine = aliased(answers)

    def is_same(one: Any) -> Any:
        return and_(*(getattr(one, name) == getattr(answers, name) for name in subject))

    is_missing = ~exists(mine.id).where(mine.worker_id == target_id, is_same(mine))
    columns = _columns(answers, "worker_id", "revision")
    theirs = select(literal(target_id), *columns).where(
        answers.worker_id == source_id, answers.stands(), is_missing
    )
    names = ["worker_id", *(column.name for column in columns)]
    session.execute(insert(answers).from_select(names, theirs.order_by(answers.id)))
    is_copy = and_(mine.worker_id == target_id, mine.id > last_id)
    for part in parts:
        columns = _columns(part, "answer_id")
        of_theirs = (
            select(mine.id, *columns)
            .join(answers, answers.id == part.answer_id)
            .join(mine, and_(is_copy, is_same(mine)))
            .where(answers.worker_id == source_id, answers.stands())
        )
        names = ["answer_id", *(column.name for column in columns)]
        session.execute(insert(part).from_select(names, of_theirs))
    return session.scalar(select(func.count(mine.id)).where(is_copy)) or 0


def _columns(table: Any, *left_out: str) -> list[Any]:
    return [c for c in table.__table__.columns if c.name not in ("id", *left_out)]
