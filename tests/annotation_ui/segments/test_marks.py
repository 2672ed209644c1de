"""Marking when something happens, over the page's addresses, up to segments agreed on."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from kinetics_builder.crowd.kinds.segments import SEGMENTS
from kinetics_builder.crowd.segments.grading import grade, pairs_of_marks
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    MarkedStretch,
    Task,
    TaskSlot,
    TimelineAnswer,
    WorkerStanding,
)
from kinetics_builder.intervals import Interval
from pipelines.cli import group
from pipelines.takedown.takedown import takedown
from pipelines.verifying.aggregate import aggregate
from tests.annotation_ui.conftest import Person, World

MakeVideos = Callable[..., World]


def log_in(world: World, number: int = 0) -> Person:
    """Log in as somebody who has read the instructions about segments."""
    person = world.client(number).log_in(read_instructions=False)
    form = {"csrf_token": person.token("/instructions/2?kind=segments")}
    assert person.browser.post("/instructions?kind=segments", data=form).status_code == 302
    return person


def ask(person: Person) -> dict[str, Any] | None:
    reply = person.browser.get("/task.json?kind=segments")
    assert reply.status_code == 200, reply.text
    person.csrf = reply.json["csrf_token"]
    found: dict[str, Any] | None = reply.json["next"]
    return found


def say(person: Person, slot: int, marks: object, **fields: str) -> Any:
    text = marks if isinstance(marks, str) else json.dumps(marks)
    return person.browser.post(
        f"/slots/{slot}/answer",
        data={"kind": "segments", "marks": text, **fields},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )


def say_all(world: World, number: int, *answers: object) -> None:
    """Let a worker answer about one video after the other."""
    person = log_in(world, number)
    for marks in answers:
        asked = ask(person)
        assert asked is not None
        unsure = {"unsure": "1"} if marks == "unsure" else {}
        reply = say(person, asked["slot"], [] if unsure else marks, **unsure)
        assert reply.status_code == 200, reply.text


def kbuild(world: World, *words: str) -> Any:
    return CliRunner().invoke(group, ["-C", str(world.workspace.root), *words])


def test_marks_are_stored_and_the_video_is_sent_to_who_is_asked_alone(
    make_videos: MakeVideos,
) -> None:
    world = make_videos(1)
    person, other = log_in(world), world.client(1).log_in(read_instructions=False)
    asked = ask(person)
    assert asked is not None
    assert (asked["label"], asked["duration"], asked["rate"]) == ("walking", 6.0, 10.0)
    assert "video0" not in json.dumps(asked)
    path = f"/videos/{asked['video']}"
    with person.browser.get(path, headers={"Range": "bytes=0-9"}) as reply:
        assert (reply.status_code, len(reply.data)) == (206, 10)
    assert other.browser.get(path).status_code == 404
    assert say(person, asked["slot"], [[3.0, 9.0], [0.5, 1.25]]).json["outcome"] == "saved"
    with reading(world.workspace.engine) as session:
        columns = MarkedStretch.start_seconds, MarkedStretch.end_seconds
        rows = session.execute(select(*columns).order_by(MarkedStretch.number)).all()
        assert [tuple(row) for row in rows] == [(0.5, 1.25), (3.0, 6.0)], "cut off at its end"
    assert "walking" in person.browser.get("/earlier?kind=segments").text


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ("nothing", "is not JSON"),
        ({}, "is not a list"),
        ([[1]], "Mark 0 is not [start, end]"),
        ([[0, 1], [2, 2]], "Mark 1: [2, 2] ends before it starts"),
        ([[-1, 1]], "Mark 0 is not [start, end]"),
        ([[0, 10**400]], "Mark 0 is not [start, end]"),
        ([[0, True]], "Mark 0 is not [start, end]"),
        ([[0, 1]] * 201, "200 stretches or fewer"),
    ],
    ids=str,
)
def test_what_is_no_list_of_stretches_is_refused(
    make_videos: MakeVideos, marks: object, said: str
) -> None:
    world = make_videos(1)
    person = log_in(world)
    asked = ask(person)
    assert asked is not None
    reply = say(person, asked["slot"], marks)
    assert reply.status_code == 400 and said in reply.json["message"]


def test_enough_people_finish_a_video_and_unsure_is_an_answer(make_videos: MakeVideos) -> None:
    world = make_videos(1, answers=2)
    say_all(world, 0, "unsure")
    say_all(world, 1, [])
    assert ask(log_in(world, 2)) is None
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(Task.is_finished)).all() == [True]
        assert session.scalar(select(func.count(TimelineAnswer.id))) == 2


def test_a_change_of_mind_is_a_row_more_and_the_last_counts(make_videos: MakeVideos) -> None:
    world = make_videos(1)
    person = log_in(world)
    asked = ask(person)
    assert asked is not None
    say(person, asked["slot"], [[0, 1]])
    assert say(person, asked["slot"], [], revision="1").json["outcome"] == "saved"
    with reading(world.workspace.engine) as session:
        assert session.scalar(select(func.count(TimelineAnswer.id))) == 2
        standing = select(TimelineAnswer.revision).where(TimelineAnswer.stands())
        assert session.scalars(standing).all() == [1]


def test_what_most_marked_is_agreed_on_and_written_as_activitynet_has_it(
    make_videos: MakeVideos,
) -> None:
    world = make_videos(2, assign=False)
    result = kbuild(world, "assign", "--kind", "segments")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("segments: 1 new task: 2 videos and 0 gold questions")
    assert "0 videos" in kbuild(world, "assign", "--kind", "segments").output
    say_all(world, 0, [[1.0, 3.0], [4.0, 5.0]], [])
    say_all(world, 1, [[1.2, 3.0]], [])
    say_all(world, 2, [[1.1, 3.2], [4.0, 5.2]], "unsure")
    out = world.workspace.root / "agreed.json"
    result = kbuild(world, "crowd", "segments", "--out", str(out))
    assert result.exit_code == 0, result.output
    found = {
        name: [(one["label"], *one["segment"]) for one in video["annotations"]]
        for name, video in json.loads(out.read_text())["database"].items()
    }
    assert sorted(map(len, found.values())) == [0, 2]
    (agreed,) = (one for one in found.values() if one)
    assert agreed == [("walking", 1.1, 3.0), ("walking", 4.0, 5.1)]


def test_nothing_is_asked_where_nobody_is_to_mark_and_the_next_step_is_said(
    make_videos: MakeVideos,
) -> None:
    world = make_videos(1, answers=0, assign=False)
    result = kbuild(world, "assign", "--kind", "segments")
    assert result.exit_code == 1 and "verify.segment_answers is 0" in result.output
    result = kbuild(world, "crowd", "segments", "--out", str(world.workspace.root / "x.csv"))
    assert result.exit_code == 1 and "kbuild annotate" in result.output


def test_gold_tells_who_misses_when_it_happens(make_videos: MakeVideos) -> None:
    world = make_videos(2, assign=False)
    gold = world.workspace.root / "gold.csv"
    gold.write_text("video,label,start,end\nvideo0,walking,1,3\n")
    result = kbuild(world, "gold", "--kind", "segments", str(gold))
    assert result.exit_code == 0 and "1 new gold video with 1 stretch" in result.output
    assert "0 new gold videos" in kbuild(world, "gold", "--kind", "segments", str(gold)).output
    gold.write_text("video,label,start,end\nvideo0,walking,2,3\n")
    assert "other stretches" in kbuild(world, "gold", "--kind", "segments", str(gold)).output
    gold.write_text("video,label,start,end\nvideo1,walking,2,9\n")
    said = kbuild(world, "gold", "--kind", "segments", str(gold)).output
    assert "from 2 to 9 s, but the video ends at 6 s" in said
    kbuild(world, "assign", "--kind", "segments")
    with reading(world.workspace.engine) as session:
        first = session.scalar(select(TaskSlot.gold_id).order_by(TaskSlot.position).limit(1))
    right, wrong = [[1.1, 3.0]], [[4.0, 5.0]]
    say_all(world, 0, *([right, []] if first else [[], right]))
    say_all(world, 1, *([wrong, []] if first else [[], wrong]))
    with writing(world.workspace.engine) as session:
        aggregate(session, world.workspace.config.verify)
        rows = session.execute(
            select(WorkerStanding.num_gold, WorkerStanding.num_gold_right)
            .where(WorkerStanding.kind == SEGMENTS.name)
            .order_by(WorkerStanding.worker_id)
        )
        assert [tuple(row) for row in rows] == [(1, 1), (1, 0)]


def test_a_video_that_is_taken_down_is_asked_about_no_more(make_videos: MakeVideos) -> None:
    world = make_videos(1)
    person = log_in(world)
    asked = ask(person)
    assert asked is not None
    listed = world.workspace.root / "list.csv"
    listed.write_text("video0 | 2026-11-30 | asked for\n")
    takedown(world.workspace, listed)
    assert ask(person) is None
    assert person.browser.get(f"/videos/{asked['video']}").status_code == 404


def test_how_far_marks_agree_is_told(make_videos: MakeVideos) -> None:
    world = make_videos(1)
    say_all(world, 0, [[1.0, 3.0]])
    say_all(world, 1, [[1.0, 2.0], [4.0, 5.0]])
    result = kbuild(world, "crowd", "agreement", "--json")
    assert result.exit_code == 0, result.output
    assert "stretches that others marked too" in result.output


def test_stretches_are_paired_once_each_those_that_overlap_most_first() -> None:
    one = [Interval(0, 10), Interval(2, 12)]
    assert pairs_of_marks(one, [Interval(1, 11)], 0.5) == [(0, 0, 9 / 11)]
    assert pairs_of_marks(one, [Interval(20, 21)], 0.5) == []
    assert grade(one, [Interval(1, 11)], 0.5) == (1, 1, 1)
    assert grade([], [], 0.5).is_right
