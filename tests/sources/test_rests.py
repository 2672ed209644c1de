"""A site that asked to be left alone is left alone by every run and command on a workspace."""

import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from threading import Barrier, Thread
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Item, SiteRest, State
from kinetics_builder.errors import Reason
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.collecting import search
from pipelines.collecting.classes import remember
from pipelines.running.pace.rests import note_rest, rests
from pipelines.running.paging import EVERYTHING
from pipelines.running.runner import run_stage
from tests.sources.conftest import ALLOWING, Answer, small_film

FILM = Answer(small_film(), "video/mp4")
TOMORROW = Answer(status=429, headers={"Retry-After": "86400"})
IN_TEN_MINUTES = Answer(status=503, headers={"Retry-After": "600"})


@pytest.fixture
def workspace(site: Any, tmp_path: Path) -> Workspace:
    """Forty addresses of a site, nothing of it asked yet."""
    workspace = Workspace.create(tmp_path / "workspace", f"[run]\nworkers = 1\n{ALLOWING}")
    lines = [f"{site.base}/{number}.mp4" for number in range(40)]
    (tmp_path / "urls.txt").write_text("\n".join(lines))
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="yoga")])
        remember(session, tmp_path / "classes.txt", f"urls:{tmp_path}/urls.txt", None)
    return workspace


def kbuild(workspace: Workspace, *words: str) -> str:
    found = CliRunner().invoke(group, ["-C", str(workspace.root), *words])
    assert found.exit_code in (0, 1), found.output
    return found.output


def rows(workspace: Workspace) -> list[Item]:
    with reading(workspace.engine) as session:
        found = list(session.scalars(select(Item)))
        session.expunge_all()
    return found


def test_the_next_command_asks_nothing_before_the_time_is_over(
    site: Any, workspace: Workspace
) -> None:
    site.answer = lambda path: TOMORROW
    run_stage(workspace, search.stage(workspace))
    asked = len(site.hosts)
    assert 1 <= asked <= 8  # what the worker had taken before the first answer
    again = Workspace.open(workspace.root)
    site.answer = lambda path: FILM
    report = run_stage(again, search.stage(again), retry_failed=True)
    assert len(site.hosts) == asked
    assert (report.num_items, report.num_done, report.failures) == (40, 0, {})
    held = [(row.state, row.lease_owner) for row in rows(again)]
    assert held == [(State.PENDING, None)] * asked  # of what was not asked there is no row
    said = " ".join(kbuild(again, "status").split())
    assert "127.0.0.1 asked to be left alone (rate-limited): nothing is asked of it for" in said
    assert re.search(r"for another 24 h, until (\w{3} )?\d\d:\d\d\. 40 items wait for it\.", said)


def test_once_the_time_is_over_the_site_is_asked(site: Any, workspace: Workspace) -> None:
    site.answer = lambda path: TOMORROW
    run_stage(workspace, search.stage(workspace))
    with writing(workspace.engine) as session:
        row = session.scalars(select(SiteRest)).one()
        row.since, row.until = row.since - 90000, row.until - 90000
    site.answer = lambda path: FILM
    report = run_stage(workspace, search.stage(workspace))
    assert report.num_done == 40
    assert "left alone" not in kbuild(workspace, "status")


@pytest.fixture
def beside(workspace: Workspace) -> Iterator["Queue[str]"]:
    """What another `kbuild search` on the workspace says, line by line."""
    command = [sys.executable, "-m", "pipelines.cli", "-C", str(workspace.root), "search"]
    said: Queue[str] = Queue()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:

        def listen() -> None:
            for line in process.stderr or ():
                said.put(line)

        listener = Thread(target=listen)
        listener.start()
        yield said
        process.send_signal(signal.SIGINT)
        listener.join(60)


def until_told(said: "Queue[str]", words: str) -> None:
    """Return once a line with `words` has come."""
    while words not in said.get(timeout=120):
        pass


@pytest.fixture
def rested(site: Any, workspace: Workspace) -> None:
    """Another machine, or run, was told to come back in ten minutes."""
    site.answer = lambda path: FILM
    host = site.base.partition("//")[2].partition(":")[0]
    with writing(workspace.engine) as session:
        note_rest(session, host, Reason.NETWORK, 600)


def test_a_run_beside_waits_with_the_one_that_was_told(
    site: Any, rested: None, beside: "Queue[str]"
) -> None:
    until_told(beside, "items rest before they are tried again")
    assert site.hosts == []


def test_a_search_is_of_the_site_that_its_videos_are_of(
    workspace: Workspace, tmp_path: Path
) -> None:
    with writing(workspace.engine) as session:
        remember(session, tmp_path / "classes.txt", "search:ytsearch", None)
    stage = search.stage(workspace)
    assert stage.site is not None
    with reading(workspace.engine) as session:
        ((_, request),) = stage.items(session, EVERYTHING)
    assert stage.site(request) == "youtube"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database that several processes share, as SQLite's file or at a server."""
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"rests{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    yield engine
    engine.dispose()


def test_the_longer_rest_counts_and_a_clock_set_back_makes_none_endless(
    database: Engine,
) -> None:
    with writing(database) as session:
        for seconds in (60.0, 3600.0, 60.0):
            note_rest(session, "a.org", Reason.RATE_LIMITED, seconds)
        note_rest(session, "b.org", Reason.NETWORK, 5.0)
    with reading(database) as session:
        first, second = rests(session)
    assert (first.site, first.reason) == ("a.org", Reason.RATE_LIMITED)
    assert 3500 < first.seconds_left <= 3600
    assert (second.site, second.reason) == ("b.org", Reason.NETWORK)
    with writing(database) as session:
        for row in session.scalars(select(SiteRest)):
            row.since, row.until = row.since + 1e6, row.until + 1e6
    with reading(database) as session:
        assert rests(session) == []
    with writing(database) as session:
        note_rest(session, "a.org", Reason.RATE_LIMITED, 60.0)
    with reading(database) as session:
        (found,) = rests(session)
    assert found.seconds_left <= 60


def test_processes_that_are_told_at_once_rest_for_the_longest_time(database: Engine) -> None:
    """Each begins while no other has written: the second waits, and neither fails."""
    together = Barrier(4)

    def told(seconds: float) -> None:
        together.wait(timeout=60)
        with writing(database) as session:
            note_rest(session, "a.org", Reason.RATE_LIMITED, seconds)
            note_rest(session, f"{seconds:.0f}.org", Reason.NETWORK, seconds)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(told, (600.0, 3600.0, 60.0, 1200.0)))
    with reading(database) as session:
        found = {rest.site: rest.seconds_left for rest in rests(session)}
    assert 3500 < found["a.org"] <= 3600
    assert set(found) == {"a.org", "600.org", "3600.org", "60.org", "1200.org"}


def test_a_run_on_another_machine_hears_of_a_rest_by_the_servers_clock(
    postgresql: Callable[[str], str],
    tmp_path: Path,
    site: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two workspaces' folders, one database; this machine's clock is an hour behind."""
    address = postgresql(f"rests{uuid.uuid4().hex}")
    settings = f'database = "{address}"\n[run]\nworkers = 1\n{ALLOWING}'
    here, there = (Workspace.create(tmp_path / name, settings) for name in ("here", "there"))
    site.answer = lambda path: FILM
    (tmp_path / "urls.txt").write_text(f"{site.base}/1.mp4\n")
    with writing(here.engine) as session:
        import_classes(session, [ClassEntry(name="yoga")])
        remember(session, tmp_path / "classes.txt", f"urls:{tmp_path}/urls.txt", None)
        host = site.base.partition("//")[2].partition(":")[0]
        note_rest(session, host, Reason.NETWORK, 600)
    real = time.time
    monkeypatch.setattr("pipelines.running.leases.time.time", lambda: real() - 3600)
    with reading(there.engine) as session:
        (rest,) = rests(session)
    assert 500 < rest.seconds_left <= 600
    assert f"{host} asked to be left alone" in kbuild(there, "status")
    for workspace in (here, there):
        workspace.engine.dispose()


def test_a_collect_whose_site_rests_says_so_and_later_goes_on(
    site: Any, tmp_path: Path, workspace: Workspace
) -> None:
    """An hour's rest, as the settings have it where the site says nothing."""
    site.answer = lambda path: Answer(status=429)
    (tmp_path / "classes.txt").write_text("yoga\n")
    words = ["collect", "--classes", f"{tmp_path}/classes.txt", "--source"]
    said = " ".join(kbuild(workspace, *words, f"urls:{tmp_path}/urls.txt").split())
    assert "search could not ask for any of 40 items yet: `kbuild status` says when" in said
    with reading(workspace.engine) as session:
        (rest,) = rests(session)
    assert 3500 < rest.seconds_left <= 3600
