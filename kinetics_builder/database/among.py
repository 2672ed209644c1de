"""The condition that a column is one of many numbers, which come with the execution.

SQLite is sent a statement with a place for each. PostgreSQL is sent them all as one value: the
statement is the same however many there are, so it is planned once, and the driver, which keeps no
statement of more than 50 places, need not look for hundreds of them each time.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, Boolean, ColumnElement, String, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the ids that are given as `name`."""
    return _Among(column, column.in_(bindparam(name, expanding=True)))


class _Among(FunctionElement[bool]):
    """The column, and the condition as SQLite has it: its parameter is known by that."""

    type = Boolean()
    name = "among"
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Return itself: as a truth it would be held against 1, and no index be used."""
        return self


@compiles(_Among)
def _one_by_one(element: _Among, compiler: Any, **options: Any) -> str:
    _, condition = element.clauses
    return str(compiler.process(condition, **options))


@compiles(_Among, "postgresql")
def _at_once(element: _Among, compiler: Any, **options: Any) -> str:
    column, condition = element.clauses
    expanding: BindParameter[Any] = condition.right
    ids = bindparam(expanding.key, type_=_Ids())
    found, asked = compiler.process(column, **options), compiler.process(ids, **options)
    return f"{found} = ANY (CAST({asked} AS BIGINT[]))"


class _Ids(TypeDecorator[Iterable[int]]):
    """Numbers as PostgreSQL writes an array."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Iterable[int] | None, dialect: Any) -> str:
        return f"{{{','.join(map(str, value or ()))}}}"
