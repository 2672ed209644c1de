"""The real server: killed in the middle, stopped politely, refused a port."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import func, select

from annotation_ui.writer import Writer
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Answer, Vote, Worker
from kinetics_builder.errors import KbuildError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group

KBUILD = (sys.executable, "-c", "from pipelines.cli import main; main()")


@contextmanager
def kbuild_annotate(world) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `kbuild annotate`; yield the process and the page's address."""
    command = [*KBUILD, "-C", str(world.workspace.root), "annotate", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            text = ""
            for line in process.stdout:
                text += line
                if line.startswith("}"):
                    break
            yield process, json.loads(text)["address"]
        finally:
            process.kill()


class Program(threading.Thread):
    """A worker's program; it remembers what it was told is saved."""

    def __init__(self, address: str, name: str, code: str) -> None:
        super().__init__()
        self.address, self.worker, self.code = address, name, code
        self.saved: list[tuple[str, int, Answer]] = []

    def run(self) -> None:
        with requests.Session() as http:
            page = http.get(f"{self.address}/login", timeout=20).text
            token = page.split('name="csrf-token" content="')[1].split('"')[0]
            form = {"name": self.worker, "code": self.code, "csrf_token": token}
            http.post(f"{self.address}/login", data=form, timeout=20)
            try:
                self.answer_until_the_end(http)
            except requests.RequestException:
                return

    def answer_until_the_end(self, http: requests.Session) -> None:
        headers = {"Accept": "application/json"}
        while slot := self.fetch(http, headers):
            said = Answer.NO if slot["clip"] % 2 else Answer.UNSURE
            url = f"{self.address}/slots/{slot['slot']}/answer"
            reply = http.post(url, data={"answer": said.value}, headers=headers, timeout=20)
            if reply.json()["saved"]:
                self.saved.append((self.worker, slot["clip"], said))

    def fetch(self, http: requests.Session, headers: dict[str, str]) -> dict[str, Any] | None:
        body = http.get(f"{self.address}/task.json", timeout=20).json()
        headers["X-CSRFToken"] = body["csrf_token"]
        found: dict[str, Any] | None = body["next"]
        return found


def test_no_saved_answer_is_lost_when_the_server_is_killed(make_world) -> None:
    world = make_world([5] * 60, num_workers=4)
    told: list[tuple[str, int, Answer]] = []
    for num_answers in (10, 25):
        with kbuild_annotate(world) as (process, address):
            programs = [Program(address, f"w{n}", code) for n, code in enumerate(world.codes)]
            for program in programs:
                program.start()
            while sum(len(program.saved) for program in programs) < num_answers:
                assert any(program.is_alive() for program in programs)
            process.send_signal(signal.SIGKILL)
            for program in programs:
                program.join()
        told += [answer for program in programs for answer in program.saved]
    with reading(world.workspace.engine) as session:
        rows = select(Worker.name, Vote.clip_id, Vote.answer).join(Worker)
        stored = [tuple(row) for row in session.execute(rows)]
    assert len(told) >= 35
    assert set(told) <= set(stored)
    assert len(set(stored)) == len(stored)
    assert len(stored) <= len(told) + 8, "at most the answers on their way at the two kills"


@pytest.mark.few("15")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_politely(make_world, number) -> None:
    with kbuild_annotate(make_world([1])) as (process, address), requests.Session() as http:
        assert http.get(f"{address}/login", timeout=20).status_code == 200
        process.send_signal(number)
        assert process.wait(timeout=20) == 0


def test_a_port_in_use_is_one_line(make_world) -> None:
    world = make_world([1])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = ["-C", str(world.workspace.root), "annotate", "--port", port]
        result = CliRunner().invoke(group, command)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: 127.0.0.1:{port} is in use")
    assert "--port" in result.output


def test_invitations_are_printed_and_nothing_is_served(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    folder = ["-C", str(workspace.root)]
    lines = CliRunner().invoke(group, [*folder, "annotate", "--invite", "3"]).stdout.splitlines()
    listed = CliRunner().invoke(group, [*folder, "annotate", "--invite", "2", "--json"])
    codes = [*lines, *json.loads(listed.stdout)]
    assert len(set(codes)) == 5
    with reading(workspace.engine) as session:
        assert session.scalar(select(func.count(Worker.id))) == 5


def test_the_owner_code_stays_the_same(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "workspace")
    command = ["-C", str(tmp_path / "workspace"), "annotate", "--owner-code"]
    codes = {CliRunner().invoke(group, command).stdout for _ in range(2)}
    assert len(codes) == 1
    assert len(codes.pop().strip()) == 19


@contextmanager
def first_is_held(writer: Writer) -> Iterator[None]:
    """Hold a transaction open while the block runs: what comes then is committed together."""
    begun, may_end = threading.Event(), threading.Event()

    def hold(_session: Any) -> None:
        begun.set()
        may_end.wait()

    thread = threading.Thread(target=writer.run, args=(hold,), daemon=True)
    thread.start()
    begun.wait()
    yield
    may_end.set()
    thread.join()


def test_who_is_saved_hears_so_while_the_next_transaction_is_under_way(make_world) -> None:
    """Three wait together; the next comes before any of them has run on, and takes for ever."""
    writer = Writer(make_world([1]).workspace.engine)
    may_end, heard = threading.Event(), threading.Semaphore(0)

    def save() -> None:
        writer.run(lambda _: None)
        heard.release()

    def come_next(_session: Any) -> None:
        last.start()
        while len(writer._waiting) < 1:
            time.sleep(0.001)

    last = threading.Thread(target=writer.run, args=(lambda _: may_end.wait(),), daemon=True)
    with first_is_held(writer):
        threads = [threading.Thread(target=save, daemon=True) for _ in range(3)]
        threads.append(threading.Thread(target=writer.run, args=(come_next,), daemon=True))
        for thread in threads:
            thread.start()
        while len(writer._waiting) < 4:
            time.sleep(0.001)
    assert all(heard.acquire(timeout=10) for _ in range(3))
    assert last.is_alive()
    may_end.set()
    for thread in (*threads, last):
        thread.join()


def test_work_that_fails_takes_nobody_elses_with_it(make_world) -> None:
    """Three pieces of work meet in one transaction; the second fails each time."""
    world = make_world([1])
    writer = Writer(world.workspace.engine)
    results: dict[str, object] = {}

    def add(name: str) -> None:
        def work(session: Any) -> str:
            if name == "b":
                raise KbuildError("b is refused")
            session.add(Worker(code_hash=name))
            session.flush()
            return name

        try:
            results[name] = writer.run(work)
        except KbuildError as error:
            results[name] = str(error)

    with first_is_held(writer):
        threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        while len(writer._waiting) < 3:
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert results == {"a": "a", "b": "b is refused", "c": "c"}
    with reading(world.workspace.engine) as session:
        added = session.scalars(select(Worker.code_hash).where(Worker.code_hash.in_(list("abc"))))
        assert sorted(added) == ["a", "c"]
