"""Opening a workspace's database, reading and writing. SQLite or PostgreSQL, one code path."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kinetics_builder.database.connecting import make_engine
from kinetics_builder.database.faults import explained
from kinetics_builder.database.schema import bring_up_to_date


def open_database(address: str, root: Path) -> Engine:
    """Return an engine on `address`, brought to the newest migration.

    The engine closes its connections when nobody holds it any more.

    Args:
        address: A PostgreSQL URL, or the path of an SQLite file relative to `root`.
        root: The workspace.

    Raises:
        WorkspaceError: The database cannot be opened or written, is damaged, newer than this
            program, or another program's.

    """
    engine = make_engine(address, root)
    with explained(engine):
        bring_up_to_date(engine)
    return engine


def repeating(engine: Engine) -> Engine:
    """Return the engine for whoever writes by the same few statements, as the page does.

    PostgreSQL then plans each of them once a connection, whatever its values, and reads no table
    from end to end. That does not suit the large statements of stages, of which each comes once.
    """
    return engine.execution_options(kbuild_repeats=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Yield a session that sees one state of the database and changes nothing."""
    with explained(engine), Session(engine) as session:
        yield session
        _end_reading(session)


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Yield a session: all of the block is committed, or none of it.

    The block holds the database's one write lock from its first statement: it never fails
    half way for another writer's sake, and what it reads stays true until it commits.
    """
    writer = engine.execution_options(kbuild_write=True)
    with explained(engine), Session(writer) as session, session.begin():
        yield session


def _end_reading(session: Session) -> None:
    """Roll back what was done in a session.

    With `rollback` psycopg would forget all statements that its connection has prepared: those
    of a server, each planned anew with the next request. The server itself keeps them.
    """
    if session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        driver: Any = session.connection().connection.driver_connection
        driver.pgconn.exec_(b"ROLLBACK")
    session.rollback()
