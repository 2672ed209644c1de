"""What each query has brought, counted by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    Decision,
    Label,
    Media,
    SearchHit,
    State,
    Verdict,
)
from pipelines.collecting.classes import is_searched
from pipelines.collecting.search import GIVEN
from pipelines.running.leases import Standing, rows_of
from pipelines.running.paging import EVERYTHING
from pipelines.running.stage import Stage
from pipelines.verifying.aggregate import may_be_released


@dataclass(frozen=True, kw_only=True)
class QueryFaring:
    """What a query of a class has brought; a video that several have found is counted for each."""

    query: str
    label: str
    num_listed: int = 0
    num_matched: int = 0
    """Videos whose title names the class."""
    num_fetched: int = 0
    num_accepted: int = 0
    """Clips."""
    failure: str = ""
    """Why it has no answer; empty where it has."""

    @property
    def why(self) -> str:
        """Return why it has brought no video; empty where it has."""
        if self.num_fetched:
            return ""
        if self.failure:
            return self.failure
        if not self.num_listed:
            return "nothing was found"
        if not self.num_matched:
            return f"no title of {self.num_listed} names the class"
        return f"none of {self.num_matched} was fetched"


def query_farings(session: Session, search: Stage[Any, Any]) -> list[QueryFaring]:
    """Return what each query has brought, the worst first.

    Args:
        session: A reading session.
        search: The stage, which says what is asked today.

    """
    asked, found = _asked(session, search), _found(session)
    none = {"num_listed": 0, "num_matched": 0, "num_fetched": 0, "num_accepted": 0}
    all_of_them = [
        QueryFaring(
            label=label, query=query, failure=asked.get((label, query), ""), **(none | counts)
        )
        for (label, query), counts in ({pair: none for pair in asked} | found).items()
    ]
    return sorted(
        all_of_them,
        key=lambda one: (
            *(one.num_fetched, one.num_accepted, one.num_matched, one.num_listed),
            *(one.label, one.query),
        ),
    )


def _asked(session: Session, search: Stage[Any, Any]) -> dict[tuple[str, str], str]:
    """Return the queries of classes that are asked today, and why one has no answer yet."""
    requests = [
        (key, request)
        for key, request in search.items(session, EVERYTHING)
        if request.label is not None and not request.is_given
    ]
    rows = rows_of(session, search, [key for key, _ in requests])
    return {
        (request.label, request.query[:200]): _failure(rows.get(key)) for key, request in requests
    }


def _failure(row: Standing | None) -> str:
    if row is not None and row.state is State.DONE:
        return ""
    if row is not None and row.state is State.FAILED:
        return f"failed: {row.reason.value if row.reason else 'other'}"
    return "not asked yet"


def _found(session: Session) -> dict[tuple[str, str], dict[str, int]]:
    """Return how many videos and clips every query has led to, by label and query."""
    labels = {
        number: name
        for number, name in session.execute(select(Label.id, Label.name).where(is_searched()))
    }
    found: dict[tuple[str, str], dict[str, int]] = {}
    for label, query, *counts in session.execute(_VIDEOS):
        if label in labels:
            names = ("num_listed", "num_matched", "num_fetched")
            found[labels[label], query] = dict(zip(names, counts, strict=True))
    for label, query, number in session.execute(_ACCEPTED):
        if label in labels:
            found[labels[label], query]["num_accepted"] = number
    return found


_OF_CLASS: Sequence[Any] = (
    Candidate.video_id == SearchHit.video_id,
    Candidate.label_id == SearchHit.label_id,
)
_VIDEOS = (
    select(
        SearchHit.label_id,
        SearchHit.query,
        func.count(),
        func.count(Candidate.id),
        func.count(Media.video_id),
    )
    .outerjoin(Candidate, and_(*_OF_CLASS))
    .outerjoin(Media, Media.video_id == Candidate.video_id)
    .where(SearchHit.query != GIVEN)
    .group_by(SearchHit.label_id, SearchHit.query)
)
_ACCEPTED = (
    select(SearchHit.label_id, SearchHit.query, func.count())
    .join(Clip, and_(Clip.video_id == SearchHit.video_id, Clip.label_id == SearchHit.label_id))
    .join(Decision, Decision.clip_id == Clip.id)
    .where(SearchHit.query != GIVEN, Decision.verdict == Verdict.ACCEPTED, may_be_released())
    .group_by(SearchHit.label_id, SearchHit.query)
)
