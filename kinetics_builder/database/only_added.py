"""Tables whose rows are only ever added: the database itself refuses to change or delete one."""

from sqlalchemy import Connection, inspect

ONLY_ADDED = ("audited_clip", "class_edit", "class_version", "owner_act", "ruling")
"""Tables that tell what the owner did and said, and what was made of the classes."""

_WHY = "rows of {table} are only ever added"
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{_WHY.format(table="%")}', TG_TABLE_NAME;
END $$
"""


def refuse_changes(connection: Connection) -> None:
    """Have the database refuse from now on; nothing happens where it does already.

    To be called whenever the schema was changed: a table that is made anew has lost its triggers.
    """
    there = set(inspect(connection).get_table_names())
    for table in sorted(there.intersection(ONLY_ADDED)):
        for event in ("update", "delete"):
            _make_trigger(connection, table, event)


def _make_trigger(connection: Connection, table: str, event: str) -> None:
    name = f"refuse_{event}_of_{table}"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_WHY.format(table=table)}'); END"
        )
        return
    connection.exec_driver_sql(_FUNCTION.replace("%", "%%"))
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    connection.exec_driver_sql(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
