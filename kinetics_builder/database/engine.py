"""Opening a workspace's database, reading and writing. SQLite or PostgreSQL, one code path."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.orm import Session

from kinetics_builder.errors import WorkspaceError

HEAD = "0003"
"""The newest migration; a test keeps it true."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 60
_WRITE_LOCK = 0x6B6275696C64  # "kbuild": PostgreSQL's name for the one write lock


def open_database(address: str, root: Path) -> Engine:
    """Return an engine on `address`, brought to the newest migration.

    Args:
        address: A PostgreSQL URL, or the path of an SQLite file relative to `root`.
        root: The workspace.

    Raises:
        WorkspaceError: The database cannot be opened or written.

    """
    is_file = "://" not in address
    if is_file:
        engine = create_engine(
            f"sqlite:///{root / address}", connect_args={"timeout": _BUSY_SECONDS}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = _server_engine(address)
        event.listen(engine, "begin", _begin_postgresql)
    with explained(address):
        if _version(engine) != HEAD:
            _migrate(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Yield a session that sees one state of the database and changes nothing."""
    with explained(str(engine.url)), Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Yield a session: all of the block is committed, or none of it.

    The block holds the database's one write lock from its first statement: it never fails
    half way for another writer's sake, and what it reads stays true until it commits.
    """
    writer = engine.execution_options(kbuild_write=True)
    with explained(str(engine.url)), Session(writer) as session, session.begin():
        yield session


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn a database that cannot be used into a `WorkspaceError` with a remedy."""
    try:
        yield
    except OperationalError as error:
        raise WorkspaceError(f"{where}: {_explanation(error)}") from error
    except DatabaseError as error:
        if "not a database" in str(error.orig):
            raise WorkspaceError(
                f"{where}: this file is no database. Move it away; `kbuild status` makes a new one."
            ) from error
        raise


def _explanation(error: OperationalError) -> str:
    found = str(error.orig).strip().splitlines()[0]
    remedies = {
        "readonly": "the workspace cannot be written. Check its permissions.",
        "unable to open": "the workspace cannot be written. Check its permissions.",
        "disk is full": "the disk is full. Make room, then run the same command again.",
        "disk I/O": "the disk does not take any more. Make room, then run the same command again.",
        "locked": f"another process has kept it locked for {_BUSY_SECONDS} s. Try again.",
        "refused": "the database server does not answer. Start it, then try again.",
    }
    remedy = next((text for words, text in remedies.items() if words in found), None)
    return f"{remedy} ({found})" if remedy else f"{found}. Check `database` in kbuild.toml."


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("kbuild_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _server_engine(address: str) -> Engine:
    """Return an engine on a PostgreSQL URL, through psycopg 3."""
    try:
        return create_engine(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", address))
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            f"{error.name} is missing. Install it: pip install 'kinetics-builder[postgresql]'"
        ) from error
    except ArgumentError as error:
        raise WorkspaceError(
            f"database = {address!r}: {error}. Give a file name, "
            "or postgresql://user:password@host/name."
        ) from error


def _begin_postgresql(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("kbuild_write", False)
    connection.exec_driver_sql(
        f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"
        if is_write
        else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
    )


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if version is None else str(version)


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(kbuild_write=True).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
