"""Opening a workspace's database, reading and writing. SQLite or PostgreSQL, one code path."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Yield a session that sees one state of the database and changes nothing."""
    with explained(engine), Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Yield a session: all of the block is committed, or none of it.

    The block holds the database's one write lock from its first statement: it never fails
    half way for another writer's sake, and what it reads stays true until it commits.
    """
    writer = engine.execution_options(kbuild_write=True)
    with explained(engine), Session(writer) as session, session.begin():
        yield session
