"""Stage download, and the way from a folder of real files to media rows."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Media, State, Video
from kinetics_builder.errors import StageOrderError, WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines import files
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.collecting import download
from pipelines.collecting.classes import remember
from pipelines.collecting.match import stage as match_stage
from pipelines.collecting.search import stage as search_stage
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage
from pipelines.running.stage import Stage


@pytest.fixture
def folder(shared: Path, tmp_path: Path) -> Path:
    """Two real videos, a sound, a text that says it is a video."""
    root = tmp_path / "source"
    root.mkdir()
    for name in ("odd/video_90.mov", "odd/test.wav", "actions/SOX5yA1l24A.mp4"):
        (root / Path(name).name).write_bytes((shared / "videos" / name).read_bytes())
    (root / "lie.mp4").write_text("<html>not a video</html>")
    for file in list(root.iterdir()):
        info = {"title": "waving hand", "uploader": "me", "upload_date": "20200131"}
        file.with_suffix(".info.json").write_text(json.dumps(info))
    return root


@pytest.fixture
def workspace(folder: Path, tmp_path: Path) -> Workspace:
    from kinetics_builder.text.class_list.entries import ClassEntry

    workspace = Workspace.create(tmp_path / "workspace", "[run]\nworkers = 1\n")
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="waving hand")])
        remember(session, folder / "classes.txt", f"folder:{folder}", None)
    for stage in (search_stage(workspace), match_stage(workspace)):
        run_here(workspace, stage)
    return workspace


def run_here(workspace: Workspace, stage: Stage[object, object]) -> StageReport:
    return run_stage(workspace, replace(stage, in_children=False))


def media(workspace: Workspace) -> dict[str, Media]:
    with reading(workspace.engine) as session:
        rows = session.execute(select(Video.video_id, Media).join(Media)).all()
        session.expunge_all()
    return {video_id.partition("-")[0]: row for video_id, row in rows}


def test_every_file_ends_as_media_or_with_a_reason(workspace: Workspace, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    report = run_stage(workspace, download.stage(workspace))
    assert report.num_done == 2
    assert report.failures == {"broken": 1, "no video": 1}
    found = media(workspace)
    assert set(found) == {"video_90", "SOX5yA1l24A"}
    row = found["SOX5yA1l24A"]
    content = (workspace.root / row.file).read_bytes()
    assert row.file == "media/SOX5yA1l24A.mp4"
    assert (row.bytes, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (row.uploader, row.upload_date) == ("me", "2020-01-31")
    assert row.duration_seconds > 5
    assert found["video_90"].width != found["video_90"].height
    assert {path.name for path in workspace.media.iterdir()} == {
        Path(row.file).name for row in found.values()
    }
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert run_stage(workspace, download.stage(workspace)).num_new == 0


def test_limits_are_reasons_and_new_limits_are_tried(workspace: Workspace) -> None:
    def under(**limits: float) -> dict[str, int]:
        config = replace(workspace.config, download=DownloadConfig(**limits))  # type: ignore[arg-type]
        return run_here(workspace, download.stage(Workspace(workspace.root, config))).failures

    first = under(max_duration_seconds=0.05)
    assert first["too long"] == 2
    # what no limit has stopped failed for a reason of its own, which stays
    others = {reason: number for reason, number in first.items() if reason != "too long"}
    assert under(max_megabytes=0.000001) == {**others, "too large": 2}
    assert not {"too long", "too large"} & under().keys()


def test_a_full_disk_stops_in_one_line_and_leaves_nothing_half_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "sync", refuse)
    with pytest.raises(WorkspaceError, match="the disk is full"):
        run_here(workspace, download.stage(workspace))
    assert media(workspace) == {}
    assert [path.name for path in workspace.media.iterdir()] == [".part"]
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item).where(Item.stage == "download"))
        assert State.RUNNING not in {row.state for row in rows}
    monkeypatch.undo()
    assert run_here(workspace, download.stage(workspace)).num_done == 2
    assert ".part" not in {path.name for path in workspace.media.iterdir()}


def test_a_file_of_another_type_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    for name in ("a.mkv", "a-b.mp4"):
        (tmp_path / name).write_text(name)
    (tmp_path / "new").write_text("new")
    files.publish_file(tmp_path / "new", tmp_path / "a.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-b.mp4", "a.mp4"]


def test_without_candidates_the_next_step_is_named(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "empty")
    with pytest.raises(StageOrderError, match="Run `kbuild match` first"):
        run_stage(workspace, download.stage(workspace))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--classes", "none.txt"], "none.txt: no such file"),
        (["--classes", "classes.txt", "--source", "ftp:x"], "--source 'ftp:x' is no source"),
        (["--classes", "classes.txt", "--source", "folder:none"], "none: no such folder"),
        (["--classes", "classes.txt", "--source", "folder:empty"], "empty: no video files"),
        (["--classes", "classes.txt", "--source", "folder:titles"], "Add queries or synonyms"),
    ],
)
def test_collect_says_in_one_line_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("classes.txt").write_text("waving hand\n")
    for name in ("empty", "titles"):
        Path(name).mkdir()
    Path("titles", "something else.mp4").write_bytes(b"x")
    Workspace.create(tmp_path, "[run]\nworkers = 1\n")
    result = CliRunner().invoke(group, ["collect", *arguments])
    assert result.exit_code == 1
    last = result.output.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert message in last


def test_an_id_of_a_strangers_database_leads_nowhere(workspace: Workspace, tmp_path: Path) -> None:
    """Such an id would be a folder to write into, and to remove when the video is refused."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "diary.txt").write_text("dear diary")
    with writing(workspace.engine) as session:
        for number, video in enumerate(session.scalars(select(Video).order_by(Video.id))):
            video.video_id = f"../../../precious/{'.' * number}"
    report = run_here(workspace, download.stage(workspace))
    assert (report.num_done, report.failures) == (0, {"other": 4})
    assert [path.name for path in precious.iterdir()] == ["diary.txt"]
    with reading(workspace.engine) as session:
        messages = set(session.scalars(select(Item.message).where(Item.stage == "download")))
    assert all("is no name of a file" in message for message in messages)
