"""Whether a person does an action: one proposed label at a time, two of three decide."""

from typing import Any

import pytest
from sqlalchemy import insert, update

from kinetics_builder.crowd import people
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    ActionVote,
    Answer,
    Gold,
    PersonAction,
    PersonBox,
    Task,
    Verdict,
    WorkerStanding,
)
from pipelines.inspecting.films.following import next_of_people
from tests.annotation_ui.people.test_actions import NAMES, SIT, STAND, TALK, say

ACCEPTED, REJECTED, OPEN = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.OPEN


def come(world: Any, number: int) -> Any:
    """Return a worker who verifies: all kinds are briefed."""
    person = world.client(number)
    person.log_in(read_instructions=False)
    for kind in ("actions", "verification"):
        form = {"csrf_token": person.token(f"/instructions/1?kind={kind}"), "kind": kind}
        assert person.browser.post("/instructions", data=form).status_code == 302
    return person


def next_of(person: Any) -> Any:
    reply = person.browser.get("/task.json?kind=verification")
    person.csrf = reply.json["csrf_token"]
    return reply.json["next"]


def vote(person: Any, slot: int, answer: str, **fields: str) -> Any:
    return person.browser.post(
        f"/slots/{slot}/answer",
        data={"kind": "verification", "answer": answer, **fields},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )


def verdicts(world: Any) -> list[tuple[Any, ...]]:
    return world.rows(PersonAction.person_box_id, PersonAction.action_id, PersonAction.verdict)


@pytest.fixture
def proposed(make_meeting):
    """Two boxes, each with stand, sit and talk proposed, and dealt to be verified."""
    world = make_meeting(1)
    world.assign()
    ann, ben = come(world, 0), come(world, 1)
    for person, fields in (
        (ann, {"pose": "stand", "person_2": NAMES[TALK]}),
        (ben, {"pose": "sit"}),
    ):
        while question := person.browser.get("/task.json?kind=actions").json["next"]:
            person.csrf = person.browser.get("/session.json").json["csrf_token"]
            assert say(person, question["slot"], **fields).status_code == 200
    assert [one.num_questions for one in world.assign().people] == [0, 6]
    return world


def test_each_candidate_is_asked_once_with_its_meaning(proposed) -> None:
    eve = come(proposed, 2)
    asked = []
    while question := next_of(eve):
        asked.append((question["action"], question["label"], bool(question["definition"])))
        assert vote(eve, question["slot"], "yes").status_code == 200
    assert sorted(asked) == sorted(
        (n, NAMES[n], True) for n in (STAND, SIT, TALK) for _ in range(2)
    )
    assert [one.num_questions for one in proposed.assign().people] == [0, 0]


def test_two_of_three_decide_and_no_more_are_asked(proposed) -> None:
    says = {STAND: "yes", SIT: "no", TALK: "yes"}
    for number in (2, 3):
        rater = come(proposed, number)
        while question := next_of(rater):
            answer = (
                "no" if number == 3 and question["action"] == TALK else says[question["action"]]
            )
            assert vote(rater, question["slot"], answer).status_code == 200
    one, other = proposed.boxes[0]
    decided = {STAND: ACCEPTED, SIT: REJECTED, TALK: OPEN}
    assert verdicts(proposed) == [
        (box, number, decided[number]) for box in (one, other) for number in sorted(decided)
    ]
    third = come(proposed, 4)
    while question := next_of(third):
        assert question["action"] == TALK
        assert vote(third, question["slot"], "unsure").status_code == 200
    assert [row[2] for row in verdicts(proposed)] == [REJECTED, ACCEPTED, REJECTED] * 2
    assert next_of(come(proposed, 5)) is None
    assert {row for row in proposed.rows(Task.kind, Task.is_finished)} == {
        ("actions", True),
        ("verification", True),
    }


@pytest.mark.parametrize("answer", ["bad", "", "Yes", "maybe"])
def test_what_is_no_answer_is_refused_in_words(proposed, answer) -> None:
    eve = come(proposed, 2)
    reply = vote(eve, next_of(eve)["slot"], answer)
    assert (reply.status_code, proposed.rows(ActionVote.id)) == (400, [])
    assert "not one of yes, no, unsure" in reply.json["message"]


def test_a_later_vote_takes_the_place_of_an_earlier_one(proposed) -> None:
    eve = come(proposed, 2)
    slot = next_of(eve)["slot"]
    assert vote(eve, slot, "yes").status_code == 200
    assert vote(eve, slot, "no").status_code == 409
    assert vote(eve, slot, "no", revision="1").status_code == 200
    assert proposed.rows(PersonAction.num_yes, PersonAction.num_no) == [(0, 1)]


def test_votes_that_are_set_aside_decide_nothing_and_counting_anew_agrees(proposed) -> None:
    for number in (2, 3):
        rater = come(proposed, number)
        while question := next_of(rater):
            assert vote(rater, question["slot"], "yes").status_code == 200
    before = proposed.rows(*PersonAction.__table__.columns)
    verify = proposed.workspace.config.verify
    with writing(proposed.workspace.engine) as session:
        people.exclude(session, people.find_worker(session, "worker 3"), verify)
    assert {row[2] for row in verdicts(proposed)} == {OPEN}
    assert set(proposed.rows(PersonAction.num_yes, PersonAction.num_set_aside)) == {(1, 1)}
    assert next_of(come(proposed, 4)) is not None
    with writing(proposed.workspace.engine) as session:
        people.readmit(session, people.find_worker(session, "worker 3"), verify)
        session.execute(update(PersonAction).values(num_yes=9))
        remake(session, verify)
    assert proposed.rows(*PersonAction.__table__.columns) == before


def test_what_is_proposed_no_more_is_asked_no_more(proposed) -> None:
    eve = come(proposed, 2)
    question = next_of(eve)
    with writing(proposed.workspace.engine) as session:
        verify = proposed.workspace.config.verify
        people.exclude(session, people.find_worker(session, "worker 1"), verify)
    assert next_of(eve) is None
    assert vote(eve, question["slot"], "yes").status_code == 410
    assert proposed.rows(ActionVote.id) == []


def test_gold_judges_and_unsure_is_right_of_none(make_meeting) -> None:
    world = make_meeting(1, settings="[verify]\nhaste_seconds = 0.0\ngold_min_answers = 1\n")
    box, _ = world.boxes[0]
    ((frame,),) = set(world.rows(PersonBox.key_frame_id))
    with writing(world.workspace.engine) as session:
        subject = {"key_frame_id": frame, "person_box_id": box}
        rows = [
            {**subject, "action_id": number, "expected": answer}
            for number, answer in ((STAND, Answer.YES), (SIT, Answer.NO))
        ]
        session.execute(insert(Gold), rows)
    world.assign()
    for number in (0, 1):
        say_all_of = come(world, number)
        while question := say_all_of.browser.get("/task.json?kind=actions").json["next"]:
            say_all_of.csrf = say_all_of.browser.get("/session.json").json["csrf_token"]
            assert say(say_all_of, question["slot"], pose="stand").status_code == 200
    (_, report) = world.assign().people
    assert (report.num_gold_slots, report.num_gold_known) == (1, 2)
    eve, dan = come(world, 2), come(world, 3)
    for rater, answer in ((eve, "unsure"), (dan, "no")):
        while question := next_of(rater):
            assert vote(rater, question["slot"], answer).status_code == 200
    columns = (WorkerStanding.num_gold, WorkerStanding.num_gold_right, WorkerStanding.is_warned)
    found = [row[1:] for row in world.rows(WorkerStanding.kind, *columns) if row[0] != "actions"]
    assert found == [(1, 0, True), (1, 1, False)]


def test_status_says_what_comes_next_until_all_is_confirmed(make_meeting) -> None:
    world = make_meeting(1)

    def following() -> str | None:
        with reading(world.workspace.engine) as session:
            return next_of_people(session)

    assert following() == (
        "`kbuild assign` (2 questions about persons can be asked that are not yet)"
    )
    world.assign()
    assert following() == "`kbuild annotate` (tasks that are not finished: 1 of actions)"
    for number in (0, 1):
        person = come(world, number)
        while question := person.browser.get("/task.json?kind=actions").json["next"]:
            person.csrf = person.browser.get("/session.json").json["csrf_token"]
            assert say(person, question["slot"], pose="stand").status_code == 200
    assert "2 questions about persons" in (following() or "")
    world.assign()
    assert following() == "`kbuild annotate` (tasks that are not finished: 1 of verification)"
    for number in (2, 3):
        rater = come(world, number)
        while question := next_of(rater):
            assert vote(rater, question["slot"], "yes").status_code == 200
    assert following() is None
