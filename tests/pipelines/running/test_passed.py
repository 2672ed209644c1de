"""Items that wait for their site hold up no others, however many they are."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, State, Video
from kinetics_builder.errors import KbuildError, Reason
from kinetics_builder.workspace import Workspace
from pipelines.running.pace.rates import Rates
from pipelines.running.pace.rests import note_rest
from pipelines.running.paging import Page, Paging
from pipelines.running.reports import SilentReporter
from pipelines.running.runner import _Run, run_stage
from pipelines.running.stage import Stage

MANY = 25_000
_VIDEO: Any = Video.__table__


class Listener(SilentReporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)


class Enough(KbuildError):
    """Ends a run that would wait for hours."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace", "[run]\nworkers = 1\n")


def site_stage(workspace: Workspace, sites: Sequence[str], **changes: Any) -> Stage[Any, Any]:
    """Return a stage of as many items, in this order, each of its site."""
    rows = [
        {"video_id": f"v{n:05}", "source": "here", "url": site, "title": ""}
        for n, site in enumerate(sites)
    ]
    with writing(workspace.engine) as session:
        session.execute(insert(_VIDEO), rows)

    def items(session: Session, page: Page) -> list[tuple[str, tuple[str, str]]]:
        query = select(Video.video_id, Video.url).where(page.holds(Video.video_id))
        return [(row[0], tuple(row)) for row in session.execute(query.order_by(Video.video_id))]

    settings: dict[str, Any] = {
        "name": "ask",
        "needs": "list",
        "what": "addresses",
        "settings_hash": "first",
        "in_children": False,
        "items": items,
        "paging": Paging(Video.video_id, reads=(Video,)),
        "site": lambda item: item[1],
        "work": lambda item: item,
        "save": lambda _session, _made: None,
    }
    return Stage(**(settings | changes))


def done(workspace: Workspace) -> Counter[str]:
    """Return how many items are done, by site."""
    query = select(Video.url).join(Item, Item.key == Video.video_id)
    with reading(workspace.engine) as session:
        return Counter(session.scalars(query.where(Item.state == State.DONE)))


def test_items_of_other_sites_come_behind_any_number_of_one_that_rests(
    workspace: Workspace,
) -> None:
    stage = site_stage(workspace, ["rests.org"] * MANY + ["goes.org"] * 10)
    with writing(workspace.engine) as session:
        note_rest(session, "rests.org", Reason.RATE_LIMITED, 7200)
    listener = Listener()
    run_stage(workspace, stage, reporter=listener)
    assert done(workspace) == {"goes.org": 10}
    (line,) = (text for text in listener.told if "left alone" in text)
    assert f"{MANY} items wait for it" in line


def test_items_of_other_sites_come_behind_any_number_of_one_that_is_paced(
    workspace: Workspace,
) -> None:
    asked: list[str] = []

    def work(item: tuple[str, str]) -> None:
        asked.append(item[1])
        if asked.count("goes.org") == 10 or asked.count("paced.org") > 40:
            raise Enough("enough was seen")

    stage = site_stage(
        workspace,
        ["paced.org"] * MANY + ["goes.org"] * 10,
        rates=Rates({"paced.org": 7200.0}),
        work=work,
    )
    run = _Run(workspace, stage, SilentReporter())
    with pytest.raises(Enough):
        run.run(retry_failed=False)
    assert asked.count("goes.org") == 10
    assert len(run.waiting.items) < 3000  # a page, and those that were more than enough


def test_what_was_passed_over_is_come_to(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two paced sites one behind the other, and a third between: all end as in any order."""
    monkeypatch.setattr("pipelines.running.waiting._MOST_OF_A_SITE", 6)
    sites = ["one.org"] * 40 + ["two.org"] * 40 + ["free.org"] * 5
    stage = site_stage(
        workspace,
        sites + sites,
        rates=Rates({"one.org": 360_000.0, "two.org": 180_000.0}),
        paging=Paging(Video.video_id, reads=(Video,), num_names=10),
    )
    report = run_stage(workspace, stage)
    assert (report.num_done, report.num_new) == (170, 170)
    assert done(workspace) == Counter(sites + sites)
    assert run_stage(workspace, stage).num_new == 0


def test_what_a_site_was_tried_for_and_then_rests_is_waited_for_by_nobody(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that an earlier run has left pending are among those that are passed over."""
    monkeypatch.setattr("pipelines.running.waiting._MOST_OF_A_SITE", 4)
    stage = site_stage(
        workspace,
        ["rests.org"] * 60 + ["goes.org"] * 3,
        paging=Paging(Video.video_id, reads=(Video,), num_names=10),
    )
    with writing(workspace.engine) as session:
        note_rest(session, "rests.org", Reason.RATE_LIMITED, 7200)
        session.add_all(Item(stage="ask", key=f"v{n:05}", settings_hash="first") for n in range(60))
    assert run_stage(workspace, stage).num_new == 3
