"""A worker who is set aside is asked a round of known questions, and counts again on passing."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.crowd.people import find_worker
from kinetics_builder.crowd.records import read_standing, remake
from kinetics_builder.crowd.requalifying import requalify
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    Decision,
    Gold,
    GoldRound,
    Label,
    Method,
    TaskSlot,
    Video,
    WorkerStanding,
)
from kinetics_builder.errors import CrowdError
from pipelines.cli import group
from tests.annotation_ui.conftest import UNHURRIED
from tests.annotation_ui.owner.conftest import open_owner

ROUND = f"{UNHURRIED}round_gold = 6\npractice_answers = 0\n"


def add_gold(world: Any, number: int) -> None:
    """Add known questions that no task holds: yes and no in turn."""
    with writing(world.workspace.engine) as session:
        label = session.get_one(Label, 1)
        file = session.scalars(select(ClipFile)).first()
        for index in range(number):
            video = Video(video_id=f"known{index:06d}", source="", url="", title="")
            clip = Clip(video=video, label=label, start_seconds=0.0, end_seconds=10.0)
            clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
            clip.file = ClipFile(
                file=file.file, bytes=file.bytes, sha256=f"{9_000_000 + index:064d}"
            )
            clip.file.duration_seconds, clip.file.width, clip.file.height = 1.0, 64, 48
            clip.file.frames_per_second, clip.file.num_frames = 10.0, 10
            expected = Answer.NO if index % 2 else Answer.YES
            session.add(Gold(clip=clip, label=label, expected=expected))


def known(world: Any) -> dict[tuple[int, int], str]:
    with reading(world.workspace.engine) as session:
        rows = session.execute(select(Gold.clip_id, Gold.label_id, Gold.expected))
        return {(clip, label): said.value for clip, label, said in rows}


def answer_round(world: Any, person: Any, num_wrong: int = 0) -> list[int]:
    """Answer six known questions, so many wrongly; return their clips."""
    told, clips = known(world), []
    for number in range(6):
        slot = person.next()
        right = told[slot["clip"], 1]
        said = {"yes": "no", "no": "yes"}[right] if number < num_wrong else right
        assert person.answer(slot["slot"], said).status_code == 200
        clips.append(slot["clip"])
    return clips


def standing(world: Any) -> Any:
    with reading(world.workspace.engine) as session:
        worker = find_worker(session, "worker 0")
        return read_standing(session, worker.id, world.workspace.config.verify)


def rows(world: Any) -> list[Any]:
    with reading(world.workspace.engine) as session:
        return [
            [tuple(row) for row in session.execute(select(*table.__table__.columns))]
            for table in (WorkerStanding, Decision, GoldRound)
        ]


@pytest.fixture
def spoiled(make_world: Any) -> Any:
    """A world in which worker 0 has missed four known questions, and is set aside."""
    world = make_world([3, 3], num_gold=4, settings=ROUND)
    add_gold(world, 12)
    app = world.app()
    person = world.client(0, app=app).log_in()
    for _ in range(7):
        person.answer(person.next()["slot"], "no")
    assert not standing(world).counts
    return world, person, open_owner(world, app)


def ask(owner: Any) -> Any:
    form = {"csrf_token": owner.token("/owner"), "why": "wrote to me"}
    return owner.browser.post("/owner/workers/1/requalify", data=form)


def test_who_passes_counts_again_and_for_good(spoiled) -> None:
    world, person, owner = spoiled
    assert "Ask again" in owner.browser.get("/owner/workers/1").text
    assert ask(owner).status_code == 302
    assert "Ask again" not in owner.browser.get("/owner/workers/1").text
    clips = answer_round(world, person, num_wrong=1)
    assert len(set(clips)) == 6
    found = standing(world)
    assert (found.counts, found.num_gold, found.num_gold_right) == (True, 6, 5)
    text = owner.browser.get("/owner/workers/1").text
    assert "passed, 5 of 6 right; 5 of 6 pass" in text
    assert "asked gold again" in text and "wrote to me" in text
    kept = rows(world)
    with writing(world.workspace.engine) as session:
        remake(session, world.workspace.config.verify)
    assert rows(world) == kept, "counted anew it is the same"
    later = person.next()
    assert later is not None and later["clip"] not in clips, "the usual work goes on"


def test_who_fails_stays_set_aside_and_meets_other_gold_when_asked_again(spoiled) -> None:
    world, person, owner = spoiled
    ask(owner)
    first = answer_round(world, person, num_wrong=2)
    assert not standing(world).counts
    assert "failed, 4 of 6 right" in owner.browser.get("/owner/workers/1").text
    assert ask(owner).status_code == 302
    second = answer_round(world, person)
    assert not set(first) & set(second), "no known question is met twice"
    assert standing(world).counts
    with writing(world.workspace.engine) as session:
        remake(session, world.workspace.config.verify)
    assert standing(world).counts


def test_the_round_goes_before_a_task_in_hand_and_tells_nobody_what_it_is(spoiled) -> None:
    world, person, owner = spoiled
    in_hand = person.next()
    ask(owner)
    shown = person.next()
    assert shown.keys() == in_hand.keys() and shown["slot"] != in_hand["slot"]
    assert person.answer(in_hand["slot"], "yes").status_code == 200, "what was shown is taken"
    clips = answer_round(world, person)
    assert in_hand["clip"] not in clips
    with reading(world.workspace.engine) as session:
        others = session.scalars(select(TaskSlot.worker_id).where(TaskSlot.worker_id != 1)).all()
    assert others == []


def test_an_answer_of_a_round_is_not_changed_afterwards(spoiled) -> None:
    _, person, owner = spoiled
    ask(owner)
    slot = person.next()["slot"]
    person.answer(slot, "no")
    assert person.answer(slot, "yes", revision="1").status_code == 409


def test_who_counts_or_cannot_come_or_has_met_all_is_not_asked(spoiled) -> None:
    world, person, owner = spoiled
    config = world.workspace.config.verify

    def refused(name: str) -> str:
        with pytest.raises(CrowdError) as told, writing(world.workspace.engine) as session:
            requalify(session, find_worker(session, name), config)
        return str(told.value)

    world.client(1).log_in()
    assert "worker 1 counts" in refused("worker 1")
    assert "#3 is invited, and cannot answer" in refused("#3")
    ask(owner)
    assert "asked a round of known questions already" in refused("worker 0")
    answer_round(world, person, num_wrong=6)
    ask(owner)
    answer_round(world, person, num_wrong=6)
    assert "has met all but 0 known questions, and a round has 6" in refused("worker 0")
    assert ask(owner).status_code == 409


def test_the_command_asks_too(spoiled) -> None:
    world, _, _ = spoiled
    args = ["-C", str(world.workspace.root), "crowd", "requalify", "worker 0", "--json"]
    result = CliRunner().invoke(group, args)
    assert json.loads(result.output) == {"num_asked": 6, "least_right": 5}
    assert CliRunner().invoke(group, args).exit_code == 1
