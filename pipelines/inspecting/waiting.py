"""Sites that are not asked just now: why, when it goes on, and how many items wait for each."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import SelectBase, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Item, SitePace, State
from kinetics_builder.workspace import Workspace
from pipelines.running.leases import now, rows_of
from pipelines.running.pace.rates import Rates
from pipelines.running.pace.rests import clock_time, rests
from pipelines.running.stage import Stage
from pipelines.running.surveying import glance
from pipelines.stages import ALL_MODULES, build_stage

MOST_COUNTED = 20_000
"""Items of a stage that are looked at to count those that wait, where no site is noted."""


@dataclass
class _Waiting:
    """How many items wait for which site."""

    numbers: Counter[str] = field(default_factory=Counter)
    is_whole: bool = True
    """False where there are more items than are looked at."""

    def line(self, site: str) -> str:
        number, at_least = self.numbers[site], "" if self.is_whole else "at least "
        return f"{at_least}{number} item{' waits' if number == 1 else 's wait'} for it"


def site_lines(session: Session, workspace: Workspace) -> list[str]:
    """Return a sentence for each site that rests, and each that is asked so many times an hour.

    Of the latter those alone that items wait for.
    """
    resting, moment = rests(session), now(session)
    rates = Rates.of(workspace.config.download)
    paces = session.scalars(select(SitePace).order_by(SitePace.site)).all()
    of_rates = [pace for pace in paces if rates.an_hour(pace.site) and pace.since <= moment]
    if not (resting or of_rates):
        return []
    waiting = _count_waiting(session, workspace)
    lines = [f"{rest.line} {waiting.line(rest.site)}." for rest in resting]
    for pace in of_rates:
        if waiting.numbers[pace.site] and pace.site not in {rest.site for rest in resting}:
            next_at = clock_time(max(0.0, pace.next_at - moment))
            often = f"{pace.site} is asked {rates.an_hour(pace.site):g} times an hour"
            lines.append(f"{often}, next at {next_at}; {waiting.line(pace.site)}.")
    return lines


def _count_waiting(session: Session, workspace: Workspace) -> _Waiting:
    found = _Waiting()
    for name in ALL_MODULES:
        stage = build_stage(name, workspace)
        if stage.site is not None and glance(session, stage).num_pending:
            _count_of(session, stage, found)
    return found


def _count_of(session: Session, stage: Stage[Any, Any], found: _Waiting) -> None:
    noted = stage.noted_sites
    counted = None if noted is None else _count_noted(session, stage, noted())
    if counted is None:
        _count_listed(session, stage, found)
    else:
        found.numbers.update(counted)


def _count_noted(
    session: Session, stage: Stage[Any, Any], noted: SelectBase
) -> dict[str, int] | None:
    """Return how many items wait for each site by what is noted; None where not all is noted."""
    key, site = noted.subquery().columns
    is_begun = (
        select(Item.key)
        .where(Item.stage == stage.name, Item.settings_hash == stage.settings_hash)
        .where(Item.key == key, Item.state != State.PENDING)
        .exists()
    )
    rows = session.execute(select(site, func.count()).where(~is_begun).group_by(site))
    counted = {of: number for of, number in rows}
    return None if None in counted else counted


def _count_listed(session: Session, stage: Stage[Any, Any], found: _Waiting) -> None:
    num_seen = 0
    for page in stage.pages(session):
        if num_seen >= MOST_COUNTED:
            found.is_whole = False
            return
        items = stage.items(session, page)
        rows = rows_of(session, stage, [key for key, _ in items])
        num_seen += len(items)
        for key, item in items:
            is_open = key not in rows or rows[key].state is State.PENDING
            if is_open and stage.site is not None:
                found.numbers[stage.site(item)] += 1
