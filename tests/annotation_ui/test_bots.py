"""Bots through the real page, by a clock that the test turns: none of their votes decides."""

import random
from collections import Counter

import pytest
from sqlalchemy import func, select

from kinetics_builder.crowd.records import read_standings
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Decision, Verdict, Vote

NUM_BOTS = 9


def let_bots_work(world, app, seconds: float, choose) -> None:
    """Nine workers answer all that they are asked, in turns, each so many seconds an answer."""
    now = [1e9]
    app.extensions["kbuild"].clock = lambda: now[0]
    bots = [world.client(number, app=app).log_in() for number in range(NUM_BOTS)]
    slots = [bot.next() for bot in bots]
    while any(slots):
        now[0] += seconds
        for number, bot in enumerate(bots):
            if slots[number]:
                reply = bot.answer(slots[number]["slot"], choose(number))
                assert reply.status_code in (200, 410), reply.text
                slots[number] = reply.json["next"] or bot.next()


def verdicts(world) -> Counter[Verdict]:
    with reading(world.workspace.engine) as session:
        query = select(Decision.verdict, func.count()).group_by(Decision.verdict)
        return Counter({verdict: number for verdict, number in session.execute(query)})


@pytest.fixture
def world(make_world):
    """Thirty clips in three tasks, two gold questions in each whose answer is yes."""
    settings = "[verify]\ngold_min_answers = 2\n"
    return make_world([10, 10, 10], num_gold=2, num_workers=NUM_BOTS + 3, settings=settings)


def check_that_nobody_counts(world) -> None:
    with reading(world.workspace.engine) as session:
        standings = read_standings(session, world.workspace.config.verify)
        num_votes = session.scalar(select(func.count(Vote.id)))
    assert num_votes and len(standings) == NUM_BOTS
    assert [standing.words for standing in standings.values() if standing.counts] == []
    found = verdicts(world)
    assert found[Verdict.ACCEPTED] == found[Verdict.REJECTED] == 0


def test_nine_bots_at_a_tenth_of_a_second_keep_no_standing(world) -> None:
    chance = random.Random(3)
    let_bots_work(world, world.app(), 0.1, lambda number: chance.choice(["yes", "no"]))
    check_that_nobody_counts(world)


@pytest.mark.long
def test_bots_that_always_say_no_shut_nobody_out(world) -> None:
    """At a person's speed; three people then decide every clip, as if no bot had been there."""
    app = world.app()
    let_bots_work(world, app, 4.0, lambda number: "no")
    check_that_nobody_counts(world)
    clock = [2e9]

    def tick() -> float:
        clock[0] += 4.0
        return clock[0]

    app.extensions["kbuild"].clock = tick
    people = [world.client(NUM_BOTS + number, app=app).log_in() for number in range(3)]
    for person in people:
        while slot := person.next():
            assert person.answer(slot["slot"], "yes").status_code == 200
    assert verdicts(world)[Verdict.ACCEPTED] == 32, "thirty clips, and the two of the gold"
