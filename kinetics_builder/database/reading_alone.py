"""Reading an SQLite file where nothing can be written, as on a disk mounted read-only."""

import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from kinetics_builder.errors import WorkspaceError


def file_reader(path: Path) -> Engine:
    """Return an engine on `path` that writes nothing, neither into it nor beside it.

    What the write-ahead log beside it holds is read too, from a copy of both that is gone
    when the engine is: SQLite itself either writes beside the file or passes the log over.

    Raises:
        WorkspaceError: There is no such file.

    """
    if not path.is_file():
        raise WorkspaceError(
            f"{path} is not there, and {path.parent} cannot be written. Check its permissions."
        )
    copied = _copied(path) if _has_log(path) else None
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, creator=_connector(path, copied))
    event.listen(engine, "begin", _begin)
    if copied:
        weakref.finalize(engine, shutil.rmtree, copied.parent, ignore_errors=True)
    return engine


def _has_log(path: Path) -> bool:
    log = Path(f"{path}-wal")
    return log.is_file() and log.stat().st_size > 0


def _copied(path: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kbuild-"))
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{path}{suffix}", folder / f"{path.name}{suffix}")
    return folder / path.name


def _connector(path: Path, copied: Path | None) -> Callable[[], sqlite3.Connection]:
    address = copied.as_uri() if copied else f"{path.absolute().as_uri()}?immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        return connection

    return connect


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
