"""Changing what binds a table's columns in SQLite, where a table made anew would lose its rows."""

import re

from sqlalchemy import Connection, text


def edit_schema(connection: Connection, table: str, pattern: str, replacement: str) -> None:
    """Change the words of SQLite's schema that bind a table's columns.

    Other rows refer to these: a table made anew would lose them, or refuse to go. SQLite
    names this way for taking NOT NULL, CHECK and REFERENCES off ("Making Other Kinds Of Table
    Schema Changes", https://sqlite.org/lang_altertable.html), for it changes no row.

    Args:
        connection: To an SQLite database, inside a migration.
        table: Its name.
        pattern: A regular expression that is found in the table's SQL.
        replacement: What takes the place of the first match.

    """
    found = connection.scalar(
        text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
    )
    changed, number = re.subn(pattern, replacement, str(found), count=1)
    assert number == 1, (table, pattern, found)
    version = connection.scalar(text("PRAGMA schema_version"))
    connection.execute(text("PRAGMA writable_schema = ON"))
    connection.execute(
        text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": table},
    )
    connection.execute(text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(text("PRAGMA writable_schema = RESET"))
