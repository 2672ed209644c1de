"""Answers that are sent at once: the same rows as single answers give, none of them lost."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, update

from kinetics_builder.crowd.records import read_standings, remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Assignment, Gold, Task, TaskSlot, Vote
from kinetics_builder.ways import Way
from tests.annotation_ui.conftest import Person, World

YES, NO, UNSURE, BAD = Answer


def look(person: Person) -> list[dict[str, Any]]:
    """Return all questions that lie before somebody."""
    work = person.browser.get("/task.json").json
    person.csrf = work["csrf_token"]
    return [one for one in (work["next"], *work["following"]) if one]


def send(person: Person, answers: Sequence[dict[str, Any]], **fields: str) -> Any:
    return person.browser.post(
        "/answers",
        data={"kind": "clip", "answers": json.dumps(answers), **fields},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )


def seen(questions: Sequence[dict[str, Any]], *struck: int) -> list[dict[str, Any]]:
    """Return what a grid sends in which those at some places were struck out."""
    return [
        {"slot": one["slot"], "answer": "no" if place in struck else "yes-seen", "seconds": 2.5}
        for place, one in enumerate(questions)
    ]


@contextmanager
def listening(engine: Engine, heard: list[str]) -> Iterator[None]:
    """Write down what the database is asked."""

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


def rows(world: World) -> list[Any]:
    columns = (Vote.worker_id, Vote.clip_id, Vote.answer, Vote.lasts_whole_clip, Vote.revision)
    with reading(world.workspace.engine) as session:
        return list(session.execute(select(*columns).order_by(Vote.id)))


def test_a_grid_is_sent_whole_and_other_ways_a_few_clips_ahead(make_grid) -> None:
    assert len(look(make_grid([15]).client().log_in())) == 15


@pytest.mark.parametrize("way", [Way.CLIP, Way.STREAM])
def test_other_ways_send_a_few_clips_ahead(make_grid, way) -> None:
    assert len(look(make_grid([15], way).client().log_in())) == 4


def test_a_batch_is_what_single_answers_would_be(make_grid) -> None:
    world = make_grid([4, 2])
    app = world.app()
    at_once, one_by_one = world.client(0, app=app).log_in(), world.client(1, app=app).log_in()
    with writing(world.workspace.engine) as session:
        session.execute(update(Task).where(Task.id == 2).values(is_finished=True))
    answers = [
        {"answer": "yes-seen", "seconds": 3.0},
        {"answer": "no", "better_name": "clapping", "seconds": 3.0},
        {"answer": "unsure", "seconds": 3.0},
        {"answer": "bad", "seconds": 3.0},
    ]
    sent = [{"slot": one["slot"], **said} for one, said in zip(look(at_once), answers, strict=True)]
    reply = send(at_once, sent)
    assert reply.status_code == 200
    assert [one["outcome"] for one in reply.json["results"]] == ["saved"] * 4
    for one, said in zip(look(one_by_one), answers, strict=True):
        assert one_by_one.answer(one["slot"], **said).status_code == 200
    with reading(world.workspace.engine) as session:
        columns = (Vote.clip_id, Vote.answer, Vote.lasts_whole_clip, Vote.better_name, Vote.seconds)
        first, second = (
            session.execute(select(*columns).where(Vote.worker_id == number).order_by(Vote.id))
            for number in (1, 2)
        )
        assert first.all() == second.all()
        assert session.scalar(select(Assignment.submitted_at)) is not None


def test_a_large_grid_is_read_in_no_more_queries_than_a_small_one(make_grid) -> None:
    world = make_grid([2, 20])
    app = world.app()
    person = world.client(0, app=app).log_in()
    num_read = []
    for _ in range(2):
        questions, read = look(person), []
        with listening(world.workspace.engine, read):
            assert send(person, seen(questions, 0)).status_code == 200
        num_read.append(len([text for text in read if text.startswith("SELECT")]))
    assert num_read[1] <= num_read[0]


def test_who_goes_on_is_handed_the_next_task_in_the_transaction_of_the_answers(make_grid) -> None:
    world = make_grid([3, 2])
    person = world.client(0).log_in()
    sent, heard = seen(look(person), 0), []
    with listening(world.workspace.engine, heard):
        reply = send(person, sent, go_on="1").json
    assert (reply["next"]["total"], len(reply["following"])) == (2, 1)
    assert [text for text in heard if text.startswith("BEGIN")] == ["BEGIN IMMEDIATE"]


def test_a_clip_that_was_not_seen_is_no_yes_and_the_others_are_saved(make_grid) -> None:
    world = make_grid([3])
    person = world.client().log_in()
    sent = seen(look(person))
    del sent[1]["seconds"]
    sent[2]["seconds"] = 0
    results = send(person, sent).json["results"]
    assert [one["status"] for one in results] == [200, 400, 400]
    assert "how long the clip was seen to play" in results[1]["message"]
    assert len(rows(world)) == 1


def test_a_batch_again_changes_nothing_and_another_is_refused_clip_by_clip(make_grid) -> None:
    world = make_grid([3])
    person = world.client().log_in()
    sent = seen(look(person), 1)
    first, again = send(person, sent).json, send(person, sent).json
    assert first["results"] == again["results"]
    changed = [{**one, "answer": "no"} for one in sent]
    results = send(person, changed).json["results"]
    assert [one["outcome"] for one in results] == ["conflict", "saved", "conflict"]
    assert len(rows(world)) == 3


def test_all_of_the_last_grid_may_be_changed(make_grid) -> None:
    world = make_grid([15])
    person = world.client().log_in()
    questions = look(person)
    send(person, seen(questions))
    work = person.browser.get("/task.json").json
    assert [one["slot"] for one in work["earlier"]] == [one["slot"] for one in questions]
    assert {(one["choice"], one["way"]) for one in work["earlier"]} == {("yes-seen", "grid")}
    later = [{"slot": questions[0]["slot"], "answer": "no", "revision": 1}]
    assert send(person, later).json["results"][0]["outcome"] == "saved"
    assert [row[2] for row in rows(world)] == [YES] * 15 + [NO]


def test_what_others_decided_meanwhile_is_told_of_each_clip(make_grid) -> None:
    world = make_grid([2])
    app = world.app()
    people = [world.client(number, app=app).log_in() for number in range(4)]
    first = look(people[0])
    with writing(world.workspace.engine) as session:
        session.execute(update(Assignment).values(expires_at=0.0))
    for person in people[1:]:
        assert send(person, seen(look(person)[:1])).status_code == 200
    results = send(people[0], seen(first)).json["results"]
    assert [(one["status"], one["outcome"]) for one in results] == [(410, "closed"), (200, "saved")]


def test_a_grid_taken_up_in_another_browser_is_answered_once(make_grid) -> None:
    world = make_grid([3])
    app = world.app()
    here, there = world.client(app=app).log_in(), world.client(app=app).log_in()
    questions = look(here)
    assert look(there) == questions
    send(there, seen(questions[:2], 0))
    assert [one["slot"] for one in look(here)] == [questions[2]["slot"]]
    results = send(here, seen(questions)).json["results"]
    assert [one["outcome"] for one in results] == ["conflict", "saved", "saved"]
    assert [row[2] for row in rows(world)] == [NO, YES, YES]


def test_practice_shows_the_truth_after_the_whole_grid(make_grid) -> None:
    world = make_grid([2], num_gold=1)
    person = world.client().log_in()
    results = send(person, seen(look(person), 2)).json["results"]
    assert [bool(one["graded"]) for one in results] == [False, False, True]
    assert results[2]["graded"]["is_right"] is False


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        pytest.param("[", "no JSON", id="cut off"),
        pytest.param("{}", "a list of 1 to 48", id="no list"),
        pytest.param("[]", "a list of 1 to 48", id="nothing"),
        pytest.param(json.dumps([{"slot": 1}] * 49), "a list of 1 to 48", id="too much"),
        pytest.param('["yes"]', "an object with a slot", id="no object"),
        pytest.param('[{"slot": "1"}]', "an object with a slot", id="no number"),
        pytest.param('[{"slot": 99999999999}]', "not the number of a slot", id="no slot"),
    ],
)
def test_a_batch_that_is_none_is_refused(make_grid, answers, message) -> None:
    person = make_grid([2]).client().log_in()
    look(person)
    reply = person.browser.post(
        "/answers",
        data={"answers": answers},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )
    assert reply.status_code == 400
    assert message in reply.json["message"]


def test_a_batch_of_somebody_else_is_refused_and_one_without_a_login_waits(make_grid) -> None:
    world = make_grid([2])
    person = world.client().log_in()
    sent = seen(look(person))
    assert send(person, sent, worker="worker 7").status_code == 401
    person.browser.post("/logout", headers={"X-CSRFToken": person.csrf})
    assert send(person, sent).status_code == 401
    assert rows(world) == []


def test_foreign_slots_in_a_batch_are_told_apart(make_grid) -> None:
    world = make_grid([1, 1])
    person = world.client().log_in()
    mine = look(person)
    results = send(person, seen([*mine, {"slot": 2}, {"slot": 999}])).json["results"]
    assert [one["status"] for one in results] == [200, 404, 404]
    assert len(rows(world)) == 1


@pytest.mark.parametrize(("label", "num_asked"), [(1, 3), (2, 2)], ids=["its class", "another"])
def test_gold_in_place_of_what_was_met_is_of_the_class_of_the_grid(
    make_grid, label, num_asked
) -> None:
    world = make_grid([2, 2, 1], num_gold=1)
    with writing(world.workspace.engine) as session:
        session.execute(update(Task).where(Task.id > 1).values(is_finished=True))
        asked_last = select(TaskSlot.clip_id).where(TaskSlot.task_id == 3, TaskSlot.position == 0)
        session.add(Gold(clip_id=session.scalar(asked_last), label_id=label, expected=YES))
    person = world.client().log_in()
    send(person, seen(look(person)))
    with writing(world.workspace.engine) as session:
        session.execute(update(Task).where(Task.id == 2).values(is_finished=False))
    assert len(look(person)) == num_asked


def test_without_scripts_a_grid_is_answered_one_clip_at_a_time(make_grid) -> None:
    world = make_grid([2])
    person = world.client().log_in()
    grid = person.browser.get("/task").text
    assert "/task?way=clip" in grid and 'id="answers"' not in grid
    assert 'id="answers"' in person.browser.get("/task?way=clip").text
    assert person.submit(look(person)[0]["slot"], answer="no").status_code == 302
    assert [row[2] for row in rows(world)] == [NO]


def ahead(person: Person, slot: int) -> list[dict[str, Any]]:
    work = person.browser.get(f"/ahead.json?slot={slot}").json
    return [one for one in (work["next"], *work["following"]) if one]


def test_the_next_task_comes_ahead_and_no_more_than_one(make_grid) -> None:
    world = make_grid([2, 2, 2])
    person = world.client().log_in()
    first = look(person)
    second = ahead(person, first[0]["slot"])
    assert len(second) == 2 and second != first
    assert ahead(person, first[0]["slot"]) == second
    assert look(person) == first, "the task at hand stays it"
    send(person, seen(first))
    assert look(person) == second
    third = ahead(person, second[0]["slot"])
    assert {one["slot"] for one in third}.isdisjoint(one["slot"] for one in (*first, *second))
    send(person, seen(second))
    send(person, seen(third))
    assert ahead(person, third[0]["slot"]) == []
    assert person.browser.get("/ahead.json?slot=x").status_code == 400


def test_a_task_ahead_is_kept_from_nobody_for_longer_than_one_at_hand(make_grid) -> None:
    world = make_grid([1, 1])
    app = world.app()
    ours = [world.client(number, app=app).log_in() for number in range(3)]
    for person in ours:
        ahead(person, look(person)[0]["slot"])
    late = world.client(3, app=app).log_in()
    assert look(late) == []
    with writing(world.workspace.engine) as session:
        session.execute(update(Assignment).values(expires_at=0.0))
    assert len(look(late)) == 1


@pytest.mark.parametrize(
    ("seconds", "counts"), [(10.0, True), (1.0, False)], ids=["who looks", "who does not"]
)
def test_a_grid_takes_the_time_of_looks_at_several_clips(make_grid, seconds, counts) -> None:
    world = make_grid([24] * 2, settings="")
    app, clock = world.app(), [1_000_000.0]
    app.extensions["kbuild"].clock = lambda: clock[0]
    person = world.client(app=app).log_in()
    for _ in range(2):
        questions = look(person)
        clock[0] += seconds
        send(person, seen(questions))
    config = world.workspace.config.verify
    for again in (False, True):
        with writing(world.workspace.engine) as session:
            if again:
                remake(session, config)
            standing = read_standings(session, config)[1]
        assert (standing.counts, standing.is_straight) == (counts, False)
    with reading(world.workspace.engine) as session:
        assert session.scalar(select(func.count(Vote.id))) == 48
