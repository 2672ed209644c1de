"""A copy of the database that is whole, whoever writes to it meanwhile."""

import os
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from kinetics_builder.database.connecting import make_engine
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.places import place_fault
from kinetics_builder.text.masking import masked
from kinetics_builder.workspace import Workspace
from pipelines.files import sync


def backup(workspace: Workspace, target: Path) -> int:
    """Copy the database to the file `target` by SQLite's own online backup; return its bytes.

    The copy is one moment of the database, checked, for its owner alone, and there whole or
    not at all.

    Raises:
        WorkspaceError: `target` is there already or cannot be written, the database is damaged
            or not there, or lies on a server (with the command to run there).

    """
    if "://" in workspace.database:
        raise WorkspaceError(_on_a_server(workspace.database, target))
    source = Path(workspace.database)
    if not source.is_file():
        raise WorkspaceError(f"{source} is not there: there is nothing to copy yet.")
    if target.exists():
        raise WorkspaceError(f"{target} is there already. Name a new file.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(source, part)
        sync(part)
        part.rename(target)
        sync(target.parent)
    except sqlite3.Error as error:
        raise WorkspaceError(f"{source} cannot be copied to {target}: {error}.") from error
    except OSError as error:
        fault = place_fault(error) or f"{error.strerror}."
        raise WorkspaceError(f"{target} cannot be written: {fault}") from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{part}{suffix}").unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    engine = make_engine(str(source), source.parent)
    with closing(engine.raw_connection()) as old, closing(sqlite3.connect(target)) as new:
        old.driver_connection.backup(new)  # type: ignore[union-attr]
        new.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
        found = [row[0] for row in new.execute("PRAGMA integrity_check(3)")]
    engine.dispose()
    if found != ["ok"]:
        raise WorkspaceError(
            f"{source} is damaged ({'; '.join(found)}). No copy was kept. Restore an older one; "
            "without one, `sqlite3 FILE .recover | sqlite3 NEW` saves what can still be read."
        )


def _on_a_server(address: str, target: Path) -> str:
    command = f"pg_dump --format=custom --file={shlex.quote(str(target))}"
    return (
        f"The database lies on a server. Run there: {command} "
        f"--dbname={shlex.quote(masked(address))} (and `pg_restore` to get it back)."
    )
