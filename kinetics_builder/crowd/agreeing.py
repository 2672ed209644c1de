"""How far workers agree, and what an answer takes: read from the answers of any kind.

Agreement is that of answers that count to one and the same question, gold among them; answers of
workers who are set aside are left out. Each kind says what agreement means (`Kind.agreement`).
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan
from statistics import quantiles
from typing import Any

from sqlalchemy import and_, false, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Assignment, TaskSlot, WorkerStanding

MOST_COMPARED = 10
"""Gold has an answer of everybody: of one question the first so many are compared in pairs."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of agreement."""

    name: str
    value: float | None
    """1 is full agreement; None where it is not defined."""
    num_questions: int
    """Questions that two workers or more answered."""


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Seconds that a quarter, half and three quarters took at most, interpolated linearly."""

    first: float
    median: float
    third: float
    num: int


def read_answers(kind: Any, session: Session, *columns: Any) -> dict[tuple[int, ...], list[Any]]:
    """Return the answers that count to each question that two workers or more answered.

    A row has the answer's `id`, and `columns`; the questions are named by their subject.
    """
    answers = kind.answers
    subject = [getattr(answers, name) for name in kind.subject]
    counts = ~func.coalesce(WorkerStanding.is_warned, false())
    query = (
        select(*subject, answers.id.label("id"), *columns)
        .outerjoin(WorkerStanding, WorkerStanding.of(kind.name, answers.worker_id))
        .where(answers.stands(), counts)
        .order_by(answers.id)
    )
    found: dict[tuple[int, ...], list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(tuple(row[: len(subject)]), []).append(row)
    return {about: rows for about, rows in found.items() if len(rows) > 1}


def of_words(said: Collection[Sequence[Hashable]], of: str = "") -> list[Measure]:
    """Return how far words agree, from those said to each question.

    Krippendorff's alpha for names: chance is two answers drawn from all answers. Not defined
    where all are the same word. Beside it the share of equal pairs, averaged over questions.
    """
    import numpy as np  # here: most that a kind of task is asked needs none

    from kinetics_builder.metrics.agreement.labels import krippendorff_alpha, percent_agreement

    words = sorted({str(word) for answers in said for word in answers})
    counts = np.zeros((len(said), len(words)), np.int64)
    for place, answers in enumerate(said):
        for word in answers:
            counts[place, words.index(str(word))] += 1
    return [
        Measure(f"Krippendorff's alpha{of}", defined(krippendorff_alpha(counts)), len(said)),
        Measure(f"equal pairs{of}", defined(percent_agreement(counts)), len(said)),
    ]


def of_members(
    said: Collection[Sequence[Collection[int]]], members: Collection[int], of: str
) -> Measure:
    """Return how far sets agree: Krippendorff's alpha of whether each member was named or not.

    A unit is a question and one of `members`, named by nobody too.
    """
    import numpy as np

    from kinetics_builder.metrics.agreement.labels import krippendorff_alpha

    rows: list[tuple[int, int]] = []
    unnamed: dict[int, int] = {}
    for answers in said:
        named = [len([one for one in answers if member in one]) for member in members]
        rows += [(number, len(answers) - number) for number in named if number]
        unnamed[len(answers)] = unnamed.get(len(answers), 0) + named.count(0)
    counts = np.array([*rows, *((0, size) for size in unnamed)], np.int64).reshape(-1, 2)
    weights = np.array([*[1.0] * len(rows), *map(float, unnamed.values())])
    return Measure(
        f"Krippendorff's alpha{of}", defined(krippendorff_alpha(counts, weights)), len(said)
    )


def pairs_of(answers: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    """Return the pairs of answers that are compared."""
    return combinations(answers[:MOST_COMPARED], 2)


def defined(value: float) -> float | None:
    """Return None for what is not a number."""
    return None if isnan(value) else float(value)


def seconds_an_answer(kind: Any, session: Session) -> Quartiles | None:
    """Return what first answers took, from the question's showing on, as browsers say."""
    answers = kind.answers
    is_first = answers.revision == 0, ~kind.is_repeat()
    query = select(answers.seconds).where(answers.seconds.is_not(None), *is_first)
    return _quartiles(session.scalars(query).all())


def seconds_a_task(kind: Any, session: Session) -> Quartiles | None:
    """Return what tasks took that a worker has finished: the sum over its answers."""
    answers = kind.answers
    query = (
        select(func.sum(answers.seconds))
        .join(TaskSlot, TaskSlot.id == answers.slot_id)
        .join(
            Assignment,
            and_(Assignment.task_id == TaskSlot.task_id, Assignment.worker_id == answers.worker_id),
        )
        .where(
            answers.seconds.is_not(None),
            answers.revision == 0,
            ~kind.is_repeat(),
            Assignment.submitted_at.is_not(None),
        )
        .group_by(Assignment.id)
    )
    return _quartiles(session.scalars(query).all())


def _quartiles(seconds: Sequence[float]) -> Quartiles | None:
    if not seconds:
        return None
    if len(seconds) == 1:
        return Quartiles(seconds[0], seconds[0], seconds[0], 1)
    first, median, third = quantiles(seconds, n=4, method="inclusive")
    return Quartiles(first, median, third, len(seconds))
