"""The database: constraints, writers, migrations, errors for people."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from kinetics_builder.database import schema
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Answer, Base, Gold, Label, Setting


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    engine = open_database("kbuild.sqlite", tmp_path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_head_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(schema.VERSIONS)


def test_all_of_a_block_is_written_or_none_of_it(tmp_path: Path) -> None:
    engine = open_database("kbuild.sqlite", tmp_path)
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(Label(name="waving"))
        session.flush()
        session.add(Label(name="waving"))
    with reading(engine) as session:
        assert session.scalar(select(func.count(Label.id))) == 0


def test_foreign_keys_are_enforced(tmp_path: Path) -> None:
    engine = open_database("kbuild.sqlite", tmp_path)
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(Gold(clip_id=1, label_id=1, expected=Answer.YES))


def test_enums_are_stored_as_the_csvs_spell_them(tmp_path: Path) -> None:
    open_database("kbuild.sqlite", tmp_path)
    with sqlite3.connect(tmp_path / "kbuild.sqlite") as connection:
        columns = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'item'").fetchone()
    connection.close()
    assert "VARCHAR(20)" in columns[0]


def test_many_writers_wait_for_each_other(tmp_path: Path) -> None:
    engine = open_database("kbuild.sqlite", tmp_path)

    def count_up() -> None:
        for _ in range(20):
            with writing(engine) as session:
                row = session.get(Setting, "count") or Setting(key="count", value="0")
                row.value = str(int(row.value) + 1)
                session.add(row)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert session.get_one(Setting, "count").value == "80"
