"""What all tests share."""

import gc
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection

from kinetics_builder.children import compute_in_one_thread
from kinetics_builder.database import schema
from kinetics_builder.database.engine import open_database
from kinetics_builder.workspace import Workspace, default_settings
from pipelines.running import retrying, runner
from pipelines.running.engines import children
from pipelines.running.pace import turns
from pipelines.sources.web import options
from tests.compiling import (  # noqa: F401
    addresses_are_compiled_once,
    statements_are_compiled_once,
    templates_are_compiled_once,
)
from tests.pauses import SHORT_SECONDS

# Hundreds of interpreters are started: each would compile anew what none may write down.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What tests write lies in memory where there is room: each commit would wait for the disk else.
MEMORY = Path("/dev/shm")
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
TEMPORARY = os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")

# Tests run side by side, a core for each: more threads would only wait for one another there.
compute_in_one_thread()

# How long an example takes is the machine's business: tests pass on busy cores too.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("busy", BUSY, max_examples=25)
settings.register_profile("long", BUSY, max_examples=500)
settings.load_profile("busy")


def _let_children_hear() -> None:
    """Ignore what is ignored by a handler, which no child inherits, unlike the ignoring itself.

    `make test &` in a script ignores Ctrl-C, `nohup` hanging up; tests stop children by these.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


_let_children_hear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let tests that share what is made once a module run in one process, which makes it once.

    `--dist loadgroup` gives every test without a group to whichever process is free, and each
    would make its own. With `--database postgresql` those go that hold for SQLite alone.
    """
    if config.getoption("--database") == "postgresql":
        items[:] = [item for item in items if not item.get_closest_marker("of_sqlite")]
    unknown = _leave_few(items)
    if unknown and not any("[" in argument for argument in config.args):
        raise pytest.UsageError(f"cases that are marked as the few and are none: {unknown}")
    for item in items:
        if isinstance(item, pytest.Function) and not item.get_closest_marker("xdist_group"):
            made = item._fixtureinfo.name2fixturedefs.values()
            if any(fixture.scope == "module" for of_name in made for fixture in of_name):
                item.add_marker(pytest.mark.xdist_group(item.module.__name__))


def _leave_few(items: Sequence[pytest.Item]) -> list[str]:
    """Mark as `long` the cases of a sweep that are not among its few; return what is none."""
    named, found = set[str](), set[str]()
    for item in items:
        if isinstance(item, pytest.Function) and (few := item.get_closest_marker("few")):
            sweep = item.nodeid.partition("[")[0]
            own = [name for name in few.args if f"-{name}-" in f"-{item.callspec.id}-"]
            named |= {f"{sweep}[{name}]" for name in few.args}
            found |= {f"{sweep}[{name}]" for name in own}
            if not own:
                item.add_marker(pytest.mark.long)
    return sorted(named - found)


def pytest_collection_finish() -> None:
    """Never look again for garbage among a million objects of tests that were collected."""
    gc.collect()
    gc.freeze()


ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("KBUILD_SHARED", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real inputs; tests that need it are skipped where it is missing."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: set KBUILD_SHARED to the folder of real inputs")
    return SHARED


NewDatabase = Callable[..., str]
OnServer = Callable[[], AbstractContextManager[None]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let all workspaces that tests make keep their rows elsewhere: the same tests hold there."""
    said = "where workspaces keep their rows that do not say it"
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help=said)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test twice that is marked `on_both`: with SQLite, and with PostgreSQL.

    With `is_long=True` the second run of it is `long`.
    """
    is_plain = metafunc.config.getoption("--database") == "sqlite"
    both = metafunc.definition.get_closest_marker("on_both")
    if is_plain and both:
        marks = [pytest.mark.long] if both.kwargs.get("is_long") else []
        databases = ["sqlite", pytest.param("postgresql", marks=marks)]
        metafunc.parametrize("_database", databases, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _database_of_all(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.config.getoption("--database") == "sqlite":
        yield
        return
    with request.getfixturevalue("on_server")():
        yield


@pytest.fixture(autouse=True)
def _database(request: pytest.FixtureRequest) -> Iterator[None]:
    if getattr(request, "param", "sqlite") == "sqlite":
        yield
        return
    with request.getfixturevalue("on_server")():
        yield


@pytest.fixture(scope="session")
def on_server(postgresql: NewDatabase) -> OnServer:
    """Return a function to a block in which each new workspace has a database on the server."""
    create, plain, known = Workspace.create, Workspace.database.fget, dict[Path, str]()
    assert plain is not None

    def made(root: Path, settings: str | None = None) -> Workspace:
        settings = default_settings() if settings is None else settings
        if "database" not in tomllib.loads(settings):
            known[root.resolve()] = address = postgresql(f"w{uuid4().hex}")
            settings = f'database = "{address}"\n{settings}'
        return create(root, settings)

    def kept(workspace: Workspace) -> str:
        """Return what a workspace was made with, though a test has written its settings anew."""
        said = plain(workspace)
        return said if "://" in said else known.get(workspace.root.resolve(), said)

    @contextmanager
    def block() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Workspace, "create", made)
            patch.setattr(Workspace, "database", property(kept))
            yield

    return block


Migrate = Callable[[Connection], None]


@pytest.fixture(scope="session", autouse=True)
def run_migrations() -> Iterator[Migrate]:
    """Run the migrations for the first empty SQLite database: each later one is a copy of it.

    They take longer than most tests. What this returns runs them, as `tests/database` does.
    """
    plain, pages = schema._migrate, bytearray()

    def by_migrations(connection: Connection) -> None:
        """Run them; what their statements compile to holds the connection, so it is not kept."""
        plain(connection.execution_options(compiled_cache=None))

    def migrate(connection: Connection) -> None:
        is_empty = connection.dialect.name == "sqlite" and not schema._read(connection).tables
        if is_empty and pages:
            connection.rollback()
            with closing(sqlite3.connect(":memory:")) as first:
                first.deserialize(pages)
                first.backup(connection.connection.dbapi_connection)
            return
        by_migrations(connection)
        if is_empty:
            pages[:] = connection.connection.dbapi_connection.serialize()
            pages[18:20] = b"\1\1"  # a database in memory cannot have the journal that this says

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_migrate", migrate)
        yield by_migrations


@pytest.fixture(scope="session", autouse=True)
def pauses_are_short() -> Iterator[None]:
    """Let no test of something else wait; those of pauses set how long one is themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrying, "FIRST_PAUSE_SECONDS", SHORT_SECONDS)
        patch.setattr(runner, "_SHARE_SECONDS", SHORT_SECONDS)
        patch.setattr(turns, "_TRIAL_POLL_SECONDS", SHORT_SECONDS)
        patch.setattr(options, "_pause", lambda n: SHORT_SECONDS)
        yield


@pytest.fixture(scope="session", autouse=True)
def children_know_addresses() -> Iterator[None]:
    """Let the server of this process's children import `tests.preloaded`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(children, "WORKED_WITH", (*children.WORKED_WITH, "tests.preloaded"))
        yield


StartChild = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_child() -> Iterator[StartChild]:
    """Return a function that starts a command, as `subprocess.Popen` does, its pipes as text.

    However the test ends, what was started is killed then, and waited for.
    """
    with ExitStack() as children:

        def start(command: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
            child = children.enter_context(subprocess.Popen(command, text=True, **options))
            children.callback(child.kill)
            return child

        yield start


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def _unless_there(is_there: bool, what: str) -> None:
    if not is_there and os.environ.get("CI") == "true":
        pytest.fail(f"{what}; `make test` as root installs it")
    if not is_there:
        pytest.skip(what)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[NewDatabase]:
    """A PostgreSQL server of the tests' own: a function from a name to a new database's URL.

    It has all tables, or is like the database that is named second. The server listens at a
    socket in a temporary folder, and runs as another user where this is root.
    """
    programs = _programs()
    _unless_there(programs is not None, "PostgreSQL is not installed")
    assert programs is not None
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="kbuild-postgresql-", dir=TEMPORARY))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(*command: str) -> None:
        done = subprocess.run(
            command, user=user, cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    data = str(folder / "data")
    run(str(programs / "initdb"), "-D", data, "-U", "kbuild", "-A", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    control = str(programs / "pg_ctl")
    run(control, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    base = "postgresql://kbuild@"

    def new_database(name: str, like: str = "migrated") -> str:
        with psycopg.connect(f"{base}/postgres?host={folder}", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return f"{base}/{name}?host={folder}"

    try:
        open_database(new_database("migrated", "template0"), folder).dispose()
        yield new_database
    finally:
        run(control, "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium, driven by selenium; tests are skipped without it, but not in CI."""
    programs = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in programs:
        reason = "chromium and chromedriver are not installed: sh tests/install_services.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(programs[0])
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        # The page of each test is another site: no process is started for each.
        "--disable-site-isolation-trials",
        "--disable-features=IsolateOrigins,site-per-process",
        "--window-size=1100,850",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(str(programs[1])))
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Any) -> Any:
    """The browser with no page open: what an earlier test's page asks for is over and unsaid."""
    chromium.get("about:blank")
    chromium.get_log("browser")
    return chromium
