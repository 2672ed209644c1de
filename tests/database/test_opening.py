"""Opened once, migrated once, closed at the end, whoever comes together."""

import gc
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from kinetics_builder.database import connecting, schema
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Base, Setting
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace

NUM_THREADS = 8


def all_at_once(work: Callable[[int], Any], num_threads: int = NUM_THREADS) -> list[Any]:
    """Return what `work` gives each of the threads, or what it raises."""
    gate, results = threading.Barrier(num_threads), [None] * num_threads

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work(number)
        except Exception as error:  # noqa: BLE001 (looked at below)
            results[number] = error

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(num_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(200)  # busy cores migrate many at once slowly
        assert not thread.is_alive()
    return results


@pytest.fixture
def num_migrations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows by one with each migration that is run."""
    made: list[str] = []
    migrate = schema._migrate

    def counted(connection: Any) -> None:
        made.append(threading.current_thread().name)
        migrate(connection)

    monkeypatch.setattr(schema, "_migrate", counted)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    """A database that is empty."""
    if request.param == "sqlite":
        return "kbuild.sqlite"
    name = f"opening_{abs(hash(request.node.name))}"
    made: str = request.getfixturevalue("postgresql")(name, "template0")
    return made


def test_threads_that_come_together_share_one_engine(
    address: str, tmp_path: Path, num_migrations: list[str]
) -> None:
    workspace = Workspace.create(tmp_path / "workspace", f'database = "{address}"\n')
    engines = all_at_once(lambda _: workspace.engine)
    assert all(isinstance(engine, Engine) for engine in engines), engines
    assert len(set(engines)) == 1 and len(num_migrations) == 1


def test_engines_that_come_together_migrate_once(
    address: str, tmp_path: Path, num_migrations: list[str]
) -> None:
    engines = all_at_once(lambda _: open_database(address, tmp_path))
    assert all(isinstance(engine, Engine) for engine in engines), engines
    assert len(num_migrations) == 1
    with reading(engines[-1]) as session:
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_several_databases_are_made_side_by_side(tmp_path: Path) -> None:
    engines = all_at_once(lambda n: open_database(f"{n}.sqlite", tmp_path), num_threads=3)
    for number, engine in enumerate(engines):
        assert isinstance(engine, Engine), engine
        assert str(engine.url.database).endswith(f"{number}.sqlite")
        with writing(engine) as session:
            session.add(Setting(key="mine", value=str(number)))
        with reading(engine) as session:
            assert session.get_one(Setting, "mine").value == str(number)


OPEN = """
import sys
from pathlib import Path
from kinetics_builder.database.engine import open_database, writing
from kinetics_builder.database.tables import Setting

sys.stdin.readline()
with writing(open_database(sys.argv[1], Path(sys.argv[2]))) as session:
    session.add(Setting(key=sys.argv[3], value=""))
"""


@pytest.mark.few("sqlite")
def test_processes_that_come_together_all_write(
    address: str, tmp_path: Path, start_child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    commands = [
        [sys.executable, "-W", "error", "-c", OPEN, address, str(tmp_path), str(number)]
        for number in range(4)
    ]
    children = [
        start_child(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for command in commands
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    for child in children:
        _, complaint = child.communicate(timeout=120)
        assert child.returncode == 0 and complaint == ""
    with reading(open_database(address, tmp_path)) as session:
        assert session.scalar(text("SELECT count(*) FROM setting")) == 4


def test_a_migration_that_is_cut_off_leaves_nothing(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate = schema._migrate

    def cut_off(connection: Any) -> None:
        connection.execute(text("CREATE TABLE label (id INTEGER)"))
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "_migrate", cut_off)
    with pytest.raises(KeyboardInterrupt):
        open_database(address, tmp_path)
    monkeypatch.setattr(schema, "_migrate", migrate)
    with reading(open_database(address, tmp_path)) as session:
        assert session.scalar(text("SELECT count(*) FROM label")) == 0


HOLD = """
import sys
from pathlib import Path
from kinetics_builder.database.connecting import make_engine

writer = make_engine(sys.argv[1], Path(sys.argv[2])).execution_options(kbuild_write=True)
with writer.connect() as connection:
    connection.exec_driver_sql("SELECT 1")
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("is_new", [True, False], ids=["to migrate", "to write"])
def test_a_wait_for_the_lock_ends_and_names_who_holds_it(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_new: bool
) -> None:
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 1)
    if not is_new:
        open_database(address, tmp_path)
    command = [sys.executable, "-c", HOLD, address, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        begun = time.monotonic()
        try:
            with (
                pytest.raises(WorkspaceError) as error,
                writing(open_database(address, tmp_path)) as session,
            ):
                session.add(Setting(key="late", value=""))
        finally:
            waited = time.monotonic() - begun
            holder.stdin.close()
    assert waited < 40, "as long as is said, and not the usual 60 s"
    assert "it stayed locked for 1 s. " in str(error.value)
    told = str(error.value)
    if "://" in address:
        assert f"kbuild {holder.pid}@" in told and "pg_terminate_backend(" in told
    elif sys.platform == "linux":
        assert f"Process {holder.pid} holds it: {sys.executable}" in told
    with writing(open_database(address, tmp_path)) as session:
        session.add(Setting(key="late", value=""))


def test_connections_are_closed_once_nobody_holds_the_engine(address: str, tmp_path: Path) -> None:
    engine = open_database(address, tmp_path)
    opened: list[Any] = []
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            connection.exec_driver_sql("SELECT 1")
            opened.append(connection.connection.dbapi_connection)
    del first, second, connection, engine
    gc.collect()
    assert len(opened) == 2
    for raw in opened:
        if isinstance(raw, sqlite3.Connection):
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                raw.execute("SELECT 1")
        else:
            assert raw.closed


def test_a_program_that_ends_leaves_no_open_connection(address: str, tmp_path: Path) -> None:
    open_database(address, tmp_path)
    code = f"""if True:
        from pathlib import Path
        from kinetics_builder.database.engine import open_database
        engine = open_database({address!r}, Path({str(tmp_path)!r}))
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
        raw = engine.raw_connection().dbapi_connection
    """
    command = [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_files_of_the_database_are_their_owners_alone(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        engine = open_database("kbuild.sqlite", tmp_path)
        with writing(engine) as session:
            session.add(Setting(key="a", value="b"))
            session.flush()
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(previous)
    names = ("kbuild.sqlite", "kbuild.sqlite-wal", "kbuild.sqlite-shm")
    assert modes == dict.fromkeys(names, 0o600)


def test_an_older_database_is_made_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "kbuild.sqlite"
    path.touch()
    path.chmod(0o644)
    open_database("kbuild.sqlite", tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "what? a #1 100%25 folder"
    folder.mkdir()
    open_database("kbuild.sqlite", folder)
    assert {path.name for path in tmp_path.iterdir()} == {folder.name}
    assert (folder / "kbuild.sqlite").stat().st_size > 0


def test_every_version_has_the_tables_by_which_ours_are_known() -> None:
    assert Base.metadata.tables.keys() >= schema._EVER_OURS
