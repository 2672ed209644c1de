"""How often a site is asked by all runs on a workspace together: exact counts."""

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Item, SitePace, SiteRest, State
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.collecting import search
from pipelines.collecting.classes import remember
from pipelines.running.pace import turns
from pipelines.running.pace.rates import Rates, count_one, seconds_to_next
from pipelines.running.pace.rests import note_rest
from pipelines.running.pace.turns import Turns
from pipelines.running.runner import run_stage
from pipelines.sources.web.options import Options, parameters
from tests.sources.conftest import ALLOWING, Answer, small_film

FILM = Answer(small_film(), "video/mp4")
NOON = 1_800_000_000.0

ASKING = """
import sys
from pathlib import Path
from kinetics_builder.database.engine import open_database, writing
from pipelines.running.pace import turns
from pipelines.running.pace.rates import Rates

address, folder = sys.argv[1], Path(sys.argv[2])
engine = open_database(address, folder)
for moment in map(float, sys.stdin):
    turns.now = lambda session: moment
    turn, taken = turns.Turns(Rates({"films.org": 250.0}, 0.2), 600.0), 0
    for number in range(20):
        with writing(engine) as session:
            if turn.wait(session, "films.org") is None:
                turn.take(session, "films.org", str(number))
                taken += 1
    print(taken, flush=True)
"""
"""Asks twenty times at each moment that it is told, and says how often it had the turn."""


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that several processes share."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql")(f"rates{uuid.uuid4().hex}")
    else:
        yield "kbuild.sqlite"


@pytest.mark.few("sqlite")
def test_of_many_processes_at_once_one_has_the_turn(address: str, tmp_path: Path) -> None:
    engine = open_database(address, tmp_path)
    command = [sys.executable, "-c", ASKING, address, str(tmp_path)]
    pipe = subprocess.PIPE
    moment, had_it = NOON, []
    with ExitStack() as stack:
        asking = [
            stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
            for _ in range(4)
        ]
        for _ in range(5):
            for one in asking:
                assert one.stdin is not None
                one.stdin.write(f"{moment}\n")
                one.stdin.flush()
            had_it.append(sum(int(one.stdout.readline()) for one in asking if one.stdout))
            with reading(engine) as session:
                moment = session.scalars(select(SitePace.next_at)).one()
    assert [one.returncode for one in asking] == [0] * 4
    engine.dispose()
    assert had_it == [1] * 5
    assert 4.9 * 14.4 <= moment - NOON <= 5.21 * 14.4


@pytest.mark.few("0.0-0.0", "0.2-5.0", "0.99-14.0")
@pytest.mark.parametrize("late", [0.0, 0.5, 5.0, 14.0])
@pytest.mark.parametrize("later", [0.0, 0.2, 0.99])
def test_an_hour_is_used_to_the_full_and_holds_one_more_at_most(
    tmp_path: Path, late: float, later: float
) -> None:
    """However late a run looks again, and by whatever chance."""
    engine, moment, asked = open_database("kbuild.sqlite", tmp_path), NOON, list[float]()
    with writing(engine) as session:
        while moment < NOON + 3 * 3600:
            share = later * ((len(asked) * 7) % 10) / 10
            if not (left := seconds_to_next(session, "films.org", moment)):
                asked.append(moment)
                count_one(session, "films.org", moment, apart=14.4, later=14.4 * share)
                left = seconds_to_next(session, "films.org", moment)
            moment += left + late * (1 - share)
    engine.dispose()
    for begin in asked:
        if begin + 3600 < NOON + 3 * 3600:
            assert 248 <= sum(begin <= one < begin + 3600 for one in asked) <= 251


def test_time_in_which_nothing_was_asked_is_not_made_up_for(tmp_path: Path) -> None:
    engine = open_database("kbuild.sqlite", tmp_path)
    with writing(engine) as session:
        count_one(session, "films.org", NOON, apart=10.0, later=0.0)
        assert seconds_to_next(session, "films.org", NOON + 86400) == 0.0
        count_one(session, "films.org", NOON + 86400, apart=10.0, later=0.0)
        assert seconds_to_next(session, "films.org", NOON + 86400) == 10.0
        assert seconds_to_next(session, "films.org", NOON - 86400) == 0.0  # a clock set back
        count_one(session, "films.org", NOON - 86400, apart=10.0, later=0.0)
        assert seconds_to_next(session, "films.org", NOON - 86400) == 10.0
        assert seconds_to_next(session, "other.org", NOON) == 0.0
    engine.dispose()


@pytest.fixture
def make(site: Any, tmp_path: Path) -> Any:
    """Make a workspace with addresses of the site, and settings."""

    def make_workspace(lines: list[str], settings: str) -> Workspace:
        workspace = Workspace.create(
            tmp_path / "workspace", settings.replace("[download]\n", ALLOWING)
        )
        (tmp_path / "urls.txt").write_text("\n".join(lines))
        with writing(workspace.engine) as session:
            import_classes(session, [ClassEntry(name="yoga")])
            remember(session, tmp_path / "classes.txt", f"urls:{tmp_path}/urls.txt", None)
        return workspace

    site.answer = lambda path: FILM
    return make_workspace


@pytest.mark.long
def test_two_commands_beside_each_other_share_the_rate(site: Any, make: Any) -> None:
    lines = [f"{site.base}/{number}.mp4" for number in range(10)]
    rate = (
        "[run]\nworkers = 2\n[download]\nvideos_per_hour = {'127.0.0.1' = 7200}\nrate_jitter = 0\n"
    )
    workspace = make(lines, rate)
    command = [sys.executable, "-m", "pipelines.cli", "-C", str(workspace.root), "search"]
    with ExitStack() as stack:
        runs = [
            stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            for _ in range(2)
        ]
    assert [run.returncode for run in runs] == [0, 0]
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item)).all()
        pace = session.scalars(select(SitePace)).one()
        begun = min(row.finished_at - (row.seconds or 0) for row in rows if row.finished_at)
        session.expunge_all()
    assert [(row.state, row.attempts) for row in rows] == [(State.DONE, 1)] * 10
    assert len(site.hosts) == 10
    assert pace.since - begun > 3.5  # nine times half a second, without the first child's start


@pytest.mark.long
def test_what_waits_has_no_lease_and_other_sites_go_on(site: Any, make: Any) -> None:
    """One an hour of localhost: its second is left when all others are done."""
    slow = [f"http://localhost:{site.port}/{number}.mp4" for number in range(3)]
    quick = [f"{site.base}/{number}.mp4" for number in range(6)]
    rate = "[run]\nworkers = 1\n[download]\nvideos_per_hour = {localhost = 1}\n"
    workspace = make([*slow, *quick], rate)
    with writing(workspace.engine) as session:
        note_rest(session, "nowhere.org", Reason.NETWORK, 600)
    command = [sys.executable, "-m", "pipelines.cli", "-C", str(workspace.root), "search"]
    said = ""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        while "items wait their turn" not in said:
            said = run.stderr.readline()
            if not said:
                break
        run.send_signal(signal.SIGINT)
    assert said, "the run ended"
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item)).all()
        session.expunge_all()
    assert [row.state for row in rows] == [State.DONE] * 7  # and of two there is no row
    assert [host.partition(":")[0] for host in site.hosts].count("localhost") == 1
    words = " ".join(
        CliRunner().invoke(group, ["-C", str(workspace.root), "status"]).output.split()
    )
    assert "localhost is asked 1 times an hour, next at " in words
    assert "; 2 items wait for it." in words
    assert "nowhere.org asked to be left alone (network)" in words
    assert "0 items wait for it." in words


def test_a_site_that_has_rested_is_tried_with_one_item(site: Any, make: Any) -> None:
    """It still refuses, and again; then it answers, and all go on."""
    lines = [f"{site.base}/{number}.mp4" for number in range(12)]
    workspace = make(
        lines, "[run]\nworkers = 4\n[download]\nrate_limit_seconds = 0.2\nattempts = 9\n"
    )
    with writing(workspace.engine) as session:
        note_rest(session, "127.0.0.1", Reason.RATE_LIMITED, 0.1)
    open_now, most, asked = [0], [0], [0]

    def answer(path: str) -> Answer:
        asked[0] += 1
        return Answer(status=429) if asked[0] <= 3 else FILM

    def counted(item: Any) -> Any:
        open_now[0] += 1
        most[0] = max(most[0], open_now[0])
        try:
            return stage.work(item)
        finally:
            open_now[0] -= 1

    site.answer = answer
    stage = search.stage(workspace)
    report = run_stage(workspace, replace(stage, work=counted, in_children=False))
    assert report.num_done == 12
    assert asked == [15]
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item)).all()
        assert session.scalars(select(SiteRest)).all() == []
        session.expunge_all()
    assert sum(row.attempts for row in rows) == 15


def test_a_trial_is_one_in_all_runs_until_it_is_answered_or_its_run_is_gone(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, clock = open_database(address, tmp_path), [NOON]
    monkeypatch.setattr(turns, "now", lambda session: clock[0])
    mine, theirs = Turns(Rates(), 600.0), Turns(Rates(), 600.0)
    with writing(engine) as session:
        session.add(
            SiteRest(site="a.org", reason=Reason.RATE_LIMITED, since=NOON, until=NOON + 3600)
        )
    with writing(engine) as session:
        wait = mine.wait(session, "a.org")
        assert wait is not None
        assert (wait.seconds, wait.is_rest) == (3600.0, True)
        clock[0] += 3600
        assert mine.wait(session, "a.org") is None
        mine.take(session, "a.org", "key")
        for run in (mine, theirs):
            held = run.wait(session, "a.org")
            assert held is not None
            assert not held.is_rest
        clock[0] += 601  # whoever tried it says nothing any more
        assert theirs.wait(session, "a.org") is None
        theirs.take(session, "a.org", "other")
        row = session.get(SiteRest, "a.org")
        assert row is not None
        own, row.tried_by = row.tried_by, "elsewhere:boot:1/1/1"
        assert mine.wait(session, "a.org") is not None
        row.tried_by = own
        theirs.answered(session, "other", ItemFailed(Reason.CRASHED, "died"))
        assert mine.wait(session, "a.org") is None
        mine.take(session, "a.org", "third")
        mine.answered(session, "third", ItemFailed(Reason.REMOVED, "gone"))
        assert session.get(SiteRest, "a.org") is None
    engine.dispose()


def test_yt_dlps_own_pauses_are_handed_on(site: Any) -> None:
    names = ("sleep_interval", "max_sleep_interval", "sleep_interval_requests")

    def pauses(**settings: float) -> list[float]:
        found = parameters(Options.of(site.config(**settings)))
        return [found[name] for name in names]

    assert pauses() == [0.0, 0.0, 0.0]
    assert pauses(sleep_seconds=5.0) == [5.0, 5.0, 5.0]
    assert pauses(sleep_seconds=5.0, max_sleep_seconds=10.0, sleep_requests_seconds=0.75) == [
        *(5.0, 10.0, 0.75)
    ]
