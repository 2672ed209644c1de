"""Status and report: what they count, and that what people typed stays text."""

import re
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from sqlalchemy import select

from annotation_ui.owner.progress import read_progress
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    CuratedClip,
    Item,
    Split,
    Standing,
    State,
    Verdict,
    Vote,
)
from kinetics_builder.database.tables import Video as VideoRow
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.facts import (
    damaged_clips,
    funnel,
    votes_per_decision,
    worker_facts,
)
from pipelines.inspecting.faring.classes import class_farings
from pipelines.inspecting.pictures import strips
from pipelines.inspecting.reaching import Reaching
from pipelines.inspecting.report import write_report
from pipelines.inspecting.status import failures, status
from pipelines.inspecting.status_lines import status_lines
from pipelines.publishing.curating.curate import curate
from pipelines.running.paging import EVERYTHING
from pipelines.stages import build_stage
from pipelines.verifying.aggregate import aggregate

ONE_OF = r"1 (?:[a-z]+ )?(?:clips|videos|votes|questions|tasks|classes|boxes|items|proposals)\b"
HOSTILE = "<img src=x onerror=alert(1)>"


def write_video(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(0, 200, 10):
            picture = np.full((48, 64, 3), shade, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))


@pytest.fixture
def voted(workspace: Workspace, fill) -> Workspace:
    """Two labels, three clips; one accepted, one rejected, one open, one failed download."""

    def story(filler) -> None:
        good = filler.clip("video-a", "arm wrestling", score=0.9)
        bad = filler.clip("video-b", "arm wrestling")
        filler.clip("video-c", HOSTILE)
        filler.votes(good, (Answer.YES,) * 3)
        filler.votes(bad, (Answer.NO,) * 3)
        write_video(workspace.root / good.file.file)
        filler.session.add(CuratedClip(clip_id=good.id, label="arm wrestling", split=Split.TRAIN))
        filler.session.get(VideoRow, good.video_id).title = f"arm wrestling {HOSTILE}"

    fill(workspace, story)
    download = build_stage("download", workspace)
    with writing(workspace.engine) as session:
        aggregate(session, workspace.config.verify)
        key, _ = download.items(session, EVERYTHING)[0]
        session.add(
            Item(
                stage="download",
                key=key,
                settings_hash=download.settings_hash,
                state=State.FAILED,
                reason=Reason.PRIVATE,
                message=f"Private video {HOSTILE}",
                attempts=1,
            )
        )
    return workspace


def test_status_counts_rows_and_reasons(voted: Workspace) -> None:
    found = status(voted)
    assert found.counts["clips"] == 3
    assert found.counts["votes"] == 6
    assert found.verdicts == {"accepted": 1, "open": 0, "rejected": 1}
    stages = {stage.stage: stage for stage in found.stages}
    assert stages["download"].failures == {"private": 1}
    assert stages["download"].num_pending == stages["download"].num_items - 1
    assert [failure.reason for failure in failures(voted)] == ["private"]


def test_a_duplicate_asked_about_as_gold_is_counted_nowhere(workspace: Workspace, fill) -> None:
    """Whatever people say of it, it is not released: status, aggregate and owner agree."""

    def story(filler) -> None:
        good = filler.clip("video-a", "arm wrestling", score=0.9)
        filler.votes(good, (Answer.YES,) * 3)
        for video, answers in (("video-b", (Answer.YES,) * 3), ("video-c", (Answer.YES,))):
            again = filler.clip(video, "arm wrestling", standing=Standing.DUPLICATE)
            gold = filler.gold(again, "arm wrestling", Answer.BAD)
            for number, answer in enumerate(answers):
                filler.vote(again, f"w{number}", answer, gold=gold)

    fill(workspace, story)
    with writing(workspace.engine) as session:
        counted = aggregate(session, workspace.config.verify)
        curated = curate(session, workspace.config)
    assert (counted.num_accepted, counted.num_rejected, counted.num_open) == (1, 0, 0)
    assert curated.num_accepted == 1
    found = status(workspace)
    assert found.verdicts == {"accepted": 1, "open": 0, "rejected": 0}
    assert [step.num_pending for step in found.steps] == [0, 0, 0, 1]
    with reading(workspace.engine) as session:
        verdicts = read_progress(session, workspace.config).verdicts
        (row,) = class_farings(session, "")
        assert (row.num_accepted, row.num_rejected, row.num_undecided) == (1, 0, 0)
        assert votes_per_decision(session) == {3: 1}
        assert {step.name: step.count for step in funnel(session)}["accepted"] == 1
        shown = strips(
            session, Reaching(workspace.storage), Verdict.ACCEPTED, per_label=9, max_total=9
        )
        assert [strip.where.split(",")[0] for strip in shown] == ["video-a"]
    assert verdicts == {Verdict.ACCEPTED: 1}


@pytest.mark.long
def test_a_command_is_not_broken_between_two_lines(voted: Workspace) -> None:
    """It is to be copied; the words around it are wrapped at 80 columns."""
    for length in range(60, 80):
        text = f"{'x' * (length - 20)} some words, `kbuild report --out FILE` and {'words ' * 20}"
        lines = status_lines(replace(status(voted), next=text, crowd=[text]))
        assert sum("`kbuild report --out FILE`" in line for line in lines) == 2
        assert max(map(len, lines)) <= 80


def test_the_facts_add_up(voted: Workspace) -> None:
    with writing(voted.engine) as session:
        steps = {step.name: step.count for step in funnel(session)}
        classes = {row.label: row for row in class_farings(session, "")}
        assert (steps["clips cut"], steps["clips asked about"], steps["accepted"]) == (3, 2, 1)
        wrestling = classes["arm wrestling"]
        assert (wrestling.num_accepted, wrestling.num_rejected, wrestling.num_undecided) == (
            1,
            1,
            0,
        )
        assert wrestling.yes_rate == 0.5
        assert classes[HOSTILE].num_undecided == 1 and classes[HOSTILE].yes_rate is None
        assert votes_per_decision(session) == {3: 2}
        assert sum(row.num_votes for row in worker_facts(session)) == len(
            session.scalars(select(Vote)).all()
        )


def test_an_answer_that_was_changed_is_counted_once(voted: Workspace) -> None:
    def seen() -> tuple[int, int]:
        with reading(voted.engine) as session:
            return status(voted).counts["votes"], sum(w.num_votes for w in worker_facts(session))

    before = seen()
    with writing(voted.engine) as session:
        first = session.scalars(select(Vote).order_by(Vote.id)).first()
        ids = {n: getattr(first, n) for n in ("worker_id", "clip_id", "label_id", "slot_id")}
        session.add(Vote(**ids, answer=Answer.UNSURE, revision=1))
    assert seen() == before


def test_the_report_is_one_file_with_pictures_and_no_markup_of_strangers(voted: Workspace) -> None:
    path = write_report(voted, voted.root / "report.html")
    page = path.read_text(encoding="utf-8")
    assert "data:image/jpeg;base64," in page
    assert not re.search(r'(src|href)="(?!data:|#)', page), "something is not inside the file"
    assert HOSTILE not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "Private video" in page
    assert list(voted.root.glob(".report*")) == []


def test_what_there_is_one_of_is_not_said_as_if_there_were_several(
    workspace: Workspace, fill, tmp_path: Path
) -> None:
    def story(filler) -> None:
        one = filler.clip("video-a", "arm wrestling", score=0.9)
        filler.votes(one, (Answer.YES,))

    fill(workspace, story)
    with writing(workspace.engine) as session:
        aggregate(session, workspace.config.verify)
    said = write_report(workspace, tmp_path / "report.html").read_text()
    said += "\n".join(status_lines(status(workspace)))
    found = re.findall(rf"(?<![\d.,/]){ONE_OF}", re.sub(r"data:[^\"]+", "", said))
    assert not found


@pytest.mark.long
def test_a_clip_that_cannot_be_read_is_said_not_hidden(voted: Workspace) -> None:
    with writing(voted.engine) as session:
        clip = session.scalars(select(Clip).where(Clip.decision.has(verdict="accepted"))).one()
        (voted.root / clip.file.file).unlink()
    page = write_report(voted, voted.root / "report.html").read_text(encoding="utf-8")
    assert "this clip could not be read" in page


def test_clips_with_lost_frames_are_counted_and_named(voted: Workspace) -> None:
    assert status(voted).counts["with lost frames"] == 0
    assert "lost or damaged" not in write_report(voted, voted.root / "r.html").read_text()
    with writing(voted.engine) as session:
        damaged = session.scalars(select(ClipFile)).first()
        damaged.num_damaged_frames, file = 3, damaged.file
    assert status(voted).counts["with lost frames"] == 1
    with reading(voted.engine) as session:
        assert [(c.file, c.num_damaged_frames) for c in damaged_clips(session)] == [(file, 3)]
    assert file in write_report(voted, voted.root / "r.html").read_text()


def test_an_empty_workspace_has_a_report_too(workspace: Workspace) -> None:
    page = write_report(workspace, workspace.root / "report.html").read_text(encoding="utf-8")
    assert "No classes yet" in page
