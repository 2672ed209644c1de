"""From the setting `database` to an engine whose connections are ready to use, and get closed."""

import os
import socket
import sqlite3
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from kinetics_builder.database.reading_alone import file_reader
from kinetics_builder.errors import WorkspaceError

BUSY_SECONDS = 60
"""How long a statement waits for a lock of somebody else's."""
WRITE_LOCK = 0x6B6275696C64  # "kbuild": PostgreSQL's name for the one write lock
_POOL: Any = {"pool_size": 16, "max_overflow": 16, "pool_use_lifo": True}
"""Of connections that were opened, the one used last is used next: it knows most statements."""
_MOST_PREPARED = 500
"""Statements that one of them remembers: more than the page has."""
_PRIVATE = 0o600


def make_engine(address: str, root: Path) -> Engine:
    """Return an engine on `address`; nothing is connected yet.

    An SQLite file that is not there yet is made for its owner alone; SQLite gives the files
    beside it the same permissions. Where its folder cannot be written, it is opened as it is,
    to be read alone. Raises WorkspaceError for an address that cannot be one.
    """
    if "://" in address:
        engine = _server_engine(address)
    elif os.access((root / address).parent, os.W_OK):
        engine = _file_engine(root / address)
    else:
        engine = file_reader(root / address)
    _close_with(engine)
    return engine


def make_private(engine: Engine) -> None:
    """Take the rights of others off the files of an SQLite database, as far as they are ours."""
    if engine.dialect.name == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                os.chmod(f"{engine.url.database}{suffix}", _PRIVATE)  # noqa: PTH101 (not opened)


def _close_with(engine: Engine) -> None:
    """Close what is still open once nobody holds `engine` any more, or the program ends."""
    connections: set[Any] = set()
    event.listen(engine, "connect", lambda connection, _record: connections.add(connection))
    event.listen(engine, "close", lambda connection, _record: connections.discard(connection))
    weakref.finalize(engine, _close_all, connections)


def _close_all(connections: set[Any]) -> None:
    while connections:
        connections.pop().close()


def _file_engine(path: Path) -> Engine:
    with suppress(OSError):  # SQLite says it better
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **_POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # SQLite does not wait here for others who turn to this journal at the same moment.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _is_write(connection) else "BEGIN")


def _server_engine(address: str) -> Engine:
    """Return an engine on a PostgreSQL URL, through psycopg 3."""
    url = _server_url(address)
    who = f"kbuild {os.getpid()}@{socket.gethostname()}"
    try:
        asked = {"fallback_application_name": who, "prepare_threshold": 1}
        engine = create_engine(url, connect_args=asked, **_POOL)
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            f"{error.name} is missing. Install it: pip install 'kinetics-builder[postgresql]'"
        ) from error
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    connection.prepared_max = _MOST_PREPARED


def _server_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise WorkspaceError(_UNREADABLE) from error
    if any("@" in (part or "") for part in (url.host, url.database)):
        raise WorkspaceError(_UNREADABLE)
    kind = url.get_backend_name()
    if kind not in ("postgresql", "postgres"):
        raise WorkspaceError(f"database: {kind}:// is not supported. {_EXPECTED}")
    return url.set(drivername="postgresql+psycopg")


_EXPECTED = "Give a file name for SQLite, or postgresql://user@host:5432/name."
# Nothing of such an address is repeated: what stands in the wrong place may be a password.
_UNREADABLE = (
    "database: this URL cannot be read: a port that is no number, or a name or password with "
    f"@ or : that is not written as %40 or %3A. {_EXPECTED}"
)


def _begin_postgresql(connection: Connection) -> None:
    begin = _write() if _is_write(connection) else _READ
    if connection.get_execution_options().get("kbuild_repeats", False):
        begin = f"{_PLAN_ONCE}; {begin}"
    connection.exec_driver_sql(begin)


_PLAN_ONCE = (
    "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; "
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off"
)
"""A plan that is kept must be good when the tables have grown, too: through indexes."""
_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


def _write() -> str:
    return f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'; SELECT pg_advisory_xact_lock({WRITE_LOCK})"


def _is_write(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("kbuild_write", False))
