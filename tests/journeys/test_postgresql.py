"""The whole way on PostgreSQL gives the release that SQLite gives, also after a long time."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import delete, func, inspect, select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Base, Release
from kinetics_builder.workspace import Workspace
from pipelines.collecting.collect import collect
from tests.database.test_kinds import move


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.of_sqlite  # with which the server is compared
def test_both_databases_give_the_same_release(
    tmp_path: Path,
    workspace: Workspace,
    classes: Path,
    videos: Path,
    finish: Callable[[Workspace], Path],
    postgresql: Callable[[str], str],
) -> None:
    settings = (workspace.root / "kbuild.toml").read_text(encoding="utf-8")
    address = postgresql("journey")
    server = Workspace.create(tmp_path / "server", f'database = "{address}"\n{settings}')
    releases = []
    for place in (workspace, server):
        collect(place, classes, f"folder:{videos}")
        releases.append(contents(finish(place)))
    server.engine.dispose()
    assert len(releases[0]) > 10
    assert releases[0] == releases[1]
    assert not list(server.root.glob("*.sqlite*"))


@pytest.mark.on_both(is_long=True)
def test_a_database_of_long_ago_goes_on_with_all_that_people_said(
    tmp_path: Path,
    workspace: Workspace,
    classes: Path,
    videos: Path,
    finish: Callable[[Workspace], Path],
) -> None:
    """As version 0020 had it: what came later goes, comes again empty, and is made again."""
    few = tmp_path / "few"
    few.mkdir()
    for number in range(4):
        shutil.copy(next(videos.glob(f"* {number}.mp4")), few)
    collect(workspace, classes, f"folder:{few}")
    before, numbers = contents(finish(workspace)), num_rows(workspace)
    move(workspace.engine, command.downgrade, "0020")
    then = set(inspect(workspace.engine).get_table_names())
    move(workspace.engine, command.upgrade, "head")
    assert {name: number for name, number in num_rows(workspace).items() if name in then} == {
        name: number for name, number in numbers.items() if name in then
    }
    shutil.rmtree(workspace.root / "releases")
    reopened = Workspace.open(workspace.root)
    collect(reopened, classes, f"folder:{few}")
    with writing(reopened.engine) as session:
        session.execute(delete(Release))
    after, told = contents(finish(reopened)), {"README.md", "croissant.json", "SHA256SUMS"}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= told, (
        "all but what was looked for of cuts, which nobody noted then"
    )


def num_rows(workspace: Workspace) -> dict[str, int]:
    with reading(workspace.engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
