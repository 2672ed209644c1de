"""How often what stages list their items from has changed, whoever changed it.

The database counts by triggers, so that nothing that writes has to think of it.
"""

from collections.abc import Collection

from sqlalchemy import Connection, inspect, select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import ChangeCount

COUNTED = (
    "availability_survey",
    "candidate",
    "clip",
    "clip_file",
    "film_hit",
    "frame_scores",
    "label",
    "label_term",
    "lifted_takedown",
    "media",
    "older_clip",
    "partial_media",
    "partial_stretch",
    "released_stretch",
    "search_hit",
    "takedown",
    "taken_video",
    "video",
    "video_look",
)
"""Tables whose changes are counted."""

_EVENTS = ("insert", "update", "delete")
_COUNT = (
    "INSERT INTO change_count VALUES ({name}, 1) "
    "ON CONFLICT (name) DO UPDATE SET number = change_count.number + 1"
)
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM changed) THEN
        {_COUNT.format(name="TG_TABLE_NAME")};
    END IF;
    RETURN NULL;
END $$
"""


def changes(session: Session, names: Collection[str]) -> dict[str, int]:
    """Return how often what has these names has changed; what never did is absent."""
    rows = session.execute(
        select(ChangeCount.name, ChangeCount.number).where(ChangeCount.name.in_(names))
    )
    return {name: number for name, number in rows}


def note_change(session: Session, name: str) -> None:
    """Count a change of something that is no table."""
    count = session.get(ChangeCount, name) or ChangeCount(name=name, number=0)
    count.number += 1
    session.add(count)
    session.flush()


def count_changes(connection: Connection) -> None:
    """Have the database count from now on; nothing happens where it counts already.

    To be called whenever the schema was changed: a table that is made anew has lost its triggers,
    and what was written meanwhile counts as a change.
    """
    there = set(inspect(connection).get_table_names())
    if ChangeCount.__tablename__ not in there:  # a version of before
        return
    for table in there.intersection(COUNTED):
        for event in _EVENTS:
            _make_trigger(connection, table, event)
    connection.execute(update(ChangeCount).values(number=ChangeCount.number + 1))


def _make_trigger(connection: Connection, table: str, event: str) -> None:
    name = f"count_{event}_of_{table}"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} "
            f"BEGIN {_COUNT.format(name=repr(table))}; END"
        )
        return
    rows = "OLD" if event == "delete" else "NEW"
    connection.exec_driver_sql(_FUNCTION)
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    connection.exec_driver_sql(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_change()"
    )
