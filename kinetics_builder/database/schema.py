"""The tables' version: read, held against this program's, and brought up to date."""

import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from kinetics_builder.database.connecting import make_private
from kinetics_builder.database.faults import where
from kinetics_builder.database.tables import Base
from kinetics_builder.errors import WorkspaceError

_MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = tuple(
    sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("*_*.py"))
)
"""Of the migrations there are, by the numbers that their files begin with."""
HEAD = VERSIONS[-1]
"""The newest migration."""

_VERSION_TABLE = "alembic_version"
_EVER_OURS = frozenset({"candidate", "clip_place", "label_term", "search_hit", "task_slot"})
"""Tables that every version has, and no other program is likely to have all of."""
_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps the migration in progress in module variables."""


@dataclass(frozen=True)
class _Schema:
    """What a database holds."""

    tables: frozenset[str]
    version: str | None

    @property
    def is_newest(self) -> bool:
        return self.version == HEAD and self.tables >= Base.metadata.tables.keys()


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables of this version, once, whoever else is about to.

    Raises WorkspaceError, and changes nothing, where the database is of a newer version, has
    lost its version or a table, or belongs to another program.
    """
    with engine.connect() as connection:
        if _read(connection).is_newest:
            return
    # What was read may be over by now: it counts only under the write lock.
    with _ONE_AT_A_TIME, engine.execution_options(kbuild_write=True).connect() as connection:
        found = _read(connection)
        if not found.is_newest:
            _check(found, where(engine))
            _migrate(connection)
            make_private(engine)


def _read(connection: Connection) -> _Schema:
    tables = frozenset(inspect(connection).get_table_names())
    version = None
    if _VERSION_TABLE in tables:
        version = connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))
    return _Schema(tables, None if version is None else str(version))


def _check(found: _Schema, name: str) -> None:
    """Raise WorkspaceError unless the database is empty, or ours and older."""
    if found.tables <= {_VERSION_TABLE} and found.version is None:
        return
    if not found.tables >= _EVER_OURS:
        listed = ", ".join(sorted(found.tables)[:5])
        raise WorkspaceError(
            f"{name} holds another program's tables ({listed}). Nothing was written to it. "
            "Give kbuild a database of its own: `database` in kbuild.toml."
        )
    if found.version is None:
        raise WorkspaceError(
            f"{name}: the version of its tables is missing ({_VERSION_TABLE} is empty or gone). "
            "Restore a backup."
        )
    if found.version not in VERSIONS:
        raise WorkspaceError(
            f"{name} was written by a newer kbuild: its tables are of version {found.version}, "
            f"this one knows up to {HEAD}. Upgrade it: pip install -U kinetics-builder."
        )
    if found.version == HEAD:
        missing = ", ".join(sorted(Base.metadata.tables.keys() - found.tables))
        raise WorkspaceError(f"{name} has lost the tables {missing}. Restore a backup.")


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
