"""The same rows and rules on PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, cast, func, inspect, literal, select
from sqlalchemy.exc import IntegrityError

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Base, Item, Label, Setting, State
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.running.runner import run_stage
from pipelines.running.stage import Stage, one_by_one


@pytest.fixture(scope="module")
def workspace(postgresql: Callable[[str], str], tmp_path_factory) -> Iterator[Workspace]:
    root = tmp_path_factory.mktemp("postgresql") / "workspace"
    workspace = Workspace.create(root, f'database = "{postgresql("rules")}"\n[run]\nworkers = 2\n')
    yield workspace
    workspace.engine.dispose()


def test_the_migrations_make_exactly_the_tables(workspace: Workspace) -> None:
    with workspace.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_what_must_never_happen_twice_does_not(workspace: Workspace) -> None:
    with pytest.raises(IntegrityError), writing(workspace.engine) as session:
        session.add_all([Label(name="waving"), Label(name="waving")])
    with reading(workspace.engine) as session:
        assert session.scalar(select(func.count(Label.id))) == 0


@pytest.mark.parametrize("table", [t for t in Base.metadata.sorted_tables if "bytes" in t.c])
def test_a_film_of_any_size_is_a_row(workspace: Workspace, table: Table) -> None:
    (kind,) = [
        column["type"]
        for column in inspect(workspace.engine).get_columns(table.name)
        if column["name"] == "bytes"
    ]
    with workspace.engine.connect() as connection:
        large = 4 * 10**9  # as films.max_megabytes lets through
        assert connection.scalar(select(cast(literal(large), kind))) == large


def test_writers_take_turns(workspace: Workspace) -> None:
    def count_up() -> None:
        for _ in range(20):
            with writing(workspace.engine) as session:
                row = session.get(Setting, "count") or Setting(key="count", value="0")
                row.value = str(int(row.value) + 1)
                session.add(row)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(workspace.engine) as session:
        assert session.get_one(Setting, "count").value == "80"


def double(number: int) -> int:
    return 2 * number


def test_a_stage_runs_and_a_second_run_does_nothing(workspace: Workspace) -> None:
    stage = Stage(
        name="double",
        needs="",
        what="numbers",
        settings_hash="first",
        items=lambda _session, _page: [(str(n), n) for n in range(20)],
        work=double,
        save=one_by_one(lambda session, item, result: None),
    )
    assert run_stage(workspace, stage).num_new == 20
    assert run_stage(workspace, stage).num_new == 0
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(Item.state))) == {State.DONE}


def test_a_server_that_does_not_answer_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"does not answer|Check `database`"):
        open_database("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
