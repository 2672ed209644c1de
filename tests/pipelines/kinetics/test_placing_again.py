"""Clips are placed anew when something is known that was not known before, and else not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from benchmarks.large_workspace import fill
from kinetics_builder.config import DeduplicateConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Clip,
    ClipPlace,
    Label,
    Media,
    OlderClip,
    PairWord,
    Standing,
)
from kinetics_builder.workspace import Workspace
from pipelines.kinetics import placing
from pipelines.kinetics.candidates import Block
from pipelines.kinetics.deduplicate import _save
from pipelines.kinetics.placing import place
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage

pytestmark = pytest.mark.of_sqlite  # whose own words make the rows, at once


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "workspace")
    fill(made, 40)
    return made


@pytest.fixture
def num_placed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Say how often all clips were placed."""
    whole, calls = placing._place_all, list[DeduplicateConfig]()

    def counting(session: Session, config: DeduplicateConfig) -> None:
        calls.append(config)
        whole(session, config)

    monkeypatch.setattr(placing, "_place_all", counting)
    return lambda: len(calls)


def test_a_run_with_nothing_to_do_places_nothing(
    workspace: Workspace, num_placed: Callable[[], int]
) -> None:
    for _ in range(2):
        assert run_stage(workspace, build_stage("deduplicate", workspace)).num_new == 0
    assert num_placed() == 0
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(ClipPlace.standing))) == {Standing.KEPT}


def say_same(session: Session) -> None:
    session.add(PairWord(one="v1", other="v2", is_same=True))


def know_an_older_one(session: Session) -> None:
    session.add(OlderClip(dataset="old", name="v1", video_id="v1", file="", sha256=""))


def compare(session: Session) -> None:
    _save(session, Block("some clips", (1,)), [])


CHANGES: dict[str, Callable[[Session], object]] = {
    "a clip that is withdrawn": lambda s: s.execute(
        update(Clip).where(Clip.id == 1).values(is_withdrawn=True)
    ),
    "a class that is retired": lambda s: s.execute(
        update(Label).where(Label.id == 1).values(is_retired=True)
    ),
    "a film that is another": lambda s: s.execute(
        update(Media).where(Media.video_id == 1).values(width=64)
    ),
    "a word about a pair": say_same,
    "a clip of another dataset": know_an_older_one,
    "a block that was compared": compare,
}


@pytest.mark.few("a clip of another dataset", "a word about a pair")
@pytest.mark.parametrize("what", CHANGES)
def test_clips_are_placed_anew_once_something_else_is_known(
    workspace: Workspace, num_placed: Callable[[], int], what: str
) -> None:
    for _ in range(2):
        with writing(workspace.engine) as session:
            if not num_placed():
                CHANGES[what](session)
            place(session, config=workspace.config.deduplicate)
    assert num_placed() == 1


def test_clips_are_placed_anew_under_other_settings(
    workspace: Workspace, num_placed: Callable[[], int]
) -> None:
    for most in (2, 2, 1):
        with writing(workspace.engine) as session:
            place(session, config=DeduplicateConfig(max_per_video=most))
    assert num_placed() == 2
