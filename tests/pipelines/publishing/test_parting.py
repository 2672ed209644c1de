"""A split asks people which part a clip is where the old answers do not say it."""

from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from kinetics_builder.config import Config
from kinetics_builder.crowd.class_texts.versions import ClassText, write_version
from kinetics_builder.crowd.clips.decisions import decide_clips
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Candidate,
    ClassGroup,
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    FrameScores,
    Label,
    LabelGroup,
    Method,
    Standing,
    Takedown,
    TakenVideo,
    Task,
    TaskSlot,
    Verdict,
    Video,
    Vote,
)
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.collecting.classes import entries_of
from pipelines.inspecting.steps import read_steps
from pipelines.kinetics.cut import stage as cut_stage
from pipelines.kinetics.deduplicate import stage as deduplicate_stage
from pipelines.kinetics.propose import _take_back_orphans
from pipelines.kinetics.withdrawing import take_back
from pipelines.publishing.curating.curate import CurateReport, curate
from pipelines.publishing.curating.edits import record_edits
from pipelines.publishing.curating.plan import plan_curate
from pipelines.publishing.release import release
from pipelines.running.paging import EVERYTHING
from pipelines.takedown.removing import remove_taken
from pipelines.verifying.aggregate import aggregate, count_verdicts
from pipelines.verifying.assign import assign_clips, count_new_questions
from tests.pipelines.publishing.test_curate import curated

YES, NO, UNSURE, BAD = Answer
CONFIG = Config()
SPLIT = "split gardening -> trimming trees | watering plants\n"


def garden(filler: Any) -> None:
    """Three clips of trees that are named, three that nobody named, one not decided, one wrong."""
    label = filler.label("gardening", description="Work in a garden.")
    outdoors = ClassGroup(name="outdoors", place=0)
    filler.session.add(outdoors)
    filler.session.flush()
    filler.session.add(LabelGroup(label_id=label.id, group_id=outdoors.id))
    for n in range(3):
        named = filler.clip(f"named{n}", "gardening")
        filler.votes(named)
        filler.vote(named, "namer", NO, better_name="trimming trees")
        filler.votes(filler.clip(f"silent{n}", "gardening"))
    filler.vote(filler.clip("undecided", "gardening"), "first", YES)
    filler.clip("unasked", "gardening")
    filler.votes(filler.clip("wrong", "gardening"), [NO] * 3)
    filler.votes(filler.clip("run", "running"))


@pytest.fixture
def split(workspace: Workspace, fill: Any) -> Workspace:
    fill(workspace, garden)
    run(workspace)
    edit(workspace, SPLIT)
    return workspace


def run(workspace: Workspace) -> CurateReport:
    with writing(workspace.engine) as session:
        aggregate(session, CONFIG.verify)
        return curate(session, CONFIG)


def edit(workspace: Workspace, text: str) -> CurateReport:
    path = workspace.root / "edits.txt"
    path.write_text((path.read_text() if path.exists() else "") + text)
    with writing(workspace.engine) as session:
        record_edits(session, path)
        return curate(session, CONFIG)


def assign(workspace: Workspace) -> int:
    with writing(workspace.engine) as session:
        return assign_clips(session, CONFIG).num_questions


def asked(workspace: Workspace) -> set[tuple[str, str]]:
    """Return the questions about parts that may be answered, by video."""
    query = (
        select(Video.video_id, Label.name)
        .join(Clip, Clip.video_id == Video.id)
        .join(Label, Label.id == Clip.label_id)
        .outerjoin(Decision, Decision.clip_id == Clip.id)
        .where(Clip.part_of_id.is_not(None), ~Clip.is_withdrawn)
        .where(func.coalesce(Decision.verdict, "open") == Verdict.OPEN.value)
    )
    with reading(workspace.engine) as session:
        return {(video, label) for video, label in session.execute(query)}


def answer(
    workspace: Workspace, fill: Any, video: str, answers: Sequence[Answer], name: str | None = None
) -> None:
    """Let people answer the open question about a video's part in its task."""

    def say(filler: Any) -> None:
        (clip,) = (
            one
            for one in filler.session.scalars(
                select(Clip).join(Video).where(Video.video_id == video, ~Clip.is_withdrawn)
            )
            if one.part_of_id is not None and one.decision is None
        )
        assert filler.session.scalar(select(TaskSlot.id).where(TaskSlot.clip_id == clip.id))
        for n, one in enumerate(answers):
            filler.vote(clip, f"{video} {clip.label_id} {n}", one, better_name=name)
        decide_clips(filler.session, [clip.id], CONFIG.verify)

    fill(workspace, say)


def test_only_clips_of_which_no_part_is_known_are_asked_about(split: Workspace) -> None:
    """Trees are the part that is known of most clips, so that they are asked about first."""
    silent = {(f"silent{n}", "trimming trees") for n in range(3)}
    assert asked(split) == silent | {("undecided", "trimming trees"), ("unasked", "trimming trees")}
    assert assign(split) == 5
    assert assign(split) == 0


def test_the_plan_counts_the_questions_that_are_then_dealt(workspace: Workspace, fill: Any) -> None:
    fill(workspace, garden)
    run(workspace)
    (workspace.root / "edits.txt").write_text(SPLIT)
    with reading(workspace.engine) as session:
        planned = plan_curate(session, CONFIG, workspace.root / "edits.txt")
    assert planned.num_to_ask == 5
    assert {one.label: one.num_to_ask for one in planned.classes}["gardening"] == 5
    edit(workspace, "")
    assert run(workspace).num_to_ask == 5
    assert assign(workspace) == 5


def test_who_says_what_it_is_instead_saves_the_next_question(split: Workspace, fill: Any) -> None:
    assign(split)
    answer(split, fill, "silent0", [YES, YES, YES])
    answer(split, fill, "silent1", [NO, NO, NO], "watering plants")
    answer(split, fill, "silent2", [NO, NO, NO])
    run(split)
    labels = {video: label for video, _, label in curated(split)}
    assert labels["silent0"] == "trimming trees"
    assert labels["silent1"] == "watering plants", "three answers tell, whichever part it is"
    assert labels["silent2"] == "gardening"
    assert ("silent2", "watering plants") in asked(split)
    assert ("silent1", "watering plants") not in asked(split)
    assert assign(split) == 1
    answer(split, fill, "silent2", [NO, NO, NO])
    run(split)
    assert {video: label for video, _, label in curated(split)}["silent2"] == "gardening"
    assert not {label for video, label in asked(split) if video == "silent2"}, "it is neither"


def test_what_was_never_decided_is_asked_about_by_its_parts_alone(
    split: Workspace, fill: Any
) -> None:
    assign(split)
    with reading(split.engine) as session:
        whole = select(TaskSlot.clip_id).join(Clip).where(Clip.part_of_id.is_(None))
        videos = whole.join(Video, Video.id == Clip.video_id).with_only_columns(Video.video_id)
        assert "unasked" not in session.scalars(videos).all()
        old = select(Task.is_finished).join(TaskSlot).join(Clip, Clip.id == TaskSlot.clip_id)
        old = old.join(Video).where(Video.video_id == "undecided", Clip.part_of_id.is_(None))
        assert session.scalar(old) is True
        assert count_verdicts(session)[Verdict.OPEN] == 5
    answer(split, fill, "unasked", [YES, YES, YES])
    answer(split, fill, "undecided", [NO, NO, NO])
    run(split)
    labels = {video: label for video, _, label in curated(split)}
    assert labels["unasked"] == "trimming trees"
    assert "undecided" not in labels


def test_an_undone_split_closes_its_questions_and_keeps_their_votes(
    split: Workspace, fill: Any
) -> None:
    assign(split)
    answer(split, fill, "silent0", [NO, NO, NO], "watering plants")
    answer(split, fill, "silent1", [YES])
    edit(split, "restore gardening\n")
    assert not asked(split)
    with reading(split.engine) as session:
        part = select(Clip.id).where(Clip.part_of_id.is_not(None))
        assert session.scalar(select(func.count(Vote.id)).where(Vote.clip_id.in_(part))) == 4
        tasks = select(Task.is_finished).join(TaskSlot).where(TaskSlot.clip_id.in_(part))
        assert all(session.scalars(tasks))
        names = select(Label.name).where(~Label.is_retired).order_by(Label.name)
        assert session.scalars(names).all() == ["gardening", "running"]
    assert {label for _, _, label in curated(split)} == {"gardening", "running"}
    assert assign(split) == 1, "what nobody was asked about is asked about as it was"
    edit(split, "undo 2\n")
    assert ("silent1", "trimming trees") in asked(split)
    assert {video: label for video, _, label in curated(split)}["silent0"] == "watering plants"


def test_parts_say_what_their_class_says_until_they_are_edited(split: Workspace) -> None:
    with writing(split.engine) as session:
        trees = session.scalars(select(Label).where(Label.name == "trimming trees")).one()
        plants = session.scalars(select(Label).where(Label.name == "watering plants")).one()
        assert (trees.description, plants.description) == ("Work in a garden.",) * 2
        groups = select(ClassGroup.name).join(LabelGroup).where(LabelGroup.label_id == trees.id)
        assert session.scalars(groups).all() == ["outdoors"]
        write_version(session, trees, ClassText("Cut branches."), why="it is more than gardening")
        whole = session.scalars(select(Label).where(Label.name == "gardening")).one()
        write_version(session, whole, ClassText("Garden work."), why="shorter")
        curate(session, CONFIG)
        assert (trees.description, plants.description) == ("Cut branches.", "Garden work.")
        import_classes(session, [ClassEntry(name="gardening"), ClassEntry(name="running")])
        assert not trees.is_retired, "the classes file does not know of it"


def test_a_question_shares_the_clip_s_file_and_is_neither_cut_nor_compared(
    split: Workspace,
) -> None:
    with writing(split.engine) as session:
        for file in session.scalars(select(ClipFile)):
            file.fingerprint = b"print"
        session.flush()
        parts = session.scalars(select(Clip).where(Clip.part_of_id.is_not(None))).all()
        for part in parts:
            whole = session.get_one(Clip, part.part_of_id)
            assert part.file and whole.file
            assert (part.file.file, part.file.sha256) == (whole.file.file, whole.file.sha256)
        own = select(func.count(Clip.id)).where(Clip.part_of_id.is_(None))
        num_own = session.scalar(own)
        cuttings = cut_stage(split).items(session, EVERYTHING)
        assert sum(len(one.clip_ids) for _, one in cuttings) == num_own
        blocks = deduplicate_stage(split).items(session, EVERYTHING)
        assert sum(len(block.clip_ids) for _, block in blocks) == num_own
        assert not session.scalar(
            select(ClipPlace.clip_id).where(ClipPlace.clip_id.in_([part.id for part in parts]))
        )


def test_a_clip_that_is_taken_back_takes_its_questions_along(split: Workspace) -> None:
    assign(split)
    with writing(split.engine) as session:
        label = session.scalars(select(Label).where(Label.name == "gardening")).one()
        whole = session.scalars(
            select(Clip).join(Video).where(Video.video_id == "unasked", Clip.label_id == label.id)
        ).one()
        take_back(session, whole)
        assert whole.is_withdrawn
    assert "unasked" not in {video for video, _ in asked(split)}


def test_no_clip_is_taken_back_for_a_part_that_nobody_searches_for(split: Workspace) -> None:
    with writing(split.engine) as session:
        for candidate in session.scalars(select(Candidate)):
            session.add(
                FrameScores(
                    candidate_id=candidate.id, method=Method.MOTION, times_seconds=[], scores=[]
                )
            )
        session.flush()
        before = session.scalar(select(func.count(Clip.id)).where(~Clip.is_withdrawn))
        _take_back_orphans(session)
        assert session.scalar(select(func.count(Clip.id)).where(~Clip.is_withdrawn)) == before
        assert [entry.name for entry in entries_of(session)] == ["gardening", "running"]


def test_a_takedown_reaches_the_questions_about_parts(split: Workspace) -> None:
    assign(split)
    with writing(split.engine) as session:
        video = session.scalars(select(Video).where(Video.video_id == "silent0")).one()
        took = Takedown(kind="video", name="silent0", on_date="2026-11-30", reason="asked")
        session.add(took)
        session.flush()
        session.add(TakenVideo(video_id=video.id, takedown_id=took.id))
        session.flush()
        files = remove_taken(session)
        clips = session.scalars(select(Clip).where(Clip.video_id == video.id)).all()
        assert len(clips) == 2 and all(clip.is_withdrawn for clip in clips)
        assert len([file for file in files if file.startswith("clips/")]) == 1
    run(split)
    assert "silent0" not in {video for video, _ in asked(split)}


def test_a_release_holds_each_clip_once_under_its_part_with_all_that_was_said(
    split: Workspace, fill: Any
) -> None:
    assign(split)
    answer(split, fill, "silent0", [YES, YES, YES])
    answer(split, fill, "silent1", [NO, NO, NO], "watering plants")
    answer(split, fill, "unasked", [YES, YES, NO, YES])
    run(split)
    folder = release(split).folder
    rows = [line.split(",") for line in (folder / "clips.csv").read_text().splitlines()]
    places = [rows[0].index(name) for name in ("label", "youtube_id")]
    held = sorted((row[places[0]], row[places[1]]) for row in rows[1:])
    assert held == [
        ("gardening", "silent2"),
        ("running", "run"),
        *(("trimming trees", f"named{n}") for n in range(3)),
        ("trimming trees", "silent0"),
        ("trimming trees", "unasked"),
        ("watering plants", "silent1"),
    ]
    votes = [line.split(",") for line in (folder / "votes.csv").read_text().splitlines()[1:]]
    of_one = sorted((row[1], row[4]) for row in votes if "silent0" in row[0])
    assert of_one == [("gardening", "yes")] * 3 + [("trimming trees", "yes")] * 3
    of_other = sorted((row[1], row[4]) for row in votes if "silent1" in row[0])
    assert of_other == [("trimming trees", "no")] * 3 + [("watering plants", "yes")] * 3


def test_the_next_part_is_counted_as_work_until_it_is_dealt(split: Workspace, fill: Any) -> None:
    assign(split)
    answer(split, fill, "silent0", [NO, NO, NO])
    with reading(split.engine) as session:
        assert count_new_questions(session) == 0
        assert read_steps(session, split)[0].num_pending == 1
    assert assign(split) == 1
    with reading(split.engine) as session:
        assert read_steps(session, split)[0].num_pending == 0


def test_a_reserve_is_asked_about_once_the_better_clip_is_none_of_the_parts(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        garden(filler)
        filler.clip("unasked", "gardening", 30.0, score=0.1, standing=Standing.RESERVE)

    fill(workspace, story)
    run(workspace)
    edit(workspace, SPLIT)
    for _ in range(2):
        assert assign(workspace) > 0
        answer(workspace, fill, "unasked", [NO, NO, NO])
        run(workspace)
    assert [video for video, _ in asked(workspace)].count("unasked") == 1


def test_kbuild_curate_says_how_many_clips_wait(split: Workspace) -> None:
    result = CliRunner().invoke(group, ["-C", str(split.root), "curate"])
    assert result.exit_code == 0, result.output
    assert "5 clips of split classes are of no known part: `kbuild assign`" in result.output
