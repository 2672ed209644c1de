"""The runner: claims, resumes, retries, shares, survives."""

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Setting, State, Video
from kinetics_builder.errors import ItemFailed, Reason, SourceError, StageOrderError, WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.running import owners, runner
from pipelines.running.paging import Page, Paging
from pipelines.running.reports import SilentReporter
from pipelines.running.runner import run_stage
from pipelines.running.stage import Stage, one_by_one

StartChild = Callable[..., "subprocess.Popen[str]"]
Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace", "[run]\nworkers = 2\n")


def double(number: int) -> int:
    return 2 * number


def save_number(session: Session, item: int, result: int) -> None:
    session.merge(Setting(key=f"number {item}", value=str(result)))


def number_stage(num_items: int = 5, work: Any = double, **changes: Any) -> Stage[int, int]:
    settings: dict[str, Any] = {
        "name": "double",
        "needs": "count",
        "what": "numbers",
        "settings_hash": "first",
        "in_children": False,
        "items": lambda _session, _page: [(str(n), n) for n in range(num_items)],
        "save": one_by_one(save_number),
    }
    return Stage(work=work, **(settings | changes))


def numbers(workspace: Workspace) -> dict[str, str]:
    with reading(workspace.engine) as session:
        return {row.key: row.value for row in session.scalars(select(Setting))}


def test_every_item_is_worked_on_once_and_a_second_run_does_nothing(workspace: Workspace) -> None:
    first = run_stage(workspace, number_stage())
    assert (first.num_items, first.num_done, first.num_new) == (5, 5, 5)
    assert numbers(workspace) == {f"number {n}": str(2 * n) for n in range(5)}
    second = run_stage(workspace, number_stage())
    assert (second.num_done, second.num_new) == (5, 0)


def test_changed_settings_do_the_work_again(workspace: Workspace) -> None:
    run_stage(workspace, number_stage())
    assert run_stage(workspace, number_stage(settings_hash="second")).num_new == 5


def test_what_other_settings_made_is_made_anew_and_that_is_told(workspace: Workspace) -> None:
    listener = Listener()
    run_stage(workspace, number_stage(forgets=True), reporter=listener)
    assert run_stage(workspace, number_stage(forgets=True), reporter=listener).num_new == 0
    assert listener.heard == []
    newer = number_stage(num_items=3, settings_hash="second", forgets=True)
    assert run_stage(workspace, newer, reporter=listener).num_new == 3
    assert listener.heard == [
        "double: 3 done before under other settings, or by an older kbuild that gives something "
        "else; done anew now."
    ]


def test_a_stage_without_items_says_which_stage_to_run(workspace: Workspace) -> None:
    with pytest.raises(StageOrderError, match=r"found no numbers. Run `kbuild count` first"):
        run_stage(workspace, number_stage(num_items=0))


def refuse_odd(reason: Reason, number: int) -> int:
    if number % 2:
        raise ItemFailed(reason, f"{number} is odd")
    return number


@pytest.mark.parametrize("in_children", [False, True], ids=["here", "in children"])
def test_a_failed_item_is_a_row_with_a_reason(workspace: Workspace, in_children: bool) -> None:
    stage = number_stage(work=partial(refuse_odd, Reason.REMOVED), in_children=in_children)
    report = run_stage(workspace, stage)
    assert (report.num_done, report.failures) == (3, {"removed": 2})
    with reading(workspace.engine) as session:
        row = session.get_one(Item, ("double", "1", "first"))
        assert (row.state, row.message, row.retryable) == (State.FAILED, "1 is odd", False)
    assert run_stage(workspace, stage, retry_failed=True).num_new == 0


def test_only_failures_that_may_pass_are_tried_again(workspace: Workspace) -> None:
    stage = number_stage(work=partial(refuse_odd, Reason.NETWORK), attempts=3)
    assert run_stage(workspace, stage).failures == {"network": 2}
    with reading(workspace.engine) as session:
        assert session.get_one(Item, ("double", "1", "first")).attempts == 3
    assert run_stage(workspace, stage).num_new == 0
    assert run_stage(workspace, number_stage(), retry_failed=True).num_new == 2


def misbehave(number: int) -> int:
    if number == 1:
        time.sleep(60)
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 3:
        return len(bytearray(8 << 30))
    return number


def test_an_item_that_hangs_dies_or_eats_memory_costs_only_itself(workspace: Workspace) -> None:
    stage = number_stage(work=misbehave, in_children=True, timeout_seconds=5.0)
    report = run_stage(workspace, stage)
    assert report.num_done == 2
    assert report.failures == {"crashed": 1, "memory": 1, "timeout": 1}


def find_nothing(_number: int) -> int:
    raise SourceError("the source is down")


@pytest.mark.parametrize("in_children", [False, True], ids=["here", "in children"])
def test_what_stops_all_items_stops_the_stage_and_frees_them(
    workspace: Workspace, in_children: bool
) -> None:
    with pytest.raises(SourceError, match="the source is down"):
        run_stage(workspace, number_stage(work=find_nothing, in_children=in_children))
    with reading(workspace.engine) as session:
        states = set(session.scalars(select(Item.state)))
    assert states == {State.PENDING}
    assert run_stage(workspace, number_stage()).num_done == 5


def fill_disk(_number: int) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("in_children", [False, True], ids=["here", "in children"])
def test_a_full_disk_is_one_line(workspace: Workspace, in_children: bool) -> None:
    with pytest.raises(WorkspaceError, match="the disk is full"):
        run_stage(workspace, number_stage(work=fill_disk, in_children=in_children))


def make_unusable(folder: Path, number: int) -> int:
    """Find, as the third of five, that the folder has become something else."""
    if number == 2:
        folder.rmdir()
        folder.write_text("no folder any more")
    if folder.is_file():
        (folder / f"{number}").write_text("")
    return number


def test_a_folder_that_takes_no_file_stops_the_stage_and_fails_no_item(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "clips"
    stage = number_stage(
        work=partial(make_unusable, folder), writes=(folder,), in_children=True, workers=1
    )
    with pytest.raises(WorkspaceError, match=f"{folder} cannot be written: "):
        run_stage(workspace, stage)
    with reading(workspace.engine) as session:
        states = list(session.scalars(select(Item.state)))
    assert set(states) <= {State.PENDING, State.DONE}
    with pytest.raises(WorkspaceError, match=f"{folder} cannot be written: "):
        run_stage(workspace, stage)
    folder.unlink()
    assert run_stage(workspace, number_stage()).num_done == 5


def hold(workspace: Workspace, owner: str, seconds: float) -> None:
    """Let `owner` work on item 3, for so long."""
    with writing(workspace.engine) as session:
        session.add(
            Item(
                stage="double",
                key="3",
                settings_hash="first",
                state=State.RUNNING,
                attempts=1,
                lease_owner=owner,
                lease_until=time.time() + seconds,
            )
        )


class Listener(SilentReporter):
    """Hears who is waited for."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def tell(self, text: str) -> None:
        self.heard.append(text)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say soon who is waited for."""
    monkeypatch.setattr(runner, "_PATIENCE_SECONDS", 0.1)


@pytest.mark.usefixtures("impatient")
def test_a_lease_that_ran_out_is_picked_up(workspace: Workspace) -> None:
    hold(workspace, "elsewhere:1:2/17/0", 2.5)
    begun, listener = time.time(), Listener()
    assert run_stage(workspace, number_stage(), reporter=listener).num_done == 5
    assert time.time() - begun > 1.5
    assert len(listener.heard) == 1
    assert re.fullmatch(
        r"double: waiting for 1 item of process 17 on elsewhere. If it runs no more, this "
        r"run takes over in [0-2] s\.",
        listener.heard[0],
    )


@pytest.mark.usefixtures("impatient")
def test_a_process_that_runs_keeps_its_items_whatever_the_clock_says(workspace: Workspace) -> None:
    with subprocess.Popen(["sleep", "300"]) as process:
        owner = owners.owner_of(process.pid)
        assert owners.is_alive(owner) and not owners.is_gone(owner)
        hold(workspace, owner, -3600.0)  # as if the clock had been set forward by an hour
        listener = Listener()
        end = threading.Timer(2.0, process.kill)
        end.start()
        begun = time.monotonic()
        assert run_stage(workspace, number_stage(), reporter=listener).num_done == 5
        assert time.monotonic() - begun > 1.5
        end.join()
    (heard,) = listener.heard
    assert heard == (
        f"double: waiting for 1 item that another run has (process {process.pid} on "
        f"{socket.gethostname()})."
    )


def test_a_clock_that_is_set_makes_nobody_look_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's time of boot, and with it every process's start, moves with the clock."""
    me = owners.this_owner()
    real = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: real(self) - 3600)
    assert owners.is_alive(me) and not owners.is_gone(me)


def test_a_process_that_ended_is_gone_though_nobody_asked_how(start_child: StartChild) -> None:
    process = start_child(["cat"], stdin=subprocess.PIPE)
    owner = owners.owner_of(process.pid)
    assert owners.is_alive(owner)
    assert process.stdin is not None
    process.stdin.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert owners.is_gone(owner)
    process.wait()
    assert owners.is_gone(owner)


@pytest.mark.parametrize("other", ["another-boot", "another-namespace"])
def test_a_number_of_another_machine_of_the_same_name_says_nothing(other: str) -> None:
    name, boot, space = owners.this_owner().partition("/")[0].split(":")
    host = f"{name}:0:{space}" if other == "another-boot" else f"{name}:{boot}:0"
    nobody = f"{host}/4194305/0"
    assert not owners.is_gone(nobody) and not owners.is_alive(nobody)


def test_what_another_run_gave_back_while_it_was_waited_for_is_taken_over(
    workspace: Workspace,
) -> None:
    with subprocess.Popen(["sleep", "300"]) as process:
        hold(workspace, owners.owner_of(process.pid), 3600.0)

        def give_back() -> None:
            with writing(workspace.engine) as session:
                row = session.get_one(Item, ("double", "3", "first"))
                row.state, row.lease_owner, row.lease_until = State.PENDING, None, None

        later = threading.Timer(0.5, give_back)
        later.start()
        report = run_stage(workspace, number_stage())
        later.join()
        process.kill()
    assert (report.num_done, report.num_new) == (5, 5)


def test_what_failed_now_loses_what_an_earlier_result_left(workspace: Workspace) -> None:
    def unsave_numbers(session: Session, items: Sequence[int]) -> None:
        for item in items:
            session.delete(session.get_one(Setting, f"number {item}"))

    run_stage(workspace, number_stage(num_items=4))
    now = number_stage(
        num_items=4,
        work=partial(refuse_odd, Reason.REMOVED),
        settings_hash="second",
        unsave=unsave_numbers,
    )
    assert run_stage(workspace, now).num_done == 2
    assert numbers(workspace) == {"number 0": "0", "number 2": "2"}


def paged_stage(workspace: Workspace, num_items: int, **changes: Any) -> Stage[int, int]:
    """Return a stage whose items are the videos v000, v001, …, seven on a page."""
    with writing(workspace.engine) as session:
        known = set(session.scalars(select(Video.video_id)))
        names = {f"v{n:03}" for n in range(num_items)} - known
        session.add_all(
            Video(video_id=name, source="here", url=name, title=name) for name in sorted(names)
        )

    def items(session: Session, page: Page) -> list[tuple[str, int]]:
        query = select(Video.video_id).where(page.holds(Video.video_id)).order_by(Video.video_id)
        return [(f"{name} x", int(name[1:])) for name in session.scalars(query)]

    paging = Paging(Video.video_id, reads=(Video,), num_names=7)
    return number_stage(num_items, **({"items": items, "paging": paging} | changes))


def test_items_of_many_pages_are_each_worked_on_once(workspace: Workspace) -> None:
    listener = Listener()
    report = run_stage(workspace, paged_stage(workspace, 50), reporter=listener)
    assert (report.num_items, report.num_done, report.num_new) == (50, 50, 50)
    assert numbers(workspace) == {f"number {n}": str(2 * n) for n in range(50)}
    again = run_stage(workspace, paged_stage(workspace, 53))
    assert (again.num_items, again.num_done, again.num_new) == (53, 53, 3)


def test_no_more_items_are_held_than_a_page_and_what_is_in_work(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_SAVE_SECONDS", 0.0)
    held: list[int] = []

    def save(session: Session, made: Sequence[tuple[int, int]]) -> None:
        held.append(len(run.waiting.items))
        one_by_one(save_number)(session, made)

    stage = paged_stage(workspace, 200, save=save, workers=1, in_children=True)
    run = runner._Run(workspace, stage, SilentReporter())
    assert run.run(retry_failed=False).num_done == 200
    assert not run.waiting.items and not run.tries
    assert max(held) <= 7 + 2 * 2


def test_rows_of_items_that_are_gone_count_for_nothing_and_are_forgotten(
    workspace: Workspace,
) -> None:
    run_stage(workspace, number_stage(num_items=9))
    fewer = run_stage(workspace, number_stage(num_items=4))
    assert (fewer.num_items, fewer.num_done, fewer.num_new) == (4, 4, 0)
    with reading(workspace.engine) as session:
        assert len(session.scalars(select(Item.key)).all()) == 9
    run_stage(workspace, number_stage(num_items=4, forgets=True))
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(Item.key))) == {"0", "1", "2", "3"}


def test_what_this_process_could_not_give_back_is_its_own_again(workspace: Workspace) -> None:
    hold(workspace, owners.this_owner(), 3600.0)
    begun = time.monotonic()
    assert run_stage(workspace, number_stage()).num_done == 5
    assert time.monotonic() - begun < 60


SCRIPT = """
import sys, time
from pathlib import Path
from kinetics_builder.database.tables import Setting
from kinetics_builder.workspace import Workspace
from pipelines.running import owners
from pipelines.running.reports import SilentReporter
from pipelines.running.runner import run_stage
from pipelines.running.stage import Stage, one_by_one

def work(number):
    time.sleep(0.02)
    if number >= 30 and Path(__file__).with_name("slow").exists():
        time.sleep(1)
    return 2 * number

def save(session, item, result):
    session.merge(Setting(key=f"number {item}", value=f"{result}"))

if __name__ == "__main__":
    stage = Stage(
        name="double", needs="", what="numbers", settings_hash="first", work=work,
        save=one_by_one(save),
        items=lambda _session, _page: [(str(n), n) for n in range(60)],
    )
    report = run_stage(Workspace.open(Path(sys.argv[1])), stage)
    print(report.num_new, report.num_done)
"""


@pytest.fixture
def start(tmp_path: Path, workspace: Workspace, start_child: StartChild) -> Start:
    """Return a function that starts another run of the stage."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    command = [sys.executable, str(script), str(workspace.root)]
    return lambda: start_child(command, stdout=subprocess.PIPE)


def wait_for_numbers(workspace: Workspace, count: int, run: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 200  # a busy machine starts children slowly
    while len(numbers(workspace)) < count:
        assert run.poll() is None, "it ended"
        assert time.monotonic() < deadline, "nothing was saved in 200 s"
        time.sleep(0.02)


def test_a_killed_run_is_taken_up_where_it_stood(
    workspace: Workspace, start: Start, tmp_path: Path
) -> None:
    slow = tmp_path / "slow"  # so it is not done before it is killed, however busy the cores are
    slow.touch()
    process = start()
    wait_for_numbers(workspace, 5, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    slow.unlink()
    saved = len(numbers(workspace))
    assert saved < 60
    output, _ = start().communicate(timeout=200)
    assert output.split() == [str(60 - saved), "60"]
    assert numbers(workspace) == {f"number {n}": str(2 * n) for n in range(60)}


def test_two_runs_share_the_items(workspace: Workspace, start: Start) -> None:
    runs = [start() for _ in range(2)]
    reports = [run.communicate(timeout=200)[0].split() for run in runs]
    assert sum(int(new) for new, _ in reports) == 60
    assert [done for _, done in reports] == ["60", "60"]


def test_ctrl_c_keeps_what_is_done_and_frees_the_rest(workspace: Workspace, start: Start) -> None:
    process = start()
    wait_for_numbers(workspace, 5, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=200)
    assert process.returncode != 0
    with reading(workspace.engine) as session:
        assert State.RUNNING not in set(session.scalars(select(Item.state)))


class Display(SilentReporter):
    """Remembers whether it was taken away."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("work", [double, find_nothing], ids=["well", "badly"])
def test_the_display_is_taken_away_however_a_stage_ends(workspace: Workspace, work: Any) -> None:
    display = Display()
    with suppress(SourceError):
        run_stage(workspace, number_stage(work=work), reporter=display)
    assert display.is_closed
