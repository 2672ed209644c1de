"""What the owner does by commands is told, and nothing of it can be changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from kinetics_builder.crowd.acts import note_act
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Act, OwnerAct, Worker
from kinetics_builder.workspace import Workspace
from pipelines.cli import group


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two workers: ann and bob."""
    workspace = Workspace.create(tmp_path / "w")
    with writing(workspace.engine) as session:
        for number, name in enumerate(["ann", "bob"], start=1):
            session.add(Worker(id=number, name=name, code_hash=str(number)))
    return workspace


def run(workspace: Workspace, *words: str, code: int = 0) -> str:
    found = CliRunner().invoke(group, ["-C", str(workspace.root), *words])
    assert found.exit_code == code, found.output
    return found.output


def acts(workspace: Workspace) -> list[tuple[Any, ...]]:
    log = json.loads(run(workspace, "crowd", "log", "--json"))
    return [(one["act"], one["about"], one["why"], one["worker_id"]) for one in log]


def test_commands_about_workers_are_told_once_each(workspace) -> None:
    run(workspace, "annotate", "--invite", "2")
    run(workspace, "crowd", "revoke", "ann")
    run(workspace, "crowd", "readmit", "ann")
    run(workspace, "crowd", "exclude", "ann")
    run(workspace, "crowd", "join", "bob", "ann")
    run(workspace, "crowd", "reissue", "#3")
    run(workspace, "crowd", "reviewer", "Rae")
    run(workspace, "crowd", "reviewer", "Rae", "--revoke")
    assert acts(workspace)[::-1] == [
        ("made codes", "2 codes", "", None),
        ("revoked", "ann", "", 1),
        ("readmitted", "ann", "", 1),
        ("excluded", "ann", "", 1),
        ("joined", "ann", "is bob", 1),
        ("gave a new code", "#3", "", 3),
        ("let a reviewer in", "Rae", "", None),
        ("revoked a reviewer", "Rae", "", None),
    ]
    assert "owner, by command joined: ann (is bob)" in run(workspace, "crowd", "log")
    assert len(run(workspace, "crowd", "log", "--limit", "2").splitlines()) == 2


def test_what_is_refused_is_not_told(workspace) -> None:
    run(workspace, "crowd", "exclude", "zoe", code=1)
    run(workspace, "crowd", "reviewer", "Owner", code=1)
    run(workspace, "crowd", "reviewer", "zoe", "--revoke", code=1)
    run(workspace, "crowd", "join", "bob", "bob", code=1)
    assert "Nothing was done yet." in run(workspace, "crowd", "log")


def test_reviewers_are_listed(workspace) -> None:
    assert "kbuild crowd reviewer NAME" in run(workspace, "crowd", "reviewers")
    first = run(workspace, "crowd", "reviewer", "Rae").strip()
    second = json.loads(run(workspace, "crowd", "reviewer", "rae", "--json"))["code"]
    assert first != second
    run(workspace, "crowd", "reviewer", "Bo")
    run(workspace, "crowd", "reviewer", "bo", "--revoke")
    found = json.loads(run(workspace, "crowd", "reviewers", "--json"))
    assert found == [{"name": "Bo", "is_revoked": True}, {"name": "Rae", "is_revoked": False}]


@pytest.mark.on_both
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(update(OwnerAct).values(why="another"), id="change"),
        pytest.param(delete(OwnerAct), id="delete"),
        pytest.param(text("UPDATE owner_act SET acted_by = 'x'"), id="plain SQL"),
    ],
)
def test_the_database_refuses_to_change_what_was_done(workspace, change) -> None:
    with writing(workspace.engine) as session:
        note_act(session, Act.INVITED, "2 codes", why="they asked")
    with pytest.raises(DBAPIError, match="only ever added"), writing(workspace.engine) as session:
        session.execute(change)
    with reading(workspace.engine) as session:
        assert session.scalars(select(OwnerAct.why)).all() == ["they asked"]
