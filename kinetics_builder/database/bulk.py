"""Reading and writing many rows at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Dialect,
    SelectBase,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Base

T = TypeVar("T")

_MOST_IN_A_STATEMENT = 400
"""Values, below SQLite's limit of variables."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield as many values at a time as one statement may name."""
    for start in range(0, len(values), _MOST_IN_A_STATEMENT):
        yield values[start : start + _MOST_IN_A_STATEMENT]


def listed(values: Iterable[T]) -> list[T]:
    """Return the values that a statement asks for, in order, the last one as often as it takes.

    How many there are is always a power of two: a database that reads and plans a statement
    for every number of them then has few to plan, and keeps those.
    """
    ordered = sorted(set(values))  # type: ignore[type-var]
    room = 1 << max(0, len(ordered) - 1).bit_length()
    return ordered + ordered[-1:] * (room - len(ordered))


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield so many rows at a time, as they come."""
    waiting = iter(rows)
    while some := list(islice(waiting, size)):
        yield some


@contextmanager
def with_room(session: Session) -> Iterator[None]:
    """Let the block read rows from all over the database, of many tables at a time.

    SQLite keeps up to 512 MiB of its file in memory meanwhile, as much as the rows of a million
    clips: with the 2 that it keeps else it reads the same pages again for each of many joined rows.
    Other databases see to that themselves.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{512 << 10}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def select_plain(
    session: Session, query: SelectBase, size: int = 10_000
) -> Iterator[Sequence[Any]]:
    """Yield the rows of a query as the driver has them, at most so many at a time.

    Nothing is done for each of many rows: truths are numbers with SQLite, what is one of several
    words is that word. Parameters stand in the statement.
    """
    connection = session.connection()
    plain = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(str(plain), ())
        while rows := cursor.fetchmany(size):
            yield rows


def insert_plain(
    connection: Connection, kind: type[Base], names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Add rows of numbers and truths, each with the values of these columns in their order.

    The statement is written once, and the values go to the database as they are: nothing is done
    for each of many rows.
    """
    if not rows:
        return
    table = kind.__table__
    assert isinstance(table, Table)
    text, order = _insert_of(connection.dialect, table, tuple(names))
    if order is None:
        connection.exec_driver_sql(text, [dict(zip(names, row, strict=True)) for row in rows])
    elif order == tuple(names):
        connection.exec_driver_sql(text, list(rows))
    else:
        places = [names.index(name) for name in order]
        connection.exec_driver_sql(text, [tuple(row[place] for place in places) for row in rows])


@lru_cache(maxsize=64)
def _insert_of(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...] | None]:
    """Return an insert in the words of the driver, and the order of its values if it has one."""
    made: Any = insert(table).compile(dialect=dialect, column_keys=list(names))
    return str(made), tuple(made.positiontup) if made.positiontup else None


def replace_rows(session: Session, kind: type[Base], rows: Mapping[int, Mapping[str, Any]]) -> int:
    """Make the table of `kind` hold exactly `rows`, and return how many rows that changed.

    Args:
        session: A writing session.
        kind: A class with one integer primary key and a value for every other column.
        rows: By primary key, the other columns by name.

    """
    session.flush()
    table = kind.__table__
    assert isinstance(table, Table)
    (key,) = table.primary_key.columns
    names = [column.name for column in table.columns if column is not key]
    found = {
        row[key.name]: {n: row[n] for n in names}
        for row in session.execute(select(table)).mappings()
    }
    gone = [{"_key": number} for number in found.keys() - rows.keys()]
    new = [{key.name: number, **rows[number]} for number in sorted(rows.keys() - found.keys())]
    changed = [
        {"_key": number, **{f"_{name}": rows[number][name] for name in names}}
        for number in sorted(rows.keys() & found.keys())
        if dict(rows[number]) != found[number]
    ]
    connection = session.connection()
    if gone:
        connection.execute(delete(table).where(key == bindparam("_key")), gone)
    if changed:
        values: dict[str, Any] = {name: bindparam(f"_{name}") for name in names}
        connection.execute(update(table).where(key == bindparam("_key")).values(values), changed)
    if new:
        connection.execute(insert(table), new)
    session.expire_all()
    return len(gone) + len(changed) + len(new)
