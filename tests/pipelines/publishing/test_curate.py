"""Decisions and edits -> the clips of the next release."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from kinetics_builder.config import Config, CurateConfig, DeduplicateConfig
from kinetics_builder.crowd.acts import list_acts
from kinetics_builder.crowd.class_edits import list_edits
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    ClassEdit,
    Clip,
    ClipPlace,
    CuratedClip,
    Media,
    Standing,
    Video,
)
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.inspecting.steps import next_after_cutting, read_steps
from pipelines.publishing.curating.curate import CurateReport, curate
from pipelines.publishing.curating.dealing import Note, fix_placements
from pipelines.publishing.curating.edits import record_edits, undo_edit
from pipelines.publishing.curating.standing import curate_standing
from pipelines.verifying.aggregate import aggregate

YES, NO, UNSURE, BAD = Answer
REJECT = [NO, NO, NO]


def run(workspace: Workspace, config: Config | None = None) -> CurateReport:
    with writing(workspace.engine) as session:
        aggregate(session, (config or Config()).verify)
        return curate(session, config or Config())


def record(workspace: Workspace, text: str) -> list[str]:
    path = workspace.root / "edits.txt"
    path.write_text(text)
    with writing(workspace.engine) as session:
        return record_edits(session, path)


def undo(workspace: Workspace, number: int) -> None:
    with writing(workspace.engine) as session:
        undo_edit(session, number)


def curated(workspace: Workspace) -> set[tuple[str, float, str]]:
    with reading(workspace.engine) as session:
        query = select(Video.video_id, Clip.start_seconds, CuratedClip.label)
        query = query.join(Clip, Clip.video_id == Video.id)
        query = query.join(CuratedClip, CuratedClip.clip_id == Clip.id)
        return {(video, start, label) for video, start, label in session.execute(query)}


def splits(workspace: Workspace) -> dict[str, str]:
    with reading(workspace.engine) as session:
        query = select(Video.video_id, CuratedClip.split)
        query = query.join(Clip, Clip.video_id == Video.id)
        rows = session.execute(query.join(CuratedClip, CuratedClip.clip_id == Clip.id))
        return {video: split.value for video, split in rows}


def water(filler: Any) -> None:
    for n in range(3):
        filler.votes(filler.clip(f"surf{n}", "surfing"))
        filler.votes(filler.clip(f"dive{n}", "diving"))
    filler.votes(filler.clip("run", "running"))


def test_only_accepted_kept_or_reserve_clips_are_released(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        filler.votes(filler.clip("kept", "waving"))
        filler.votes(filler.clip("reserve", "waving", standing=Standing.RESERVE))
        filler.votes(filler.clip("rejected", "waving"), REJECT)
        filler.votes(filler.clip("open", "waving"), [YES])
        filler.votes(filler.clip("copy", "waving", standing=Standing.DUPLICATE))
        filler.votes(filler.clip("withdrawn", "waving", is_withdrawn=True))
        filler.label("gone", is_retired=True)
        filler.votes(filler.clip("retired", "gone"))

    fill(workspace, story)
    report = run(workspace)
    assert curated(workspace) == {("kept", 0.0, "waving"), ("reserve", 0.0, "waving")}
    assert (report.num_accepted, report.num_clips, report.num_changed) == (2, 2, 2)
    assert run(workspace).num_changed == 0


def test_of_a_video_the_best_clip_of_the_final_label_is_released(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        filler.votes(filler.clip("video", "surfing", 0.0, score=0.4))
        filler.votes(filler.clip("video", "diving", 20.0, score=0.8))
        filler.votes(filler.clip("video", "diving", 10.0, score=0.8, standing=Standing.RESERVE))

    fill(workspace, story)
    run(workspace)
    assert curated(workspace) == {("video", 0.0, "surfing"), ("video", 10.0, "diving")}
    record(workspace, "merge surfing + diving -> water\n")
    run(workspace)
    assert curated(workspace) == {("video", 10.0, "water")}
    run(workspace, Config(deduplicate=DeduplicateConfig(max_per_video=2)))
    assert curated(workspace) == {("video", 10.0, "water"), ("video", 20.0, "water")}


def test_a_file_applied_twice_records_nothing_and_a_longer_one_its_new_lines(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, water)
    text = "merge surfing + diving -> water sports\n# done\n"
    assert record(workspace, text) == ["merge surfing + diving -> water sports"]
    assert record(workspace, text) == []
    assert record(workspace, f"{text}rename  running ->  jogging") == ["rename running -> jogging"]
    run(workspace)
    assert {label for _, _, label in curated(workspace)} == {"water sports", "jogging"}


def test_a_line_that_stands_twice_in_the_file_is_recorded_twice(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, water)
    once = "filter min_clips=2\ndrop surfing\n"
    assert len(record(workspace, once)) == 2
    assert record(workspace, f"{once}filter min_clips=2\n") == ["filter min_clips=2"]
    assert record(workspace, f"{once}filter min_clips=2\n") == []


def test_an_undone_edit_gives_back_the_very_same_rows(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    run(workspace)
    before = curated(workspace), splits(workspace)
    record(workspace, "merge surfing + diving -> water\ndrop running\n")
    run(workspace)
    assert {label for _, _, label in curated(workspace)} == {"water"}
    undo(workspace, 2)
    undo(workspace, 1)
    run(workspace)
    assert (curated(workspace), splits(workspace)) == before
    with reading(workspace.engine) as session:
        assert [edit.is_live for edit in list_edits(session)] == [False, False, True, True]
        rows = session.scalars(select(ClassEdit).order_by(ClassEdit.id)).all()
        assert [row.reverts_id for row in rows] == [None, None, rows[1].id, rows[0].id]


def test_an_undo_can_stand_in_the_file_and_be_undone(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    assert record(workspace, "drop running\nundo 1\nundo 2\n") == [
        "drop running",
        "undo 1",
        "undo 2",
    ]
    run(workspace)
    assert "running" not in {label for _, _, label in curated(workspace)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("drop runing", r"edits.txt:1: there is no label 'runing' here. Near it: 'running'"),
        ("drop running\nrename running -> x", r"edits.txt:2: there is no label 'running'"),
        ("rename running -> Diving!", r"edits.txt:1: 'Diving!' differs from the class 'diving' in"),
        ("drop running\nundo 2", r"edits.txt:2: there is no edit 2, only 1 are recorded"),
        ("drop running\ndrop running", r"edit 1 .* took it away. Write `restore running` before"),
        ("rename running -> a\nrename a -> b", r"edits.txt:2: edit 1 .* chain of renames"),
        ("restore running", r"edits.txt:1: no edit that stands took anything from 'running'"),
        ("drop running\nundo 1\nundo 1\nundo 1", r"edits.txt:3: edit 1 .* is undone already"),
        (
            "rename running -> x\ndrop x\nundo 1",
            r"edits.txt:3: edit 2 \(`drop x`\) would not fit any more: there is no label 'x'",
        ),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_recorded(
    workspace: Workspace, fill: Any, text: str, message: str
) -> None:
    fill(workspace, water)
    with pytest.raises(FormatError, match=message):
        record(workspace, text)
    with reading(workspace.engine) as session:
        assert list_edits(session) == []


def test_a_split_follows_what_annotators_wrote(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        for video, names in {
            "trees": ("Trimming trees!", "trimming trees"),
            "plants": ("watering plants",),
            "tie": ("trimming trees", "watering plants"),
            "silent": (),
        }.items():
            clip = filler.clip(video, "gardening")
            filler.votes(clip)
            for name in names:
                filler.vote(clip, f"{video} {name}", NO, better_name=name)
            if video == "trees":
                for n in range(3):
                    filler.vote(clip, f"hasty {n}", NO, better_name="watering plants")
                    filler.vote(clip, f"hasty {n}", YES, revision=1)

    fill(workspace, story)
    record(workspace, "split gardening -> trimming trees | watering plants")
    run(workspace)
    assert {(video, label) for video, _, label in curated(workspace)} == {
        ("trees", "trimming trees"),
        ("plants", "watering plants"),
        ("tie", "gardening"),
        ("silent", "gardening"),
    }


def test_a_filter_removes_small_and_doubtful_classes(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        water(filler)
        for n in range(4):
            filler.votes(filler.clip(f"bad{n}", "diving"), REJECT)

    fill(workspace, story)
    record(workspace, "filter min_clips=2\n")
    run(workspace)
    assert {label for _, _, label in curated(workspace)} == {"surfing", "diving"}
    record(workspace, "filter min_clips=2\nfilter min_yes_rate=0.5\n")
    run(workspace)
    assert {label for _, _, label in curated(workspace)} == {"surfing"}


def test_copies_of_a_video_stay_in_one_split(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        for n in range(12):
            original = filler.clip(f"a{n}", "surfing")
            filler.votes(original)
            filler.votes(filler.clip(f"b{n}", "diving"))
            copy = filler.clip(f"b{n}", "surfing", 20.0, standing=None)
            copy.place = ClipPlace(standing=Standing.DUPLICATE, duplicate_of_id=original.id)

    fill(workspace, story)
    run(workspace, Config(curate=CurateConfig(num_validate=3, num_test=3, max_held_out_share=0.5)))
    found = splits(workspace)
    assert all(found[f"a{n}"] == found[f"b{n}"] for n in range(12))
    assert sorted(found.values()).count("test") == 6


QUARTERS = Config(curate=CurateConfig(num_validate=3, num_test=3, max_held_out_share=0.5))


def by_uploaders(num: int, uploaders: int, start: int = 0) -> Any:
    def story(filler: Any) -> None:
        for n in range(start, num):
            clip = filler.clip(f"v{n:02}", "surfing")
            filler.votes(clip)
            clip.video.media.uploader = f" Anna{n % uploaders}\n" if uploaders else None

    return story


def test_no_uploader_is_in_two_splits_and_who_is_unknown_has_no_other(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, by_uploaders(24, 8))
    run(workspace, QUARTERS)
    found = splits(workspace)
    assert all(found[f"v{n:02}"] == found[f"v{n % 8:02}"] for n in range(24))
    assert sorted(found.values()).count("test") == 3
    apart = Config(curate=replace(QUARTERS.curate, keep_together=("duplicates",)))
    run(workspace, apart)
    found = splits(workspace)
    assert any(found[f"v{n:02}"] != found[f"v{n % 8:02}"] for n in range(24))


def test_what_was_curated_stays_until_settings_change_and_what_was_released_stays(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, by_uploaders(12, 0))
    run(workspace, QUARTERS)
    before = splits(workspace)
    fill(workspace, by_uploaders(40, 0, start=12))
    run(workspace, QUARTERS)
    assert splits(workspace).items() >= before.items()
    other = Config(curate=replace(QUARTERS.curate, seed=1))
    run(workspace, other)
    before = splits(workspace)
    assert before != splits_by(workspace, QUARTERS)
    with writing(workspace.engine) as session:
        fix_placements(session)
    assert splits_by(workspace, other) == splits_by(workspace, QUARTERS)


def splits_by(workspace: Workspace, config: Config) -> dict[str, str]:
    run(workspace, config)
    return splits(workspace)


@pytest.mark.parametrize("is_released", [False, True])
def test_videos_that_turn_out_to_be_one_are_told_with_the_reason(
    workspace: Workspace, fill: Any, is_released: bool
) -> None:
    fill(workspace, by_uploaders(12, 0))
    run(workspace, QUARTERS)
    found = splits(workspace)
    test = min(video for video, split in found.items() if split == "test")
    train = min(video for video, split in found.items() if split == "train")
    with writing(workspace.engine) as session:
        if is_released:
            fix_placements(session)
        for media in session.scalars(select(Media).join(Video)):
            media.uploader = "Anna" if media.video.video_id in (test, train) else None
    report = run(workspace, QUARTERS)
    one, other = sorted((test, train))
    what = (
        "was released there and is left out now"
        if is_released
        else "was never released there and goes to test now"
    )
    assert report.notes[0] == Note(
        "torn",
        train,
        f"was in train, but belongs to {test} in test ({one} and {other} are of 'Anna'): "
        f"it {what}.",
    )
    now = splits(workspace)
    assert now.get(train) == (None if is_released else "test")
    with reading(workspace.engine) as session:
        told = curate_standing(session, QUARTERS)
    assert (told.num_pending, told.num_over) == (0, 0)
    again = run(workspace, QUARTERS)
    assert again.num_changed == 0


def test_without_accepted_clips_the_stage_to_run_is_named(workspace: Workspace, fill: Any) -> None:
    fill(workspace, lambda filler: filler.votes(filler.clip("video", "waving"), REJECT))
    with pytest.raises(StageOrderError, match="Run `kbuild aggregate` first"):
        run(workspace)


def test_the_command_records_lists_and_undoes(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)

    def kbuild(*arguments: str) -> Any:
        return CliRunner().invoke(group, ["-C", str(workspace.root), *arguments])

    edits = workspace.root / "edits.txt"
    edits.write_text("merge surfing + diving -> water\n")
    assert kbuild("aggregate").output.startswith("21 votes: 7 clips accepted, 0 rejected, 0 open.")
    first = kbuild("curate", "--edits", str(edits))
    assert first.exit_code == 0, first.output
    assert "recorded: merge surfing + diving -> water" in first.output
    (listed,) = json.loads(kbuild("curate", "--list", "--json").output)
    assert listed | {"recorded_at": ""} == {
        "number": 1,
        "text": "merge surfing + diving -> water",
        "is_live": True,
        "author": "",
        "reason": "",
        "evidence": "",
        "recorded_at": "",
    }
    report = json.loads(kbuild("curate", "--undo", "1", "--json").output)
    assert set(report["labels"]) == {"surfing", "diving", "running"}
    assert kbuild("curate", "--list").output == (
        "   1  merge surfing + diving -> water  (undone)\n   2  undo 1\n"
    )
    again = kbuild("curate", "--undo", "1")
    assert again.exit_code == 1 and "is undone already" in again.output
    assert kbuild("curate", "--undo", "1", "--list").exit_code == 2


def test_who_wants_an_edit_and_why_is_kept_with_it(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    record(workspace, "author: Ana\nevidence: page.html\ndrop running  # nobody runs\n")
    with writing(workspace.engine) as session:
        undo_edit(session, 1, author="Bo", reason="somebody does")
    with reading(workspace.engine) as session:
        drop, undone = list_edits(session)
        assert (drop.author, drop.reason, drop.evidence) == ("Ana", "nobody runs", "page.html")
        assert (undone.author, undone.reason) == ("Bo", "somebody does")
        acts = [(act.acted_by, act.why) for act in list_acts(session, 2)]
    assert acts == [("Bo", "somebody does"), ("Ana", "nobody runs")]
    shown = CliRunner().invoke(group, ["-C", str(workspace.root), "curate", "--list"]).output
    assert re.search(r"Ana, \d{4}-\d\d-\d\d .*; nobody runs; page.html", shown)


def test_a_restore_in_the_file_brings_the_class_back(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    record(workspace, "drop running\nmerge surfing + diving -> water\nrestore running\n")
    run(workspace)
    assert {label for _, _, label in curated(workspace)} == {"water", "running"}
    with reading(workspace.engine) as session:
        rows = session.scalars(select(ClassEdit).order_by(ClassEdit.id)).all()
        assert [row.reverts_id for row in rows] == [None, None, rows[0].id]


def test_recorded_edits_are_changed_and_deleted_by_nobody(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    record(workspace, "drop running\n")
    for change in (update(ClassEdit).values(reason="another"), delete(ClassEdit)):
        with (
            pytest.raises(DatabaseError, match="rows of class_edit are only ever added"),
            writing(workspace.engine) as session,
        ):
            session.execute(change)


def look(workspace: Workspace) -> tuple[tuple[int, int, int], str]:
    """Return items, pending and over of curate as `status` counts them, and what comes next."""
    with reading(workspace.engine) as session:
        steps = read_steps(session, workspace)
        following = next_after_cutting(session, steps, workspace.config)
    step = {step.verb: step for step in steps}["curate"]
    return (step.num_items, step.num_pending, step.num_over), following


def test_clips_that_edits_leave_out_wait_for_nothing(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    with writing(workspace.engine) as session:
        aggregate(session, Config().verify)
    assert look(workspace)[0] == (7, 7, 0)
    run(workspace)
    assert look(workspace)[0] == (7, 0, 0)
    record(workspace, "drop surfing")
    assert look(workspace) == ((7, 0, 3), "`kbuild curate` (7 clips are accepted)")
    run(workspace)
    counts, following = look(workspace)
    assert counts == (7, 0, 0)
    assert following == "`kbuild release` (4 clips are chosen)"


def test_a_renamed_class_and_one_taken_back_wait_for_curate(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, water)
    run(workspace)
    record(workspace, "drop surfing\nrename diving -> plunging")
    assert look(workspace)[0] == (7, 3, 3)
    run(workspace)
    assert look(workspace)[0] == (7, 0, 0)
    undo(workspace, 1)
    assert look(workspace)[0] == (7, 3, 0)


def test_edits_that_leave_nothing_are_named_as_the_reason(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    record(workspace, "drop surfing\ndrop diving\ndrop running")
    run(workspace)
    told = "`kbuild curate --list` (edits leave out all 7 accepted clips)"
    assert look(workspace) == ((7, 0, 0), told)


def test_the_surplus_clips_of_a_video_wait_for_nothing(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        for start in (0.0, 20.0, 40.0):
            filler.votes(filler.clip("long", "waving", start))

    fill(workspace, story)
    run(workspace)
    assert len(curated(workspace)) == 1
    assert look(workspace)[0] == (3, 0, 0)


def test_aggregate_and_status_name_the_same_next_step(workspace: Workspace, fill: Any) -> None:
    fill(workspace, water)
    told = CliRunner().invoke(group, ["-C", str(workspace.root), "aggregate", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["next"] == look(workspace)[1]
