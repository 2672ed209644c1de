"""Gold questions from a file and from votes."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.class_texts.versions import ClassText, write_version
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Clip, Gold, Video
from kinetics_builder.errors import FormatError, StageOrderError
from kinetics_builder.text.class_list.entries import ClassEntry, groups_named
from kinetics_builder.workspace import Workspace
from pipelines.classes.groups import import_groups
from pipelines.verifying.aggregate import aggregate
from pipelines.verifying.gold import GoldReport, add_gold
from pipelines.verifying.gold_votes import add_gold_from_votes

YES, NO, UNSURE, BAD = Answer
HEADER = "youtube_id,time_start,label,answer\n"


def add(workspace: Workspace, lines: str) -> GoldReport:
    path = workspace.root / "gold.csv"
    path.write_text(HEADER + lines)
    with writing(workspace.engine) as session:
        return add_gold(session, path)


def from_votes(workspace: Workspace) -> GoldReport:
    with writing(workspace.engine) as session:
        aggregate(session, VerifyConfig())
        return add_gold_from_votes(session, VerifyConfig())


def questions(workspace: Workspace) -> set[tuple[str, float, str, str]]:
    with reading(workspace.engine) as session:
        query = (
            select(Gold, Clip.start_seconds, Video.video_id)
            .join(Clip, Clip.id == Gold.clip_id)
            .join(Video, Video.id == Clip.video_id)
        )
        return {
            (video, start, gold.label.name, gold.expected.value)
            for gold, start, video in session.execute(query)
        }


def clips(filler: Any) -> None:
    filler.clip("ice", "carving ice", 12.4)
    filler.clip("ice", "carving ice", 40.0)
    filler.clip("wave", "waving hand", 0.0)
    filler.clip("wave", "jumping", 0.0)


def test_a_file_adds_questions_and_adds_nothing_twice(workspace: Workspace, fill: Any) -> None:
    fill(workspace, clips)
    lines = "ice,12,carving ice,yes\nice,40,waving hand,no\n\nwave,0,waving hand,bad\n"
    report = add(workspace, lines)
    assert (report.num_new, report.num_yes, report.num_other) == (3, 1, 2)
    assert questions(workspace) == {
        ("ice", 12.4, "carving ice", "yes"),
        ("ice", 40.0, "waving hand", "no"),
        ("wave", 0.0, "waving hand", "bad"),
    }
    again = add(workspace, lines + "wave,0,carving ice,no\nwave,0,carving ice,no\n")
    assert (again.num_new, again.num_known_before) == (1, 3)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ice,12,waving hands,no", "unknown label 'waving hands'. Known: waving hand"),
        ("ice,12,carving ice,maybe", "unknown answer 'maybe'. Known: yes, no, unsure, bad"),
        ("snow,12,carving ice,no", "no cut clip is of the video 'snow'"),
        ("ice,13,carving ice,no", "no clip of 'ice' starts at '13'. Clips start at: 12, 40"),
        ("wave,0,jumping,no", "known with the answer 'yes', found 'no'"),
        ("ice,12,carving ice", "expected youtube_id,time_start,label,answer, found 3 cells"),
        (
            "ice\t12\tcarving ice\tno",
            "found 1 cell: the line is parted by tabs; save the file with",
        ),
        ("ice,12,carving ice\0,no", r"holds the control character U\+0000"),
        ("ice,12,carving\u2028ice,no", r"holds the control character U\+2028"),
        ("\u200bice,12,carving ice,no", r"holds the invisible character U\+200B"),
        ('ice,12,"carving ice,no', "quotes that do not fit"),
        (f"ice,12,{'x' * 200_000},no", "unknown label 'xxx"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_added(
    workspace: Workspace, fill: Any, line: str, message: str
) -> None:
    fill(workspace, clips)
    with pytest.raises(FormatError, match=message) as caught:
        add(workspace, f"wave,0,jumping,yes\n{line}\n")
    assert "gold.csv:3: " in str(caught.value)
    assert questions(workspace) == set()


def test_labels_are_spelled_as_the_list_of_classes_has_them(
    workspace: Workspace, fill: Any
) -> None:
    fill(workspace, lambda filler: filler.clip("ice", "caf\xe9, dancing", 12.4))
    assert add(workspace, 'ice,12,"cafe\u0301,\xa0 dancing",yes\n').num_new == 1


def test_another_header_is_refused(workspace: Workspace, fill: Any) -> None:
    fill(workspace, clips)
    path = workspace.root / "gold.csv"
    path.write_text("id,label\n")
    with writing(workspace.engine) as session, pytest.raises(FormatError, match=r"csv:1: expected"):
        add_gold(session, path)


def test_clips_all_agreed_on_become_a_yes_and_a_no(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        filler.votes(filler.clip("sure", "opening a door"), [YES, YES, YES])
        filler.votes(filler.clip("doubtful", "opening a door"), [YES, NO, YES, YES])
        filler.votes(filler.clip("rejected", "opening a door"), [NO, NO, NO])
        filler.label("closing a door")
        filler.label("gone", is_retired=True)
        filler.label("juggling")

    fill(workspace, story)
    assert from_votes(workspace).num_new == 2
    expected = {("sure", 0.0, "opening a door", "yes"), ("sure", 0.0, "juggling", "no")}
    assert questions(workspace) == expected, "a label that shares a word is not unrelated"
    assert from_votes(workspace).num_new == 0


def test_a_clip_that_workers_see_as_an_example_becomes_no_gold(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        filler.votes(filler.clip("shown", "opening a door"), [YES, YES, YES])
        filler.label("juggling")

    fill(workspace, story)
    with writing(workspace.engine) as session:
        clip = session.scalars(select(Clip)).one()
        write_version(session, clip.label, ClassText(accepted=(clip.id,)), why="a good one")
    assert from_votes(workspace).num_new == 0


def test_labels_of_one_group_or_in_the_title_are_not_unrelated(
    workspace: Workspace, fill: Any
) -> None:
    def story(filler: Any) -> None:
        labels = {"surfing": ("water", "wind"), "diving": ("deep", "water"), "running": ()}
        groups = groups_named(ClassEntry(name=n, groups=of) for n, of in labels.items())
        within = {filler.label(name).id: of for name, of in labels.items()}
        import_groups(filler.session, groups, within)
        filler.votes(filler.clip("both", "surfing"))
        filler.clip("both", "running", 30.0, standing=None)

    fill(workspace, story)
    from_votes(workspace)
    assert questions(workspace) == {("both", 0.0, "surfing", "yes")}


def test_a_later_label_does_not_give_a_clip_a_second_no(workspace: Workspace, fill: Any) -> None:
    def story(filler: Any) -> None:
        filler.votes(filler.clip("sure", "surfing"))
        filler.label("juggling")

    fill(workspace, story)
    from_votes(workspace)
    fill(workspace, lambda filler: [filler.label(name) for name in ("a", "b", "c", "d")])
    assert from_votes(workspace).num_new == 0


def test_the_stage_that_comes_first_is_named(workspace: Workspace) -> None:
    with pytest.raises(StageOrderError, match="Run `kbuild cut` first"):
        add(workspace, "")
    with (
        writing(workspace.engine) as session,
        pytest.raises(StageOrderError, match="Run `kbuild aggregate` first"),
    ):
        add_gold_from_votes(session, VerifyConfig())


def test_a_missing_file_is_named(workspace: Workspace, fill: Any) -> None:
    fill(workspace, clips)
    with writing(workspace.engine) as session, pytest.raises(FormatError, match="No such file"):
        add_gold(session, Path("nowhere.csv"))
