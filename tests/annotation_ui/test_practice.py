"""A worker's first gold answers: the truth comes after each, and nothing is changed any more."""

import re

from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Answer, Vote
from tests.annotation_ui.conftest import UNHURRIED

HEADING = re.compile(r'class="grade (yes|no)">([^<]+)<')


def heard(person, answer) -> list[dict | None]:
    """Answer all there is; return what is said of each answer."""
    found = []
    while question := person.next():
        reply = person.answer(question["slot"], answer)
        assert reply.status_code == 200, reply.text
        found.append(reply.json["graded"])
    return found


def test_the_first_gold_answers_are_shown_beside_the_truth_and_later_ones_are_not(
    make_world,
) -> None:
    world = make_world([2], num_gold=5)
    asked = heard(world.client().log_in(), "no")
    assert [one and (one["is_right"], one["words"]) for one in asked] == [
        None,
        None,
        *[(False, "You said no; the known answer is yes.")] * 3,
        None,
        None,
    ]
    assert "Practice 1 of 3" in asked[2]["html"]
    assert "From now on you are not told" not in asked[3]["html"]
    assert "From now on you are not told" in asked[4]["html"]
    right = heard(world.client(1).log_in(), "yes")
    assert [one["is_right"] for one in right if one] == [True] * 3


def test_nothing_is_shown_where_the_owner_wants_no_practice(make_world) -> None:
    world = make_world([1], num_gold=2, settings=f"{UNHURRIED}practice_answers = 0\n")
    assert heard(world.client().log_in(), "no") == [None] * 3


def test_what_was_shown_is_changed_no_more_and_said_again_to_who_sends_again(make_world) -> None:
    world = make_world([1], num_gold=1)
    person = world.client().log_in()
    ordinary, gold = [asked["slot"] for asked in person.answer_all("no")]
    late = person.answer(gold, "yes", revision="1")
    assert (late.status_code, late.json["outcome"]) == (409, "conflict")
    assert late.json["stored"]["answer"] == "no"
    again = person.answer(gold, "no")
    assert (again.status_code, again.json["graded"]["is_right"]) == (200, False)
    assert person.answer(ordinary, "yes", revision="1").json["outcome"] == "saved"
    with reading(world.workspace.engine) as session:
        rows = session.execute(select(Vote.slot_id, Vote.answer).order_by(Vote.id)).all()
    assert rows == [(ordinary, Answer.NO), (gold, Answer.NO), (ordinary, Answer.YES)]
    assert [one["slot"] for one in person.browser.get("/task.json").json["earlier"]] == [ordinary]
    assert person.browser.get(f"/earlier/{gold}").status_code == 404
    assert person.browser.get(f"/earlier/{ordinary}").status_code == 200


def test_a_gold_answer_after_the_practice_may_be_changed_like_any_other(make_world) -> None:
    world = make_world([1], num_gold=4)
    person = world.client().log_in()
    *_, last = [asked["slot"] for asked in person.answer_all("no")]
    assert person.answer(last, "yes", revision="1").json["outcome"] == "saved"


def test_without_a_script_a_page_of_its_own_shows_the_truth_to_its_worker_alone(
    make_world,
) -> None:
    world = make_world([1], num_gold=1)
    person = world.client().log_in()
    first = person.next()
    assert first is not None
    person.answer(first["slot"], "no")
    gold = person.next()
    assert gold is not None
    turned = person.submit(gold["slot"], answer="yes-all")
    assert turned.location == f"/graded/{gold['slot']}"
    page = person.browser.get(turned.location)
    assert HEADING.findall(page.text) == [("yes", "Right")]
    assert "You said yes, and so it is." in page.text
    with person.browser.get(f"/clips/{gold['clip']}.mp4") as clip:
        assert clip.status_code == 200
    assert person.browser.get(f"/graded/{first['slot']}").status_code == 404
    assert world.client(1).log_in().browser.get(turned.location).status_code == 404
