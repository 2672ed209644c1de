"""Thinking better of it: the last ten answers may be changed, both answers stay."""

import pytest
from sqlalchemy import select, update

from annotation_ui.owner.progress import read_progress
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.records import read_standing
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Clip, Verdict, Vote
from tests.annotation_ui.conftest import UNHURRIED

YES, NO, UNSURE, BAD = Answer


def rows(world) -> list[tuple[int, int, Answer]]:
    with reading(world.workspace.engine) as session:
        columns = select(Vote.clip_id, Vote.revision, Vote.answer).order_by(Vote.id)
        return [tuple(row) for row in session.execute(columns)]


def test_a_later_answer_takes_the_place_of_the_first_and_both_stay(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    person.answer(slot, "yes")
    reply = person.answer(slot, "no", revision="1", better_name="clapping")
    assert (reply.status_code, reply.json["outcome"]) == (200, "saved")
    assert reply.json["stored"]["answer"] == "no"
    assert rows(world) == [(2, 0, YES), (2, 1, NO)]
    assert person.next()["position"] == 2


def test_what_is_sent_again_changes_nothing_however_late_it_comes(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    said = [("yes", "0"), ("no", "1"), ("unsure", "2")]
    for answer, revision in [*said, *said, said[1]]:
        assert person.answer(slot, answer, revision=revision).json["outcome"] == "saved"
    assert rows(world) == [(2, 0, YES), (2, 1, NO), (2, 2, UNSURE)]


def test_two_tabs_that_change_the_same_answer_hear_of_each_other(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    person.answer(slot, "yes")
    assert person.answer(slot, "no", revision="1").status_code == 200
    late = person.answer(slot, "bad", revision="1")
    assert (late.status_code, late.json["stored"]["answer"]) == (409, "no")
    assert rows(world)[-1] == (2, 1, NO)


def test_a_change_of_what_was_never_stored_is_a_first_answer(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    assert person.answer(slot, "no", revision="3").json["outcome"] == "saved"
    assert rows(world) == [(2, 0, NO)]


def test_the_eleventh_answer_back_stays(make_world) -> None:
    world = make_world([12])
    person = world.client().log_in()
    slots = [person.answer_all()]
    first, second, third = (asked["slot"] for asked in slots[0][:3])
    assert person.answer(second, "yes", revision="1").status_code == 409
    assert person.answer(third, "yes", revision="1").status_code == 200
    assert person.answer(third, "bad", revision="2").status_code == 200, "it is the newest now"
    assert person.answer(first, "no").json["outcome"] == "saved", "it is stored already"
    assert len(rows(world)) == 14


@pytest.mark.parametrize("revision", ["-1", "x", "1.0", "", "٣", "10000", str(2**63)])
def test_a_revision_that_is_no_small_number_is_refused(world, revision) -> None:
    person = world.client().log_in()
    reply = person.answer(person.next()["slot"], "no", revision=revision)
    assert reply.status_code == 400
    assert "is not a number from 0 to 9999" in reply.json["message"]


def test_a_name_added_later_is_stored_too(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    person.answer(slot, "no")
    assert person.answer(slot, "no", better_name="clapping").status_code == 409
    assert person.answer(slot, "no", better_name="clapping", revision="1").status_code == 200
    assert rows(world) == [(2, 0, NO), (2, 1, NO)]


def test_a_changed_answer_opens_a_decided_clip_for_others_again(make_world) -> None:
    world = make_world([1], settings="[verify]\nmax_votes = 3\nmin_yes = 2\n")
    app = world.app()
    people = [world.client(number, app=app).log_in() for number in range(3)]
    slot = people[0].next()["slot"]
    for person in people[:2]:
        assert person.next()
        person.answer(slot, "yes")
    assert people[2].next() is None, "two of two said yes"
    assert people[0].answer(slot, "no", revision="1").status_code == 200
    assert people[2].next()["slot"] == slot, "yes and no: the third decides"
    people[2].answer(slot, "yes")
    with reading(world.workspace.engine) as session:
        progress = read_progress(session, world.workspace.config)
    assert (progress.num_votes, progress.verdicts) == (3, {Verdict.ACCEPTED: 1})
    assert sorted((one.name, one.standing.num_votes) for one in progress.people) == [
        ("worker 0", 1),
        ("worker 1", 1),
        ("worker 2", 1),
    ]
    assert sum(votes for _, votes in progress.hours) == 3
    assert [row.said for row in progress.recent] == ["yes", "no", "yes"]


def test_the_record_knows_the_answer_that_counts(make_world) -> None:
    world = make_world([1], num_gold=1, settings=f"{UNHURRIED}practice_answers = 0\n")
    person = world.client().log_in()
    gold = [asked["slot"] for asked in person.answer_all("no")][1]
    with reading(world.workspace.engine) as session:
        standing = read_standing(session, 1, VerifyConfig())
    assert (standing.num_votes, standing.num_gold, standing.num_gold_right) == (2, 1, 0)
    person.answer(gold, "yes", revision="1")
    with reading(world.workspace.engine) as session:
        standing = read_standing(session, 1, VerifyConfig())
    assert (standing.num_votes, standing.num_gold, standing.num_gold_right) == (2, 1, 1)


def test_an_answer_about_a_withdrawn_clip_is_not_needed_any_more(world) -> None:
    person = world.client().log_in()
    slot = person.next()
    person.answer(slot["slot"], "yes")
    with writing(world.workspace.engine) as session:
        session.execute(update(Clip).where(Clip.id == slot["clip"]).values(is_withdrawn=True))
    assert person.answer(slot["slot"], "no", revision="1").json["outcome"] == "closed"
    assert rows(world) == [(2, 0, YES)]
