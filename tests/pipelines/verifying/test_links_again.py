"""People who leave one stretch and come back in another, and what changes once it is answered."""

from pathlib import Path

import pytest
from sqlalchemy import select

from annotation_ui.kinds.links.describing import clock
from annotation_ui.kinds.links.kind import LINKS
from annotation_ui.kinds.links.questions import QUESTIONS
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import GoldTrack, GoneBox, LinkStretch, PersonBox, Task
from kinetics_builder.workspace import Workspace
from pipelines.ava.withdrawing import take_back_box
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage
from tests.annotation_ui.links.conftest import fill_film
from tests.pipelines.verifying.test_links import (
    SETTINGS,
    add_gold,
    asked,
    assign,
    edits,
    persons,
    say,
    slots,
    write_truth,
)

LAST = 12
AWAY = range(3, 10)
ONE_SHOT = 99


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace", SETTINGS)


def comes_back(person: int, number: int) -> int:
    """Return whom the machine takes somebody for: who comes back is somebody new to it."""
    return 7 if person == 1 and number >= AWAY.stop else person


def is_there(person: int, number: int) -> bool:
    return person == 0 or number not in AWAY


def fill(workspace: Workspace, *, cut: int = ONE_SHOT) -> list[list[int]]:
    """Write a film in which one stays, and the other is away for longer than a stretch."""
    return fill_film(workspace, LAST, comes_back, is_there, cut)


def link(workspace: Workspace) -> None:
    run_stage(workspace, build_stage("ava link", workspace))


def gone(workspace: Workspace) -> list[tuple[float, int]]:
    """Return the boxes that are shown beside stretches: the stretch's beginning, the box."""
    query = (
        select(LinkStretch.start_seconds, GoneBox.person_box_id)
        .join(LinkStretch, LinkStretch.id == GoneBox.stretch_id)
        .order_by(LinkStretch.start_seconds, LinkStretch.id, GoneBox.person_box_id)
    )
    with reading(workspace.engine) as session:
        return [tuple(row) for row in session.execute(query)]


def within(track: list[int], tracks: list[list[int]], first: int, last: int) -> list[int]:
    """Return the boxes of a track from one key frame to another."""
    numbers = {box: n for n, box in enumerate(tracks[0])}
    away = [n for n in range(LAST) if n not in AWAY]
    numbers |= {box: n for n, box in zip(away, tracks[1], strict=True)}
    return [box for box in track if first <= numbers[box] <= last]


def offered(workspace: Workspace) -> list[str]:
    """Return the stretches that the page asks about."""
    with reading(workspace.engine) as session:
        rows = session.execute(QUESTIONS).all()
        asked = [LINKS.question(*row) for _, *row in rows]
        return [f"{clock(one.start_seconds)} to {clock(one.end_seconds)}" for one in asked]


def finished(workspace: Workspace) -> list[bool]:
    """Return of each task whether it is finished."""
    with reading(workspace.engine) as session:
        return list(session.scalars(select(Task.is_finished).order_by(Task.id)))


def add_box(workspace: Workspace, beside: int) -> int:
    """Draw somebody where a box is, as people do once links were asked about."""
    with writing(workspace.engine) as session:
        new = PersonBox(key_frame_id=session.get_one(PersonBox, beside).key_frame_id)
        new.x1, new.y1, new.x2, new.y2 = 0.45, 0.3, 0.55, 0.8
        session.add(new)
        session.flush()
        return new.id


@pytest.mark.parametrize("num_answers", [1, 3])
def test_who_comes_back_two_stretches_later_is_joined_to_who_left(
    workspace: Workspace, num_answers: int
) -> None:
    settings = SETTINGS.replace("[verify]", f"[verify]\nlink_answers = {num_answers}")
    (workspace.root / "kbuild.toml").write_text(settings)
    workspace = Workspace.open(workspace.root)
    tracks = fill(workspace)
    one, other = tracks
    assert assign(workspace).num_questions == 3
    assert asked(workspace) == [(902, 906, False), (906, 910, False), (910, 913, False)]
    assert gone(workspace) == [(910, other[2])], "the last box of who left"
    first, middle, last = slots(workspace)
    for worker in range(num_answers):
        say(workspace, worker + 1, first, [within(track, tracks, 0, 4) for track in tracks])
        say(workspace, worker + 1, middle, [one[4:9]])
        # Of three the first leaves who came back alone.
        back = [other[2:3], other[3:]] if worker == 0 and num_answers == 3 else [other[2:]]
        say(workspace, worker + 1, last, [one[8:], *back])
    assert (other[2], other[3], True) in edits(workspace)
    link(workspace)
    mine, theirs = persons(workspace, tracks)
    assert len(mine) == len(theirs) == 1 and mine != theirs
    assert assign(workspace).num_questions == 0


def test_who_is_left_alone_beside_the_stretch_is_somebody_else(workspace: Workspace) -> None:
    tracks = fill(workspace)
    one, other = tracks
    assign(workspace)
    *_, last = slots(workspace)
    say(workspace, 1, last, [one[8:], other[2:3], other[3:]])
    assert (other[2], other[3], False) in edits(workspace)
    link(workspace)
    assert len(persons(workspace, tracks)[1]) == 2
    assert assign(workspace).num_questions == 0, "once is enough"


def test_nobody_is_shown_beside_the_first_stretch_of_another_shot(workspace: Workspace) -> None:
    fill(workspace, cut=AWAY.stop)
    assign(workspace)
    assert gone(workspace) == []


def test_whom_the_machine_links_over_the_end_of_a_stretch_is_shown_in_one(
    workspace: Workspace,
) -> None:
    _, other = fill_film(workspace, LAST, lambda person, number: person, is_there, ONE_SHOT)
    assign(workspace)
    assert gone(workspace) == [(910, other[2])]


def test_who_left_by_an_answer_alone_is_shown_beside_a_new_question(workspace: Workspace) -> None:
    """The machine goes on with somebody else's boxes, so at first nobody seems to have left."""
    tracks = fill_film(
        workspace,
        LAST,
        lambda person, number: 7 if person == 1 and number >= 6 else person,
        lambda person, number: person == 0 or number not in (5, 6, 7, 8),
        ONE_SHOT,
    )
    one, other = tracks
    with writing(workspace.engine) as session:
        # From the third key frame on, person 1 is taken for person 0, who is taken for nobody.
        for box in other[2:5]:
            session.get_one(PersonBox, box).person = 1
        for box in other[5:]:
            session.get_one(PersonBox, box).person = 1
    assign(workspace)
    first, middle, last = slots(workspace)
    say(workspace, 1, first, [one[:5], other[:2], other[2:5]])
    say(workspace, 1, middle, [one[4:9], other[4:5]])
    say(workspace, 1, last, [one[8:], other[4:5], other[5:]])
    link(workspace)
    report = assign(workspace)
    assert (report.num_questions, report.num_again) == (1, 1)
    assert asked(workspace)[-1] == (910, 912, False)
    assert gone(workspace)[-1] == (910, other[1]), "who left before the third key frame"
    *_, again = slots(workspace)
    say(workspace, 1, again, [one[8:11], [other[1], *other[5:7]]])
    link(workspace)
    found = persons(workspace, [[*other[:2], *other[5:]], other[2:5], one])
    assert [len(person) for person in found] == [1, 1, 1]
    assert len(set.union(*found)) == 3
    assert assign(workspace).num_questions == 0


def test_what_comes_before_anybody_answers_is_shown_by_the_same_question(
    workspace: Workspace,
) -> None:
    one, other = fill_film(workspace, LAST, lambda person, number: person, cut=ONE_SHOT)
    assign(workspace)
    with writing(workspace.engine) as session:
        for box in other[3:10]:
            session.get_one(PersonBox, box).is_dropped = True
        for box in other[10:]:
            session.get_one(PersonBox, box).person = 7
    report = assign(workspace)
    assert report.num_questions == 0
    assert gone(workspace) == [(910, other[2])]
    assert len(one) == LAST


def test_a_box_that_comes_after_the_answer_is_asked_about_with_its_neighbours(
    workspace: Workspace,
) -> None:
    tracks = fill_film(workspace, 3)
    assign(workspace)
    (slot,) = slots(workspace)
    say(workspace, 1, slot, tracks)
    for time in (1, 2):
        new = add_box(workspace, tracks[0][1])
        link(workspace)
        report = assign(workspace)
        assert (report.num_questions, report.num_unfollowed, report.num_again) == (1, 1, 1)
        assert asked(workspace)[-1] == (902, 904, False), "the same key frames again"
        with reading(workspace.engine) as session:
            rounds = session.scalars(select(LinkStretch.round).order_by(LinkStretch.id)).all()
        assert rounds == list(range(time + 1))
        assert assign(workspace).num_questions == 0, "it is open"
        *_, again = slots(workspace)
        extra = [[box] for box in range(tracks[1][2] + 1, new + 1)]
        say(workspace, 1, again, [*tracks, *extra])
        link(workspace)
        found = persons(workspace, [*tracks, *extra])
        assert [len(one) for one in found] == [1] * (2 + time)
        assert len(set.union(*found)) == 2 + time
    assert assign(workspace).num_questions == 0


def test_what_is_said_again_wins_over_what_was_said_first_and_gold_over_both(
    workspace: Workspace, tmp_path: Path
) -> None:
    tracks = fill_film(workspace, 9, lambda person, number: person)
    add_gold(workspace, write_truth(tmp_path, range(5)))
    assign(workspace)
    (slot,) = slots(workspace)
    say(workspace, 1, slot, [track[4:] for track in tracks])
    add_box(workspace, tracks[0][7])
    add_box(workspace, tracks[0][2])
    link(workspace)
    report = assign(workspace)
    assert (report.num_questions, report.num_unfollowed) == (2, 1), "gold never asked about boxes"
    in_gold, behind = [one for one in slots(workspace) if one.stretch_id > slot.stretch_id]
    mixed = [[[a[n], b[n + 1], b[n + 2]] for a, b in (tracks, tracks[::-1])] for n in (1, 6)]
    say(workspace, 1, in_gold, mixed[0])
    say(workspace, 1, behind, mixed[1])
    link(workspace)
    one, other = tracks
    found = persons(workspace, [[*one[:7], *other[7:]], [*other[:7], *one[7:]]])
    assert [len(person) for person in found] == [1, 1]
    assert found[0] != found[1]


def test_of_gold_it_is_known_who_comes_back(workspace: Workspace, tmp_path: Path) -> None:
    tracks = fill(workspace)
    other = tracks[1]
    truth = write_truth(tmp_path, range(LAST))
    rows = truth.path.read_text().splitlines()
    seen = [row for n, row in enumerate(rows) if is_there(n % 2, n // 2)]
    truth.path.write_text("".join(f"{row}\n" for row in seen))
    assert add_gold(workspace, truth).num_new == 3
    assert (other[2], other[3], True) in edits(workspace)
    with reading(workspace.engine) as session:
        known = session.scalars(
            select(GoldTrack.person).where(GoldTrack.person_box_id == other[2])
        ).all()
    assert known == [1, 1]
    assert add_gold(workspace, truth).num_new == 0
    link(workspace)
    assert [len(person) for person in persons(workspace, tracks)] == [1, 1]


def test_boxes_of_which_gold_says_nothing_are_asked_about(
    workspace: Workspace, tmp_path: Path
) -> None:
    fill_film(workspace, 5)
    truth = write_truth(tmp_path, range(5))
    rows = truth.path.read_text().splitlines()
    truth.path.write_text("".join(f"{row}\n" for row in rows[::2]))
    add_gold(workspace, truth)
    report = assign(workspace)
    assert (report.num_questions, report.num_unfollowed) == (1, 0)
    assert [one[:2] for one in asked(workspace) if not one[2]] == [(902, 906)]
    assert assign(workspace).num_questions == 0


def test_who_is_shown_beside_a_stretch_goes_where_the_box_is_found_no_more(
    workspace: Workspace,
) -> None:
    _, other = fill(workspace)
    assign(workspace)
    with writing(workspace.engine) as session:
        assert not take_back_box(session, session.get_one(PersonBox, other[2]))
    assert gone(workspace) == []
    assign(workspace)
    assert gone(workspace) == [(910, other[1])], "the box before it is the last by now"


def test_one_key_frame_is_asked_about_as_long_as_somebody_stands_beside_it(
    workspace: Workspace,
) -> None:
    one, other = fill(workspace)
    assign(workspace)
    alone = "15:10 to 15:13"
    assert alone in offered(workspace)
    with writing(workspace.engine) as session:
        # Of the last stretch nobody is left but the one who comes, at one key frame.
        for box in (*one[8:], *other[4:]):
            session.get_one(PersonBox, box).is_dropped = True
        remake(session, workspace.config.verify)
    assert gone(workspace) == [(910, other[2])]
    assert alone in offered(workspace)
    last = slots(workspace)[-1]
    say(workspace, 1, last, [other[2:4]])
    assert edits(workspace) == [(other[2], other[3], True)]


def test_one_key_frame_is_asked_about_no_more_where_nobody_stands_beside_it_and_again_if_one_does(
    workspace: Workspace,
) -> None:
    one, other = fill(workspace)
    assign(workspace)
    with writing(workspace.engine) as session:
        for box in (*one[8:], *other[4:]):
            session.get_one(PersonBox, box).is_dropped = True
        assert not take_back_box(session, session.get_one(PersonBox, other[2]))
        remake(session, workspace.config.verify)
    assert gone(workspace) == []
    assert not finished(workspace)[0]
    for slot, tracks in zip(slots(workspace), ([one[:5], other[:2]], [one[4:9]]), strict=False):
        say(workspace, 1, slot, tracks)
    assert finished(workspace) == [True], "of who comes nobody is asked"
    assign(workspace)
    assert gone(workspace) == [(910, other[1]), (910, one[7])], "the last boxes by now"
    assert not finished(workspace)[0]


def test_who_came_to_stand_beside_a_stretch_while_it_was_answered_is_asked_about_again(
    workspace: Workspace,
) -> None:
    tracks = fill_film(workspace, LAST, lambda person, number: person, cut=ONE_SHOT)
    one, other = tracks
    assign(workspace)
    *_, last = slots(workspace)
    with writing(workspace.engine) as session:
        for box in other[3:10]:
            session.get_one(PersonBox, box).is_dropped = True
        for box in other[10:]:
            session.get_one(PersonBox, box).person = 7
    assign(workspace)
    assert gone(workspace) == [(910, other[2])]
    # The page had shown the strip before, so the answer knows nothing of who stands beside it.
    say(workspace, 1, last, [one[8:], other[10:]])
    report = assign(workspace)
    assert report.num_questions == 1 and gone(workspace)[1:] == [(911, other[2])]
    assert assign(workspace).num_questions == 0
