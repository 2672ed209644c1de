"""What a database may answer, as words for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from traceback import walk_tb

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from kinetics_builder.database import connecting
from kinetics_builder.database.holders import lock_holder
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.text.masking import masked

_LOCKED = ("database is locked", "lock timeout")
_DAMAGED = ("malformed", "invalid page in block", "decode to UTF-8", "could not read block")
_CHANGED_CELL = (JSONDecodeError, UnicodeDecodeError, LookupError)
"""What a cell, or SQLite's own complaint, becomes that damage has left without a meaning."""
_READS_CELLS = ("sqlalchemy.", "kinetics_builder.database.connecting")
_REMEDIES = {
    "readonly": "the workspace cannot be written. Check its permissions.",
    "unable to open": "the workspace cannot be written. Check its permissions.",
    "disk is full": "the disk is full. Make room, then run the same command again.",
    "No space left": "the server's disk is full. Make room, then run the same command again.",
    "disk I/O": "the disk does not take any more. Make room, then run the same command again.",
    "refused": "the database server does not answer. Start it, then try again.",
    "server closed": "the database server went away. Start it, then run the same command again.",
    "terminating connection": "the database server ended the connection. Run the same again.",
    "authentication failed": "the database server does not know this user and password.",
    "no such table": "a table is missing: part of the database was lost. Restore a backup.",
}


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn a database that cannot be used into a `WorkspaceError` with a remedy."""
    try:
        yield
    except DatabaseError as error:
        if (explanation := _explanation(engine, error)) is None:
            raise
        raise _told(engine, explanation) from error
    except _CHANGED_CELL as error:
        if not _is_of_a_row(error):
            raise
        raise _told(engine, _damage(engine, str(error))) from error


def _told(engine: Engine, explanation: str) -> WorkspaceError:
    address = engine.url.render_as_string(hide_password=False)
    return WorkspaceError(masked(f"{where(engine)}: {explanation}", address))


def _is_of_a_row(error: Exception) -> bool:
    """Tell whether the database's library met it, rather than the program."""
    modules = [str(frame.f_globals["__name__"]) for frame, _ in walk_tb(error.__traceback__)]
    while modules[-1].partition(".")[0] == "json":
        modules.pop()
    return modules[-1].startswith(_READS_CELLS)


def where(engine: Engine) -> str:
    """Return the database's file, or its address without the password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.render_as_string(hide_password=True)


def _explanation(engine: Engine, error: DatabaseError) -> str | None:
    """Return what to tell and to do; None for an error of the program's own."""
    found = (str(error.orig).strip().splitlines() or [repr(error.orig)])[0]
    if any(words in found for words in _LOCKED):
        waited = f"it stayed locked for {connecting.BUSY_SECONDS:g} s"
        return f"{waited}. {lock_holder(engine)} Try again when it is free."
    if "not a database" in found:
        return "this file is no database. Move it away; `kbuild status` makes a new one."
    if any(words in found for words in _DAMAGED):
        return _damage(engine, found)
    if not isinstance(error, OperationalError) and "connection option" not in found:
        return None
    remedy = next((text for words, text in _REMEDIES.items() if words in found), None)
    return f"{remedy} ({found})" if remedy else f"{found}. Check `database` in kbuild.toml."


def _damage(engine: Engine, found: str) -> str:
    rescue = "Restore a backup."
    if engine.dialect.name == "sqlite":
        rescue = (
            "Restore a backup; without one, `sqlite3 FILE .recover | sqlite3 NEW` saves what "
            "can still be read."
        )
    return f"the database is damaged ({found}). {rescue}"
