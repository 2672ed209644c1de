"""Clips -> tasks."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.config import AssignConfig, Config, VerifyConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Decision,
    Label,
    Standing,
    Task,
    TaskSlot,
    Verdict,
    Video,
)
from kinetics_builder.errors import StageOrderError
from kinetics_builder.ways import Way
from kinetics_builder.workspace import Workspace
from pipelines.verifying.assign import AssignReport, assign

LABELS = ("waving", "jumping", "carving ice")
SMALL = Config(assign=AssignConfig(slots_per_task=5, gold_per_task=1))


def run(workspace: Workspace, config: Config = SMALL) -> AssignReport:
    with writing(workspace.engine) as session:
        return assign(session, config)


def asked(workspace: Workspace) -> list[tuple[int, str, str, bool]]:
    """Return (round, video, label, is gold) of every slot, in order."""
    with reading(workspace.engine) as session:
        query = (
            select(Task.round, Video.video_id, TaskSlot)
            .join(TaskSlot, TaskSlot.task_id == Task.id)
            .join(Clip, Clip.id == TaskSlot.clip_id)
            .join(Video, Video.id == Clip.video_id)
            .order_by(TaskSlot.task_id, TaskSlot.position)
        )
        return [
            (number, video, slot.label.name, slot.gold_id is not None)
            for number, video, slot in session.execute(query)
        ]


def clips(filler: Any, num: int = 9) -> None:
    for n in range(num):
        filler.clip(f"video{n}", LABELS[n % 3])


def test_every_kept_clip_is_asked_about_once_and_a_second_run_adds_nothing(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, clips)
    report = run(workspace)
    assert (report.num_tasks, report.num_questions, report.num_gold_missing) == (2, 9, 2)
    slots = asked(workspace)
    assert sorted(slot[1] for slot in slots) == [f"video{n}" for n in range(9)]
    again = run(workspace)
    assert (again.num_tasks, again.num_questions, again.num_asked_before) == (0, 0, 9)
    assert asked(workspace) == slots


def test_gold_slots_are_among_the_ordinary_ones(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        clips(filler)
        filler.gold(filler.clip("known", "waving", standing=None), "jumping", Answer.NO)

    fill(workspace, story)
    report = run(workspace)
    assert (report.num_gold_slots, report.num_gold_missing, report.num_gold_known) == (3, 0, 1)
    assert [slot[1:3] for slot in asked(workspace) if slot[3]] == [("known", "jumping")] * 3


def test_withdrawn_uncut_duplicate_and_retired_clips_are_not_asked_about(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        filler.clip("good", "waving")
        filler.clip("withdrawn", "waving", is_withdrawn=True)
        filler.clip("uncut", "waving", is_cut=False)
        filler.clip("copy", "waving", standing=Standing.DUPLICATE)
        filler.clip("unplaced", "waving", standing=None)
        filler.label("gone", is_retired=True)
        filler.clip("retired", "gone")

    fill(workspace, story)
    run(workspace)
    assert [slot[1] for slot in asked(workspace)] == ["good"]


def test_a_reserve_waits_until_every_better_clip_is_rejected(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        filler.clip("video", "waving", 0.0, score=0.9)
        filler.clip("video", "waving", 20.0, score=0.5, standing=Standing.RESERVE)
        filler.clip("video", "waving", 40.0, score=0.3, standing=Standing.RESERVE)

    def decided(start: float, verdict: Verdict) -> None:
        with writing(workspace.engine) as session:
            clip = session.scalars(select(Clip).where(Clip.start_seconds == start)).one()
            session.merge(
                Decision(
                    clip_id=clip.id,
                    verdict=verdict,
                    **dict.fromkeys(("num_yes", "num_no", "num_unsure", "num_bad"), 0),
                    num_set_aside=0,
                    lasts_whole_clip=False,
                )
            )

    fill(workspace, story)
    assert run(workspace).num_questions == 1
    decided(0.0, Verdict.OPEN)
    assert run(workspace).num_questions == 0
    decided(0.0, Verdict.ACCEPTED)
    assert run(workspace).num_questions == 0
    decided(0.0, Verdict.REJECTED)
    assert run(workspace).num_questions == 1, "the better reserve alone"
    decided(20.0, Verdict.REJECTED)
    assert run(workspace).num_questions == 1
    assert [slot[0] for slot in asked(workspace)] == [0, 1, 2], "each in a round of its own"


def test_tasks_do_not_depend_on_the_order_of_rows(
    workspace: Workspace, fill: Any, tmp_path: Any
) -> None:
    other = Workspace.create(tmp_path / "other")

    def backwards(filler: Any) -> None:
        for n in reversed(range(9)):
            filler.clip(f"video{n}", LABELS[n % 3])

    fill(workspace, clips)
    fill(other, backwards)
    run(workspace)
    run(other)
    assert asked(workspace) == asked(other)


@pytest.mark.parametrize(
    ("columns", "needs"),
    [
        pytest.param({"is_cut": False, "standing": None}, "cut", id="no clip was cut"),
        pytest.param({"standing": None}, "deduplicate", id="no clip was compared"),
    ],
)
def test_the_stage_that_comes_first_is_named(
    workspace: Workspace, fill: Any, columns: dict[str, Any], needs: str
) -> None:
    fill(workspace, lambda filler: filler.clip("video", "waving", **columns))
    with pytest.raises(StageOrderError, match=f"Run `kbuild {needs}` first"):
        run(workspace)


def test_a_class_is_asked_about_in_its_own_way_and_others_in_the_usual_one(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        clips(filler, 30)
        filler.gold(filler.clip("known", "waving", standing=None), "waving", Answer.YES)
        filler.label("waving").way = Way.GRID
        filler.label("jumping").way = Way.STREAM

    fill(workspace, story)
    report = run(workspace, replace(SMALL, verify=VerifyConfig(grid_size=12)))
    with reading(workspace.engine) as session:
        query = (
            select(Task.id, Task.way, Label.name)
            .join(TaskSlot, TaskSlot.task_id == Task.id)
            .join(Label, Label.id == TaskSlot.label_id)
            .where(TaskSlot.gold_id.is_(None))
        )
        found = Counter((way, label) for _, way, label in session.execute(query))
        sizes = Counter(way for _, way in session.execute(select(Task.id, Task.way)))
    assert found == {
        (Way.GRID, "waving"): 10,
        (Way.STREAM, "jumping"): 10,
        (Way.CLIP, "carving ice"): 10,
    }
    assert sizes == {Way.GRID: 1, Way.STREAM: 3, Way.CLIP: 3}
    assert report.num_gold_missing == 1, "two of twelve, as one of five, and one is known"
    assert run(workspace).num_questions == 0


def test_gold_that_comes_later_enters_the_grids_of_its_class_alone(
    workspace: Workspace, fill: Any
) -> None:
    config = Config(verify=VerifyConfig(way="grid", grid_size=12))
    fill(workspace, clips)
    assert run(workspace, config).num_gold_missing == 3

    def story(filler: Any) -> None:
        filler.gold(filler.clip("known", "waving", standing=None), "jumping", Answer.NO)

    fill(workspace, story)
    assert run(workspace, config).num_gold_mixed_in == 1
    (gold,) = [slot for slot in asked(workspace) if slot[3]]
    assert gold[1:3] == ("known", "jumping")
