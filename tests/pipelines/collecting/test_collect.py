"""The whole way from class names to tasks, on files that are odd in every way."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    Decision,
    Item,
    Label,
    State,
    TaskSlot,
    Verdict,
    Video,
)
from kinetics_builder.errors import ConfigError
from kinetics_builder.workspace import Workspace
from pipelines.classes.kept import class_list_of
from pipelines.cli import group
from pipelines.collecting.collect import collect as collect_from
from pipelines.inspecting.status import status

SETTINGS = """
[cut]
preset = "ultrafast"
short_side = 64
"""
CLASSES = "waving hand\ncarving ice | ice carving | arts\n"


@pytest.fixture
def folder(shared: Path, tmp_path: Path) -> Path:
    """Every odd file, with a title that names a class, and one that names none."""
    root = tmp_path / "odd"
    root.mkdir()
    for number, file in enumerate(sorted((shared / "videos" / "odd").iterdir())):
        (root / file.name).write_bytes(file.read_bytes())
        title = ("a waving hand", "Ice carving!")[number % 2]
        info = {"title": title if file.suffix != ".webm" else "untitled"}
        (root / f"{file.name}.info.json").write_text(json.dumps(info))
    return root


def collect(workspace: Workspace, folder: Path, *arguments: str) -> Any:
    (workspace.root / "classes.txt").write_text(CLASSES)
    result = CliRunner().invoke(
        group,
        [
            *("-C", str(workspace.root), "collect"),
            *("--classes", str(workspace.root / "classes.txt")),
            *("--source", f"folder:{folder}", "--json", *arguments),
        ],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('mode = "embedded"', r"pip install 'kinetics-builder\[embeddings\]'"),
        ('mode = "scored"\nlessons = "none.json"', "match.lessons names this file"),
    ],
)
def test_a_match_that_cannot_be_had_is_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, told: str
) -> None:
    monkeypatch.setattr("kinetics_builder.text.matching.embedded.find_spec", lambda _: None)
    workspace = Workspace.create(tmp_path / "w", f"[match]\n{settings}\n")
    classes = tmp_path / "classes.txt"
    classes.write_text(CLASSES)
    with pytest.raises(ConfigError, match=told):
        collect_from(workspace, classes, f"folder:{tmp_path}")
    with reading(workspace.engine) as session:
        assert session.scalars(select(Label)).all() == []


def endings(workspace: Workspace) -> dict[str, str]:
    """Return for each video "clips" or why there are none."""
    with reading(workspace.engine) as session:
        failed = session.execute(
            select(Item.key, Item.stage, Item.reason).where(Item.state == State.FAILED)
        ).all()
        cut = select(Clip.video_id).join(ClipFile, ClipFile.clip_id == Clip.id)
        ends = {}
        for video in session.scalars(select(Video)):
            reasons = [f"{f.stage}: {f.reason.value}" for f in failed if video.video_id in f.key]
            has_clips = session.scalar(cut.where(Clip.video_id == video.id).limit(1)) is not None
            ends[Path(video.url).name] = "clips" if has_clips else " ".join(reasons)
    return ends


def test_every_odd_file_ends_as_clips_or_as_a_row_with_a_reason(
    tmp_path: Path, folder: Path
) -> None:
    workspace = Workspace.create(tmp_path / "workspace", SETTINGS)
    report = collect(workspace, folder)
    ends = endings(workspace)
    assert set(ends) == {file.name for file in folder.iterdir() if file.suffix != ".json"}
    assert all(ends.values()), ends
    assert ends["test.wav"] == ends["nasa_13013.mp4.audio.mp3"] == "download: no video"
    assert ends["testsrc2_vp9.webm"] == "match: no title match"
    for name in ("av1_video.mkv", "corrupted.mp4", "h265_10bits.mp4", "var_fps_video.mp4"):
        assert ends[name] == "clips"
    assert [stage["stage"] for stage in report["stages"]][:3] == ["search", "match", "download"]
    assert report["assign"]["num_questions"] > 0
    again = collect(workspace, folder)
    assert sum(stage["num_new"] for stage in again["stages"]) == 0
    assert again["assign"]["num_tasks"] == 0
    assert again["next"] == status(workspace).next
    assert again["next"].startswith("`kbuild annotate --invite 5`")
    with writing(workspace.engine) as session:
        nos = {"num_yes": 0, "num_no": 3, "num_unsure": 0, "num_bad": 0, "num_set_aside": 0}
        asked = session.scalars(select(TaskSlot.clip_id).distinct()).all()
        for clip_id in asked:
            decision = Decision(clip_id=clip_id, verdict=Verdict.REJECTED, **nos)
            decision.lasts_whole_clip = False
            session.add(decision)
    following = collect(workspace, folder)["next"]
    assert following == status(workspace).next
    assert not following.startswith("`kbuild annotate"), "all is decided"
    with reading(workspace.engine) as session:
        assert {entry.groups for entry in class_list_of(session).classes} == {(), ("arts",)}
