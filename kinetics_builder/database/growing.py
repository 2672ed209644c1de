"""Tables that grow fast from nothing: PostgreSQL is told how large they are.

It plans a statement by what it knows of the tables, keeps the plan, and looks at tables of itself
but once a minute. A plan that was made for some rows is a bad one for some thousand.
"""

import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, text

from kinetics_builder.database.faults import explained
from kinetics_builder.errors import WorkspaceError

FIRST = 8
"""After so many transactions, after twice as many, and so on."""
_SMALL = 100_000
"""Rows. A larger table is planned for as a large one, whatever comes to it."""


class Growing:
    """Tables of one database that many transactions of a process write to."""

    def __init__(self, tables: Sequence[Any]) -> None:
        self._names = sorted({table.__tablename__ for table in tables})
        self._guard = threading.Lock()
        self._num_noted, self._due = 0, FIRST

    def note(self, engine: Engine) -> list[str]:
        """Count a transaction that is over; return the tables that were looked at now.

        Those are the small ones that are twice as large as when anybody looked last: all plans for
        them are then made anew. Nobody waits for it but who calls: writers go on meanwhile, so call
        it where no write transaction is open. With SQLite nothing is done: it keeps no plans that
        its own statistics would change, nor where the database does not answer.
        """
        with self._guard:
            self._num_noted += 1
            if self._num_noted < self._due:
                return []
            self._due = 2 * self._num_noted
        if engine.dialect.name != "postgresql":
            return []
        try:
            with explained(engine), engine.connect() as connection:
                names = self._grown(connection)
                for name in names:
                    connection.exec_driver_sql(f'ANALYZE "{name}"')
                connection.commit()
        except (
            WorkspaceError
        ):  # what was written is safe: plans stay older, and the next write tells
            return []
        return names

    def _grown(self, connection: Connection) -> list[str]:
        asked = {"names": self._names, "small": _SMALL}
        return list(connection.scalars(_FIND, asked))


_FIND = text(
    "SELECT relname FROM pg_class WHERE relname IN :names AND relkind = 'r' "
    "AND relnamespace = current_schema()::regnamespace AND reltuples < :small "
    "AND pg_relation_size(oid) > 2 * relpages::bigint * current_setting('block_size')::bigint "
    "ORDER BY relname"
).bindparams(bindparam("names", expanding=True))
"""`relpages` is how many there were when anybody looked last: 0 before the first time."""
