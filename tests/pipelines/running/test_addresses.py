"""What failed at an address is tried anew once that address may be asked, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, State
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.ava import download as ava_download
from pipelines.ava import search as ava_search
from pipelines.collecting import download, search
from pipelines.running.stage import Stage

MakeStage = Callable[[Workspace], Stage[Any, Any]]
NAMED = '[download]\nallow_private = ["films.lan"]\n'


@pytest.fixture(params=[search, download, ava_search, ava_download], ids=lambda m: m.__name__)
def make_stage(request: pytest.FixtureRequest) -> MakeStage:
    make: MakeStage = request.param.stage
    return make


def with_settings(root: Path, settings: str) -> Workspace:
    (root / "kbuild.toml").write_text(settings)
    return Workspace.open(root)


def begin(workspace: Workspace, make_stage: MakeStage) -> None:
    before = make_stage(workspace).before
    assert before is not None
    before()


def fail(workspace: Workspace, stage: Stage[Any, Any]) -> None:
    rows = {
        "of films.lan": (State.FAILED, Reason.UNSAFE_ADDRESS),
        "removed": (State.FAILED, Reason.REMOVED),
        "here": (State.DONE, None),
    }
    with writing(workspace.engine) as session:
        for key, (state, reason) in rows.items():
            session.merge(
                Item(
                    stage=stage.name,
                    key=key,
                    settings_hash=stage.settings_hash,
                    state=state,
                    reason=reason,
                )
            )


def keys(workspace: Workspace, stage: Stage[Any, Any]) -> set[str]:
    with reading(workspace.engine) as session:
        return set(session.scalars(select(Item.key).where(Item.stage == stage.name)))


def test_an_address_that_is_allowed_now_is_asked_and_nothing_else(
    tmp_path: Path, make_stage: MakeStage
) -> None:
    root = tmp_path / "workspace"
    workspace = Workspace.create(root, "")
    stage = make_stage(workspace)
    begin(workspace, make_stage)
    fail(workspace, stage)
    begin(workspace, make_stage)
    assert keys(workspace, stage) == {"of films.lan", "removed", "here"}
    allowing = with_settings(root, NAMED)
    begin(allowing, make_stage)
    assert keys(allowing, stage) == {"removed", "here"}
    fail(allowing, stage)
    begin(allowing, make_stage)
    assert keys(allowing, stage) == {"of films.lan", "removed", "here"}


def test_an_address_that_was_refused_before_this_was_noted_is_asked(
    tmp_path: Path, make_stage: MakeStage
) -> None:
    workspace = Workspace.create(tmp_path / "workspace", NAMED)
    stage = make_stage(workspace)
    fail(workspace, stage)
    begin(workspace, make_stage)
    assert keys(workspace, stage) == {"removed", "here"}
