"""How the items of a stage stand: looked at page by page, or known from an earlier look.

A look lists every item. As long as nothing changes that items are listed from, what it gave holds,
and how they stand now is a sum over their rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.changes import changes, note_change
from kinetics_builder.database.tables import Item, StageSurvey, State
from kinetics_builder.errors import Reason
from kinetics_builder.text.counting import counted
from pipelines.running.leases import is_free, now, rows_of
from pipelines.running.paging import KeySet, Page
from pipelines.running.stage import Stage

_FEW_PAGES = 4
"""Full of items, are looked at to say how they stand."""


@dataclass
class Tally:
    """How many rows of a stage stand where."""

    states: Counter[State] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Of those that failed."""

    @classmethod
    def of(cls, rows: Iterable[tuple[State, Reason | None, int]]) -> "Tally":
        """Count rows of a state and a reason, so many each."""
        tally = cls()
        for state, reason, number in rows:
            tally.states[state] += number
            if state is State.FAILED and reason:
                tally.reasons[reason] += number
        return tally

    def __add__(self, others: "Tally") -> "Tally":
        return Tally(self.states + others.states, self.reasons + others.reasons)

    def __sub__(self, others: "Tally") -> "Tally":
        return Tally(self.states - others.states, self.reasons - others.reasons)

    @property
    def in_work(self) -> "Tally":
        """Those that a run works on."""
        return Tally(+Counter({State.RUNNING: self.states[State.RUNNING]}))

    @property
    def num_open(self) -> int:
        """How many are neither done nor failed."""
        return self.states[State.PENDING] + self.states[State.RUNNING]

    @property
    def failures(self) -> dict[str, int]:
        """How often each reason of a failure stands there, the most frequent first."""
        named = ((reason.value, count) for reason, count in self.reasons.items())
        return dict(sorted(named, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True)
class Counts:
    """How many items of a stage there are, and how those stand that somebody has begun."""

    num_items: int
    begun: Tally
    is_estimate: bool = False
    """Whether rows of what is no item any more may be among `begun`."""

    def __str__(self) -> str:
        done, failed = self.begun.states[State.DONE], self.begun.states[State.FAILED]
        return f"{counted(self.num_items, 'item')} ({done} done, {failed} failed)"

    @property
    def num_pending(self) -> int:
        """How many are left to begin."""
        num_new = self.num_items - self.begun.states.total()
        return max(0, num_new) + self.begun.states[State.PENDING]

    @property
    def is_finished(self) -> bool:
        """Whether there are items, and each is done or failed."""
        return 0 < self.num_items == self.begun.states.total() - self.begun.num_open


@dataclass
class Survey:
    """A look at all items of a stage."""

    num_items: int = 0
    begun: Tally = field(default_factory=Tally)
    """The rows that items have."""
    strays: Tally = field(default_factory=Tally)
    """The rows of these settings that no item has."""
    keys: KeySet = field(default_factory=KeySet)
    """Of all items; none where they were not looked at."""
    num_free: int = 0
    """Items that could be begun."""
    pages: list[Page] = field(default_factory=list)
    """Those with such an item."""
    changes: Mapping[str, int] = field(default_factory=dict)
    """How often the tables that items are listed from had changed by then."""
    version: str | None = None
    """Of what else they are listed from."""

    @property
    def counts(self) -> Counts:
        """How the items stood."""
        return Counts(self.num_items, self.begun)


def survey(session: Session, stage: Stage[Any, Any]) -> Survey:
    """Look at every item of a stage once, and at the row that it has."""
    found = Survey(changes=_changes(session, stage), version=_version(session, stage))
    there = _rows(session, stage)
    moment = now(session)
    for page in stage.pages(session):
        keys = list(dict(stage.items(session, page)))
        rows = rows_of(session, stage, keys) if there.states else {}
        found.keys.add(keys)
        found.num_items += len(keys)
        found.begun += Tally.of((row.state, row.reason, 1) for row in rows.values())
        num_free = len(keys) - len(rows) + sum(is_free(row, moment) for row in rows.values())
        if num_free:
            found.pages.append(page)
            found.num_free += num_free
    found.strays = there - found.begun
    return found


def count(session: Session, stage: Stage[Any, Any]) -> Counts:
    """Return how the items of a stage stand."""
    known = recall(session, stage)
    return survey(session, stage).counts if known is None else known


def glance(session: Session, stage: Stage[Any, Any]) -> Counts:
    """Return how the items of a stage stand without a look at many: an estimate, if need be.

    Where an earlier look does not hold any more, the items are counted, and so are the rows, less
    those that no item had then. Exact as long as no item has been begun, or gone since.
    """
    known = recall(session, stage)
    if known is not None or stage.listed is None or stage.paging is None:
        return known or survey(session, stage).counts
    rows = _rows(session, stage)
    num_items = session.scalar(select(func.count()).select_from(stage.listed().subquery())) or 0
    if not rows.states:
        return Counts(num_items, rows)
    if num_items <= _FEW_PAGES * stage.paging.num_names:
        return survey(session, stage).counts
    before = session.get(StageSurvey, (stage.name, stage.settings_hash))
    strays = Tally() if before is None else _read(before.strays)
    return Counts(num_items, rows - strays, is_estimate=True)


def recall(session: Session, stage: Stage[Any, Any]) -> Counts | None:
    """Return how the items of a stage stand, if what an earlier look gave still holds."""
    row = session.get(StageSurvey, (stage.name, stage.settings_hash))
    if row is None or not _is_remembered(stage):
        return None
    if row.changes != _noted(_changes(session, stage), _version(session, stage)):
        return None
    return Counts(row.num_items, _rows(session, stage) - _read(row.strays))


def at_rest(session: Session, stage: Stage[Any, Any]) -> Survey | None:
    """Return how items stand, without their keys, if it is known that a run has nothing to do."""
    known = recall(session, stage)
    if known is None or not known.is_finished:
        return None
    other = or_(Item.settings_hash < stage.settings_hash, Item.settings_hash > stage.settings_hash)
    others = select(Item.key).where(Item.stage == stage.name, other).limit(1)
    if stage.forgets and session.scalar(others) is not None:
        return None
    return Survey(known.num_items, known.begun)


def remember(session: Session, stage: Stage[Any, Any], seen: Survey) -> None:
    """Write down what a look gave, so that `recall` knows it.

    Not where something has changed since, and not where a run works on what is no item any more:
    its row is about to change.
    """
    if not _is_remembered(stage) or doubt(session, stage, seen):
        return
    is_unknown = stage.version is not None and seen.version is None
    if is_unknown:
        forget(session, stage)
    if is_unknown or seen.strays.in_work.states:
        return
    session.merge(
        StageSurvey(
            stage=stage.name,
            settings_hash=stage.settings_hash,
            changes=_noted(seen.changes, seen.version),
            num_items=seen.num_items,
            strays=_written(seen.strays),
        )
    )


def doubt(session: Session, stage: Stage[Any, Any], seen: Survey) -> bool:
    """Say whether something has changed since a look; then what is remembered holds no more.

    For who writes rows of items that a look has shown: they may be none any more.
    """
    has_changed = seen.changes != _changes(session, stage)
    if has_changed:
        forget(session, stage)
    return has_changed


def forget(session: Session, stage: Stage[Any, Any]) -> None:
    """Let nothing hold that is remembered of a stage: for who writes rows that may be strays."""
    if _is_remembered(stage):
        note_change(session, _name_of_rows(stage))


def _is_remembered(stage: Stage[Any, Any]) -> bool:
    """Say whether it can be known that items are the same, without a look at them."""
    return stage.paging is not None or stage.version is not None


def _changes(session: Session, stage: Stage[Any, Any]) -> dict[str, int]:
    if not _is_remembered(stage):
        return {}
    tables = () if stage.paging is None else stage.paging.reads
    names = [table.__tablename__ for table in tables]
    return changes(session, [*names, _name_of_rows(stage)])


def _version(session: Session, stage: Stage[Any, Any]) -> str | None:
    return None if stage.version is None else stage.version(session)


def _noted(counted: Mapping[str, int], version: str | None) -> dict[str, int]:
    return dict(counted) if version is None else {**counted, f"version {version}": 1}


def _name_of_rows(stage: Stage[Any, Any]) -> str:
    return f"rows of {stage.name}"


def _rows(session: Session, stage: Stage[Any, Any]) -> Tally:
    """Count the rows of a stage; reasons are told apart among those alone that failed."""
    ours = Item.stage == stage.name, Item.settings_hash == stage.settings_hash
    others = [state for state in State if state is not State.FAILED]
    numbers = [
        select(func.count()).where(*ours, Item.state == state).scalar_subquery() for state in others
    ]
    failed = session.execute(
        select(Item.reason, func.count())
        .where(*ours, Item.state == State.FAILED)
        .group_by(Item.reason)
    )
    rows = [(State.FAILED, reason, number) for reason, number in failed]
    counts = zip(others, session.execute(select(*numbers)).one(), strict=True)
    return Tally.of([*rows, *((state, None, number) for state, number in counts if number)])


def _written(tally: Tally) -> dict[str, dict[str, int]]:
    return {
        "states": {state.value: number for state, number in tally.states.items()},
        "reasons": {reason.value: number for reason, number in tally.reasons.items()},
    }


def _read(written: Mapping[str, Mapping[str, int]]) -> Tally:
    return Tally(
        Counter({State(name): number for name, number in written["states"].items()}),
        Counter({Reason(name): number for name, number in written["reasons"].items()}),
    )
