"""Databases that cannot be used: one line that says what was found and what to do."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.database import schema
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Base, Item, Label, Setting, State
from kinetics_builder.errors import KbuildError, WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group

NAME = "kbuild.sqlite"
PAGE = 4096


def run_sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def complaint(folder: Path) -> str:
    with pytest.raises(WorkspaceError) as error:
        open_database(NAME, folder)
    return str(error.value)


def test_tables_of_another_program_are_left_alone(tmp_path: Path) -> None:
    run_sql(tmp_path / NAME, "CREATE TABLE label (colour TEXT)", "CREATE TABLE item (price REAL)")
    assert "holds another program's tables (item, label). Nothing was written" in complaint(
        tmp_path
    )
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert names == {"label", "item"}


@pytest.mark.parametrize("version", [schema.HEAD, "0001", "ae1027a6acf2"])
def test_so_are_those_of_one_that_numbers_its_versions_too(tmp_path: Path, version: str) -> None:
    run_sql(
        tmp_path / NAME,
        "CREATE TABLE label (colour TEXT)",
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        f"INSERT INTO alembic_version VALUES ('{version}')",
    )
    assert "holds another program's tables (alembic_version, label)" in complaint(tmp_path)


def test_another_programs_tables_in_postgresql(
    postgresql: Callable[..., str], tmp_path: Path
) -> None:
    address = postgresql("foreign_tables", "template0")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE label (colour TEXT)")
    with pytest.raises(WorkspaceError, match=r"another program's tables \(label\)"):
        open_database(address, tmp_path)
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == [("label",)]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param(
            "UPDATE alembic_version SET version_num = '9999'",
            f"written by a newer kbuild: its tables are of version 9999, this one knows up to "
            f"{schema.HEAD}. Upgrade it",
            id="a newer version",
        ),
        pytest.param(
            "DELETE FROM alembic_version",
            "the version of its tables is missing",
            id="no version",
        ),
        pytest.param(
            "DROP TABLE alembic_version",
            "the version of its tables is missing",
            id="no table of the version",
        ),
        pytest.param(
            "DROP TABLE class_edit",
            "has lost the tables class_edit. Restore a backup",
            id="a lost table",
        ),
    ],
)
def test_a_schema_that_is_not_this_programs(tmp_path: Path, statement: str, message: str) -> None:
    open_database(NAME, tmp_path).dispose()
    run_sql(tmp_path / NAME, statement)
    assert message in complaint(tmp_path)


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose database is some fifty pages long."""
    workspace = Workspace.create(tmp_path / "workspace")
    with writing(workspace.engine) as session:
        for number in range(300):
            session.add(Label(name=f"label {number}"))
            session.add(Setting(key=f"key {number}", value="v" * 200))
            row = Item(stage="download", key=f"item {number}", settings_hash="x", attempts=1)
            row.state = State.DONE
            session.add(row)
    workspace.engine.dispose()
    yield workspace


def read_all(folder: Path) -> None:
    with reading(open_database(NAME, folder)) as session:
        for mapper in Base.registry.mappers:
            session.scalars(select(mapper.class_)).all()


def wreck_each_page(data: bytes, filling: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 3 * PAGE):
        yield data[:start] + filling + data[start + PAGE :]


@pytest.mark.few("noise")
@pytest.mark.parametrize(
    "filling", [bytes(PAGE), bytes(range(256)) * 16, b""], ids=["zeros", "noise", "nothing"]
)
def test_a_damaged_page_is_no_traceback(filled: Workspace, filling: bytes) -> None:
    path, num_told = filled.root / NAME, 0
    for data in wreck_each_page(path.read_bytes(), filling):
        path.write_bytes(data)
        try:
            read_all(filled.root)
        except KbuildError as error:
            assert re.search(r"is damaged \(.*\)\. Restore a backup|is no database", str(error))
            num_told += 1
    assert num_told > 5


def test_the_command_says_it_in_one_line(filled: Workspace) -> None:
    path = filled.root / NAME
    data = bytearray(path.read_bytes())
    data[PAGE:] = bytes(len(data) - PAGE)
    path.write_bytes(data)
    result = CliRunner().invoke(group, ["-C", str(filled.root), "status"])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {path}: the database is damaged (")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "UPDATE item SET state = 'dome' WHERE key = 'item 7'", id="a state that is none"
        ),
        pytest.param("UPDATE item SET message = CAST(x'ff' AS TEXT)", id="bytes that are no text"),
    ],
)
def test_a_cell_that_lost_its_meaning_is_damage(filled: Workspace, statement: str) -> None:
    run_sql(filled.root / NAME, statement)
    with pytest.raises(WorkspaceError, match="the database is damaged"):
        read_all(filled.root)


def test_so_is_a_list_that_is_cut_off(filled: Workspace) -> None:
    row = "INSERT INTO frame_scores (candidate_id, method, times_seconds, scores)"
    run_sql(filled.root / NAME, f"{row} VALUES (1, 'motion', '[0.5, 1', '[]')")
    with pytest.raises(WorkspaceError, match="the database is damaged"):
        read_all(filled.root)


def test_the_programs_own_errors_keep_their_traceback(filled: Workspace) -> None:
    for wrong in ({}.__getitem__, lambda key: b"\xff".decode()):
        with pytest.raises((KeyError, UnicodeDecodeError)), reading(filled.engine):
            wrong("missing")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("mysql://me:secret@host/db", "mysql:// is not supported", id="MySQL"),
        pytest.param("sqlite:///kbuild.sqlite", "sqlite:// is not supported", id="SQLite's URL"),
        pytest.param("http://me:secret@host/db", "http:// is not supported", id="no database"),
        pytest.param("postgresql://me:secret@host:5four/db", "cannot be read", id="a port"),
        pytest.param("postgresql://me:p@sec@host/db", "cannot be read", id="an @ in it"),
        pytest.param("://me:secret@host/db", "cannot be read", id="no scheme"),
    ],
)
def test_an_address_that_is_none_says_what_is_one(
    tmp_path: Path, address: str, message: str
) -> None:
    with pytest.raises(WorkspaceError) as error:
        open_database(address, tmp_path)
    assert message in str(error.value)
    told = str(error.value)
    assert "Give a file name for SQLite, or postgresql://user@host:5432/name." in told
    assert "sec" not in told and "ret" not in told


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:s3cr3t@127.0.0.1:1/db",
        "postgres://me:s3cr3t@127.0.0.1:1/db",
        "postgresql+psycopg2://me:s3cr3t@127.0.0.1:1/db",
        "postgresql://me@127.0.0.1:1/db?password=s3cr3t",
        "postgresql://me:s3cr3t@/db?host=/no/such/folder",
        "postgresql://me:s3cr3t@127.0.0.1:1/db?sslmode=nonsense",
        "postgresql://me:s3cr3t@127.0.0.1:1/db?no_such_option=1",
        "postgresql://me:p%40s3cr3t@127.0.0.1:1/db",
        "postgresql://me:p/s3cr3t@127.0.0.1:1/db",
    ],
)
def test_a_password_is_in_no_message(tmp_path: Path, address: str) -> None:
    with pytest.raises(WorkspaceError) as error:
        open_database(address, tmp_path)
    assert "s3cr3t" not in str(error.value)
    assert "127.0.0.1" in str(error.value) or "/no/such/folder" in str(error.value)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("label,youtube_id\n" * 100)
    assert re.search(r"kbuild\.sqlite: this file is no database", complaint(tmp_path))


def test_a_database_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"cannot be written\. Check its permissions"):
        open_database("missing/kbuild.sqlite", tmp_path)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    assert "kbuild.sqlite: " in complaint(tmp_path)
