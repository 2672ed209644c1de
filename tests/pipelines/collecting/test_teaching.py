"""`kbuild train-matcher`: from decisions to lessons, and from lessons to candidates."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    Decision,
    Label,
    Method,
    Verdict,
    Video,
)
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.lessons import Lessons
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.collecting import match
from pipelines.running.runner import run_stage

SCORED = '[match]\nmode = "scored"\n'
NAMES = ("playing trombone", "playing flute")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "w", SCORED)
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name=name) for name in NAMES])
        for number in range(30):
            add(session, f"f{number}", f"flute cover, take {number}")
    return workspace


def add(session: Any, video_id: str, title: str) -> Video:
    video = Video(video_id=video_id, source="search:x", url=f"https://x/{video_id}", title=title)
    session.add(video)
    return video


def decide(session: Any, video: Video, name: str, *verdicts: Verdict) -> None:
    label = session.scalars(select(Label).where(Label.name == name)).one()
    for start, verdict in enumerate(verdicts):
        clip = Clip(
            video=video,
            label=label,
            start_seconds=float(start),
            end_seconds=start + 10.0,
            method=Method.MOTION,
            score=1.0,
            rank=start,
        )
        counts = dict.fromkeys(("num_yes", "num_no", "num_unsure", "num_bad", "num_set_aside"), 0)
        decision = Decision(clip=clip, verdict=verdict, lasts_whole_clip=False, **counts)
        session.add_all([clip, decision])


def call(workspace: Workspace, *arguments: str) -> Any:
    return CliRunner().invoke(group, ["-C", str(workspace.root), *arguments])


def test_accepted_objects_become_matches_and_equal_decisions_equal_files(
    workspace: Workspace,
) -> None:
    with writing(workspace.engine) as session:
        for number in range(40):
            video = add(session, f"t{number}", f"trombone solo of evening {number}")
            decide(session, video, NAMES[0], Verdict.REJECTED, Verdict.ACCEPTED, Verdict.OPEN)
        decide(session, add(session, "o", "trombone?"), NAMES[0], Verdict.OPEN)
        decide(session, add(session, "r", "trombone for sale"), NAMES[0], Verdict.REJECTED)
    said = call(workspace, "train-matcher", "--json")
    report = json.loads(said.stdout)
    assert (report["num_accepted"], report["num_rejected"]) == (40, 1)
    assert report["untaught"] == {"num_accepted": 0, "num_rejected": 0}
    assert report["taught"]["num_accepted"] == 40
    file = workspace.root / "title_lessons.json"
    assert report["file"] == str(file)
    assert Lessons.read(file).evidence["OBJECT"].accepted == 40
    assert call(workspace, "train-matcher", "--out", str(workspace.root / "again")).exit_code == 0
    assert file.read_bytes() == (workspace.root / "again").read_bytes()

    run_stage(workspace, match.stage(workspace))
    assert candidates(workspace) == set()
    (workspace.root / "kbuild.toml").write_text(f'{SCORED}lessons = "title_lessons.json"\n')
    taught = Workspace.open(workspace.root)
    run_stage(taught, match.stage(taught))
    assert ("f3", "playing flute") in candidates(taught)
    assert run_stage(taught, match.stage(taught)).num_new == 0
    assert "trombone; trombone solo" in call(taught, "queries").output


def test_without_decisions_nothing_is_learnt_and_nothing_written(workspace: Workspace) -> None:
    said = call(workspace, "train-matcher")
    assert said.exit_code == 1
    assert "found no decided clips. Run `kbuild annotate` first" in said.output
    assert not (workspace.root / "title_lessons.json").exists()


def candidates(workspace: Workspace) -> set[tuple[str, str]]:
    with reading(workspace.engine) as session:
        return {(c.video.video_id, c.label.name) for c in session.scalars(select(Candidate))}
