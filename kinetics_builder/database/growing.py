"""Tables that grow fast from nothing: PostgreSQL is told how large they are.

It plans a statement by what it knows of the tables, keeps the plan, and looks at tables of itself
but once a minute. A plan that was made for some rows is a bad one for some thousand.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

FIRST = 8
"""After so many transactions, after twice as many, and so on."""
_SMALL = 100_000
"""Rows. A larger table is planned for as a large one, whatever comes to it."""


class Growing:
    """Tables of one database that many transactions of a process write to."""

    def __init__(self, tables: Sequence[Any]) -> None:
        self._names = sorted({table.__tablename__ for table in tables})
        self._num_noted, self._due = 0, FIRST

    def note(self, connection: Connection) -> bool:
        """Count a transaction; tell whether the small ones were looked at now, before its commit.

        All plans for such a table are then made anew. With SQLite nothing is done: it keeps none
        that its own statistics would change.
        """
        self._num_noted += 1
        if self._num_noted < self._due or connection.dialect.name != "postgresql":
            return False
        self._due = 2 * self._num_noted
        names = {"names": self._names, "small": _SMALL}
        for name in connection.scalars(_FIND, names).all():
            connection.exec_driver_sql(f'ANALYZE "{name}"')
        return True


_FIND = text(
    "SELECT relname FROM pg_class WHERE relname IN :names AND relkind = 'r' "
    "AND relnamespace = current_schema()::regnamespace AND reltuples < :small ORDER BY relname"
).bindparams(bindparam("names", expanding=True))
