"""A database that was lost is told from one that is behind, also of large folders."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, insert

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Clip, ClipFile, Label, Media, Method, Video
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.unknown import list_folders, signs_of_loss, unknown_files

MANY = 900
_VIDEO: Any = Video.__table__


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with more files of videos and clips than are looked up one by one."""
    workspace = Workspace.create(tmp_path / "workspace")
    seen: dict[str, Any] = {"width": 2, "height": 2, "frames_per_second": 25.0, "bytes": 0}
    seen |= {"duration_seconds": 60.0, "sha256": "0"}
    numbers = range(1, MANY + 1)
    with writing(workspace.engine) as session:
        session.add(Label(id=1, name="yoga"))
        session.flush()
        listed = {"source": "x", "url": "y", "title": "z"}
        session.execute(
            insert(_VIDEO), [{"id": n, "video_id": f"v_{n}", **listed} for n in numbers]
        )
        media = [{"video_id": n, "file": f"media/v_{n}.mp4"} | seen for n in numbers]
        session.execute(insert(Media), [row | {"has_audio": True, "codec": ""} for row in media])
        place = {"label_id": 1, "start_seconds": 0.0, "end_seconds": 9.0, "rank": 0}
        clips = [{"id": n, "video_id": n, "method": Method.MOTION, "score": 1.0} for n in numbers]
        session.execute(insert(Clip), [row | place for row in clips])
        files = [{"clip_id": n, "file": f"clips/v_{n}_0_9.mp4"} | seen for n in numbers]
        session.execute(insert(ClipFile), [row | {"num_frames": 9} for row in files])
    workspace.clips.mkdir(exist_ok=True)
    for n in numbers:
        (workspace.media / f"v_{n}.mp4").touch()
        (workspace.clips / f"v_{n}_0_9.mp4").touch()
    return workspace


def signs(workspace: Workspace) -> list[str]:
    with reading(workspace.engine) as session:
        return signs_of_loss(session, list_folders(workspace.storage))


def forget_newest(workspace: Workspace, num_lost: int) -> None:
    """Delete the rows of the newest clips, as a write-ahead log that was lost leaves them."""
    with writing(workspace.engine) as session:
        last = MANY - num_lost
        session.execute(delete(ClipFile).where(ClipFile.clip_id > last))
        session.execute(delete(Clip).where(Clip.id > last))


@pytest.mark.of_sqlite  # whose plans do not change with what tables hold
def test_of_large_folders_that_are_known_some_names_are_looked_up(workspace: Workspace) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(
        workspace.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, values, *_: asked.append((statement, values)),
    )
    (workspace.media / "mine.mp4").touch()
    assert signs(workspace) == []
    assert unknown_files(workspace)["media"] == {"mine.mp4"}
    with reading(workspace.engine) as session:
        for statement, values in asked[:2]:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            assert "SCAN" not in " ".join(row[3] for row in plan)


@pytest.mark.parametrize(
    ("num_lost", "is_told"), [(180, False), (405, False), (495, True), (MANY, True)]
)
def test_more_files_than_rows_are_a_sign(
    workspace: Workspace, num_lost: int, is_told: bool
) -> None:
    forget_newest(workspace, num_lost)
    found = signs(workspace)
    assert bool(found) == is_told
    if is_told:
        assert f"{num_lost} of {MANY} in clips/" in found[0]
