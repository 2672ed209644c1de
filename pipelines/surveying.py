"""What of a stage is done, what is left and on which pages, counted page by page."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Item, State
from kinetics_builder.errors import Reason
from pipelines.leases import is_free, now, rows_of
from pipelines.paging import KeySet, Page
from pipelines.stage import Stage


@dataclass
class Counts:
    """How many items of a stage stand where."""

    num_items: int = 0
    states: Counter[State] = field(default_factory=Counter)
    """Of the items that somebody has begun."""
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Of those that failed."""

    @property
    def failures(self) -> dict[str, int]:
        """How often each reason of a failure stands there, the most frequent first."""
        named = ((reason.value, count) for reason, count in self.reasons.items())
        return dict(sorted(named, key=lambda pair: (-pair[1], pair[0])))


@dataclass
class Survey:
    """A look at all items of a stage."""

    counts: Counts = field(default_factory=Counts)
    keys: KeySet = field(default_factory=KeySet)
    """Of all items."""
    num_free: int = 0
    """Items that could be begun."""
    pages: list[Page] = field(default_factory=list)
    """Those with such an item."""


def survey(session: Session, stage: Stage[Any, Any]) -> Survey:
    """Look at every item of a stage once, and at the row that it has."""
    found = Survey()
    moment = now(session)
    for page in stage.pages(session):
        keys = list(dict(stage.items(session, page)))
        rows = rows_of(session, stage, keys)
        found.keys.add(keys)
        found.counts.num_items += len(keys)
        found.counts.states.update(row.state for row in rows.values())
        found.counts.reasons.update(
            row.reason for row in rows.values() if row.state is State.FAILED and row.reason
        )
        num_free = len(keys) - len(rows) + sum(is_free(row, moment) for row in rows.values())
        if num_free:
            found.pages.append(page)
            found.num_free += num_free
    return found


def count_again(session: Session, stage: Stage[Any, Any], before: Survey) -> Counts:
    """Return how the items stand now that a survey saw before.

    Where each has a row and no other item has, the rows are counted by the database.
    """
    query = (
        select(Item.state, Item.reason, func.count())
        .where(Item.stage == stage.name, Item.settings_hash == stage.settings_hash)
        .group_by(Item.state, Item.reason)
    )
    now_there = Counts(before.counts.num_items)
    for state, reason, number in session.execute(query):
        now_there.states[state] += number
        if state is State.FAILED and reason:
            now_there.reasons[reason] += number
    if now_there.states.total() == now_there.num_items:
        return now_there
    return survey(session, stage).counts
