"""The database counts what changes, whoever writes; on SQLite and on PostgreSQL."""

import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, delete, text, update

from kinetics_builder.database.changes import COUNTED, changes, note_change
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.only_added import ONLY_ADDED
from kinetics_builder.database.tables import Label, SearchHit, Video
from tests.database.test_kinds import move


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"changes{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    with writing(engine) as session:
        session.add(Label(id=1, name="waving"))
        session.add_all(Video(id=n, video_id=f"v{n}", source="", url="", title="") for n in (1, 2))
        session.flush()
        session.add(SearchHit(video_id=1, label_id=1, query="waving", rank=0))
    yield engine
    engine.dispose()


def counted(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {name: changes(session, COUNTED).get(name, 0) for name in COUNTED}


def changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {name for name in before if after[name] != before[name]}


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        pytest.param("INSERT INTO label (id, name, is_retired) VALUES (7, 'a', false)", {"label"}),
        pytest.param("UPDATE video SET title = 'other' WHERE id = 2", {"video"}),
        pytest.param("UPDATE label SET is_retired = true", {"label"}),
        pytest.param("DELETE FROM video WHERE id = 2", {"video"}),
        pytest.param("DELETE FROM search_hit", {"search_hit"}),
        pytest.param("UPDATE video SET title = 'other' WHERE id = 99", set(), id="no row"),
        pytest.param("DELETE FROM candidate", set(), id="an empty table"),
        pytest.param(
            "INSERT INTO setting (key, value) VALUES ('a', 'b')", set(), id="no list is made of it"
        ),
    ],
)
def test_whatever_changes_a_row_is_counted_and_nothing_else(
    engine: Engine, statement: str, tables: set[str]
) -> None:
    before = counted(engine)
    with writing(engine) as session:
        session.execute(text(statement))
    assert changed(before, counted(engine)) == tables


def test_many_rows_at_once_are_a_change(engine: Engine) -> None:
    before = counted(engine)
    with writing(engine) as session:
        session.execute(update(Video).values(title="equal"))
        session.execute(delete(SearchHit))
    assert changed(before, counted(engine)) == {"video", "search_hit"}


def test_what_is_taken_back_has_changed_nothing(engine: Engine) -> None:
    before = counted(engine)
    with pytest.raises(RuntimeError), writing(engine) as session:
        session.execute(update(Video).values(title="equal"))
        raise RuntimeError
    assert counted(engine) == before


@pytest.mark.parametrize("conflict", ["OR IGNORE", "OR REPLACE"])
def test_another_program_that_writes_is_counted_too(tmp_path: Path, conflict: str) -> None:
    engine = open_database("kbuild.sqlite", tmp_path)
    with writing(engine) as session:
        session.add(Label(id=1, name="waving"))
    before = counted(engine)
    with sqlite3.connect(tmp_path / "kbuild.sqlite") as connection:
        for name in ("a", "b"):
            connection.execute(
                f"INSERT {conflict} INTO label (name, is_retired) VALUES (?, 0)", [name]
            )
    connection.close()
    after = counted(engine)
    assert changed(before, after) == {"label"} and after["label"] == before["label"] + 2


def triggers(engine: Engine) -> set[str]:
    where = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with reading(engine) as session:
        return set(session.scalars(text(where[engine.dialect.name])))


def test_triggers_that_a_table_lost_are_there_again_after_a_migration(engine: Engine) -> None:
    """SQLite drops those of a table that is made anew; what was written meanwhile is a change."""
    all_of_them = {f"count_{e}_of_{t}" for e in ("insert", "update", "delete") for t in COUNTED}
    all_of_them |= {f"refuse_{e}_of_{t}" for e in ("update", "delete") for t in ONLY_ADDED}
    assert triggers(engine) == all_of_them
    on_table = " ON video" if engine.dialect.name == "postgresql" else ""
    with writing(engine) as session:
        session.execute(update(Label).values(is_retired=True))
        for event in ("insert", "update", "delete"):
            session.execute(text(f"DROP TRIGGER count_{event}_of_video{on_table}"))
        on_table = " ON ruling" if on_table else ""
        session.execute(text(f"DROP TRIGGER refuse_delete_of_ruling{on_table}"))
    before = counted(engine)
    with writing(engine) as session:
        session.execute(update(Video).values(title="unseen"))
    assert counted(engine) == before
    move(engine, command.upgrade, "head")
    assert triggers(engine) == all_of_them
    assert changed(before, counted(engine)) >= {"video", "label"}


def test_an_older_version_counts_nothing_and_goes_on_to_be_written(engine: Engine) -> None:
    move(engine, command.downgrade, "0022")
    assert not {name for name in triggers(engine) if name.startswith("count_")}
    with writing(engine) as session:
        session.execute(update(Video).values(title="older"))
    move(engine, command.upgrade, "head")
    with writing(engine) as session:
        session.execute(update(Label).values(is_retired=True))
    assert changed(dict.fromkeys(COUNTED, 0), counted(engine)) == {"label"}


def test_what_is_no_table_is_counted_by_its_name(engine: Engine) -> None:
    for number in (1, 2):
        with writing(engine) as session:
            note_change(session, "rows of match")
        with reading(engine) as session:
            assert changes(session, ["rows of match", "unheard of"]) == {"rows of match": number}
