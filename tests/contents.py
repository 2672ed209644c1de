"""What a database says, whatever its ids and whenever it was written: for comparing two runs."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Engine, Table, select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Base
from kinetics_builder.workspace import Workspace

UNSAID = {
    "item": {"attempts", "lease_owner", "lease_until", "seconds", "finished_at"},
    "site_pace": {"since", "due", "next_at"},
    "site_rest": {"since", "until", "tried_by", "tried_until"},
    "stage_survey": {"changes"},
    "setting": set(),
}
"""Times and counters; `*_at` and `modified_ns` are left out of every table."""
UNTOLD = {"change_count"}

Contents = dict[str, Counter[Any]]


def settings_of(workspace: Workspace) -> str:
    """Return what its kbuild.toml says, but where its rows lie: for another one to be compared."""
    lines = (workspace.root / "kbuild.toml").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("database"))


def contents(engine: Engine) -> Contents:
    """Return the rows of each table with how often each is there, ids replaced by what they name.

    Of an item's key the last word is left out: it is a hash that holds ids of rows.
    """
    tables = [table for table in Base.metadata.sorted_tables if table.name not in UNTOLD]
    told: dict[str, dict[Any, Any]] = {}
    found: Contents = {}
    with reading(engine) as session:
        for table in tables:
            rows = session.execute(select(table)).mappings().all()
            said = [(row, _said(table, row, told)) for row in rows]
            told[table.name] = {tuple(row[c.name] for c in table.primary_key): s for row, s in said}
            found[table.name] = Counter(text for _, text in said)
    return found


def _said(table: Table, row: Mapping[Any, Any], told: Mapping[str, Mapping[Any, Any]]) -> str:
    return repr({c.name: _value(c, row[c.name], table, told) for c in table.columns if _tells(c)})


def _tells(column: Column[Any]) -> bool:
    name, table = column.name, column.table
    is_time = name.endswith("_at") or name == "modified_ns"
    return not (is_time or _is_number_of_row(column) or name in UNSAID.get(table.name, ()))


def _is_number_of_row(column: Column[Any]) -> bool:
    return column.name == "id" and not column.foreign_keys


def _value(
    column: Column[Any], value: Any, table: Table, told: Mapping[str, Mapping[Any, Any]]
) -> Any:
    if value is not None and column.foreign_keys:
        target = next(iter(column.foreign_keys)).column.table
        return told[target.name][(value,)] if target is not table else "another of these"
    if (table.name, column.name) == ("item", "key"):
        return value.rpartition(" ")[0] or value
    return value
