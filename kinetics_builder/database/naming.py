"""Whether any row names another one, by the foreign keys of all tables that there are."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Base


def is_named(session: Session, kind: type[Base], number: int, but: Collection[type[Base]]) -> bool:
    """Say whether a row of any table names the row of `kind` with this id.

    A table that is made one day is asked, too, so that nothing is deleted that it needs.

    Args:
        session: A session.
        kind: A table with the key `id`.
        number: The row's.
        but: Tables whose rows go with it, and hold nobody up. Those that the database deletes with
            it do not, either.

    """
    columns = _columns(kind, frozenset(but))
    return bool(session.scalar(select(or_(*(exists().where(c == number) for c in columns)))))


@cache
def _columns(kind: type[Base], but: frozenset[type[Base]]) -> Sequence[Any]:
    """Return the columns that name rows of `kind`, and last longer than they do."""
    named, passed = kind.__table__, {one.__table__ for one in but}
    return [
        key.parent
        for table in Base.metadata.sorted_tables
        if table not in passed
        for key in table.foreign_keys
        if key.column.table is named and key.ondelete != "CASCADE"
    ]
