"""What was answered under one name of a person who had two."""

from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.crowd import people
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Vote, Worker


def join(world: Any, kept: int, other: int) -> None:
    with writing(world.workspace.engine) as session:
        rows = [session.get_one(Worker, number + 1) for number in (kept, other)]
        people.join(session, *rows, world.workspace.config.verify)


def answers_of(world: Any, number: int) -> list[Answer]:
    query = select(Vote.answer).where(Vote.worker_id == number + 1).order_by(Vote.id)
    with reading(world.workspace.engine) as session:
        return list(session.scalars(query))


@pytest.fixture
def two(make_world: Any) -> Any:
    """A world, two of its people, and the questions that lie before each."""
    world = make_world([3, 3])
    app = world.app()
    first, second = (world.client(number, app=app).log_in() for number in (0, 1))
    return world, first, second, first.next(), second.next()


def test_an_answer_of_the_other_name_is_taken_once_they_are_one(two: Any) -> None:
    world, _, second, asked, own = two
    told = second.answer(asked["slot"], "bad", worker="worker 0")
    assert told.status_code == 401, "they are two people yet"
    join(world, kept=1, other=0)
    told = second.answer(asked["slot"], "bad", worker="worker 0", go_on="1")
    assert (told.status_code, told.json["outcome"]) == (200, "saved")
    assert told.json["next"]["slot"] == own["slot"], "not of the other's task"
    assert second.answer(asked["slot"], "bad", worker="worker 0").json["saved"]
    assert (answers_of(world, 0), answers_of(world, 1)) == ([], [Answer.BAD])
    for name in ("worker 2", "WORKER 0 ", ""):
        assert second.answer(asked["slot"], "bad", worker=name).status_code == 401, name


def test_a_change_of_mind_under_the_other_name_replaces_what_was_copied(two: Any) -> None:
    world, first, second, asked, _ = two
    assert first.answer(asked["slot"], "no").json["saved"]
    join(world, kept=1, other=0)
    told = second.answer(asked["slot"], "yes", worker="worker 0", revision="1")
    assert told.json["outcome"] == "saved"
    assert answers_of(world, 1) == [Answer.NO, Answer.YES]


def test_where_both_answered_the_one_who_stays_is_heard(two: Any) -> None:
    world, _, second, asked, _ = two
    third = world.client(2, app=second.browser.application).log_in()
    while (found := third.next())["slot"] != asked["slot"]:
        third.answer(found["slot"], "unsure")
    assert third.answer(asked["slot"], "unsure").json["saved"]
    join(world, kept=2, other=0)
    told = third.answer(asked["slot"], "yes", worker="worker 0")
    assert (told.status_code, told.json["outcome"]) == (409, "conflict")


def test_a_browser_is_told_the_keys_of_the_two_and_of_nobody_else(two: Any) -> None:
    world, first, second, *_ = two
    keys = [person.browser.get("/session.json").json["keys"] for person in (first, second)]
    join(world, kept=1, other=0)
    third = world.client(2, app=second.browser.application).log_in()
    assert second.browser.get("/session.json").json["keys"] == [*keys[1], *keys[0]]
    assert len(third.browser.get("/session.json").json["keys"]) == 1
