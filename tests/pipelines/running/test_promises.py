"""Every file that rows promise is looked at when a stage begins."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Label, Media, ReleasedFile, ReleasedStretch, Video
from kinetics_builder.files import FileMark, Keeping
from kinetics_builder.workspace import Workspace
from pipelines.running.paging import Paging
from pipelines.running.promises import glance, inspect
from pipelines.running.stage import Stage
from pipelines.stages import build_stage

NUM_FILES = 12


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with downloaded videos."""
    workspace = Workspace.create(tmp_path / "workspace")
    with writing(workspace.engine) as session:
        session.add_all([Label(id=1, name="yoga"), ReleasedFile(id=1, path="x.csv", version="1")])
        for n in range(1, NUM_FILES + 1):
            path = workspace.media / f"v{n:02}.mp4"
            path.write_bytes(b"film" * n)
            mark = FileMark.of(path)
            session.add(Video(id=n, video_id=f"v{n:02}", source="x", url="y", title="z"))
            session.flush()
            session.add(ReleasedStretch(file_id=1, video_id=n))
            known = {"bytes": mark.bytes, "sha256": mark.sha256, "modified_ns": mark.modified_ns}
            seen = {"width": 2, "height": 2, "frames_per_second": 25.0, "duration_seconds": 60.0}
            also: dict[str, Any] = {"has_audio": True, "codec": ""}
            row = {"video_id": n, "file": f"media/{path.name}"} | known | seen | also
            session.execute(insert(Media), [row])
    return workspace


def stage_of(workspace: Workspace) -> Stage[Any, Any]:
    stage = build_stage("download", workspace)
    assert stage.paging is not None
    return replace(stage, paging=Paging(Video.video_id, reads=stage.paging.reads, num_names=5))


def remove(path: Path) -> None:
    path.unlink()


def shorten(path: Path) -> None:
    path.write_bytes(b"x")


def write_over(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)
    os.utime(path, ns=(1, 1))


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize(
    ("harm", "keeping"),
    [
        (remove, Keeping.MISSING),
        (shorten, Keeping.CHANGED),
        (write_over, Keeping.CHANGED),
        (make_a_folder, Keeping.CHANGED),
        (touch, None),
    ],
)
def test_every_file_is_looked_at(
    workspace: Workspace, harm: Callable[[Path], None], keeping: Keeping | None
) -> None:
    stage, places = stage_of(workspace), (1, 5, 12)
    assert glance(workspace, stage) == []
    for n in places:
        harm(workspace.media / f"v{n:02}.mp4")
    found = glance(workspace, stage)
    assert found == inspect(workspace, stage).broken
    broken = {one.promise.key: one.keeping for one in found}
    assert broken == ({f"v{n:02}": keeping for n in places} if keeping else {})


def test_a_folder_that_is_gone_is_every_file_gone(workspace: Workspace) -> None:
    workspace.media.rename(workspace.root / "elsewhere")
    assert len(glance(workspace, stage_of(workspace))) == NUM_FILES


def test_rows_are_asked_whose_a_file_is_on_its_page_alone(workspace: Workspace) -> None:
    stage, asked = stage_of(workspace), []
    whole = stage.promises
    assert whole is not None

    def promises(session: Any, page: Any) -> Any:
        asked.append(page.first)
        return whole(session, page)

    (workspace.media / "v08.mp4").unlink()
    (found,) = glance(workspace, replace(stage, promises=promises))
    assert (found.promise.key, asked) == ("v08", ["v06"])


def test_a_row_older_than_noted_times_is_believed_by_its_size(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        session.execute(update(Media).values(modified_ns=None))
    assert glance(workspace, stage_of(workspace)) == []
    (workspace.media / "v03.mp4").write_bytes(b"")
    (found,) = glance(workspace, stage_of(workspace))
    assert found.keeping is Keeping.CHANGED
