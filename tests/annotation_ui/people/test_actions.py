"""What a person does: proposed by several, as programs and forms say it."""

from typing import Any

import pytest
from sqlalchemy import insert, update

from kinetics_builder.crowd import people
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionCandidate,
    Answer,
    BoxDecision,
    BoxFlag,
    BoxProposal,
    Gold,
    GoldAction,
    KeyFrame,
    PersonBox,
    ProposedAction,
    Task,
    TaskSlot,
    Verdict,
    WorkerStanding,
)
from pipelines.verifying.assign_frames import assign_frames

STAND, SIT, WALK = 12, 11, 14
TALK, LISTEN, HOLD = 79, 74, 17
NAMES = {STAND: "stand", SIT: "sit", TALK: "talk to (e.g., self, a person, a group)"}


def say(person: Any, slot: int, **fields: str) -> Any:
    return person.browser.post(
        f"/slots/{slot}/answer",
        data={"kind": "actions", **fields},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )


def come(world: Any, number: int) -> Any:
    person = world.client(number)
    person.log_in(read_instructions=False)
    form = {"csrf_token": person.token("/instructions/1?kind=actions"), "kind": "actions"}
    assert person.browser.post("/instructions", data=form).status_code == 302
    return person


def say_all(person: Any, **fields: str) -> list[dict[str, Any]]:
    asked = []
    while question := person.next():
        reply = say(person, question["slot"], **fields)
        assert reply.status_code == 200, reply.text
        asked.append(question)
    return asked


def candidates(world: Any) -> list[tuple[Any, ...]]:
    return world.rows(
        ActionCandidate.person_box_id, ActionCandidate.action_id, ActionCandidate.num_proposed
    )


def test_every_box_is_asked_about_person_by_person_and_second_by_second(make_meeting) -> None:
    world = make_meeting(3)
    report = world.assign()
    assert [(one.kind, one.num_questions) for one in report.people] == [
        ("actions", 6),
        ("verification", 0),
    ]
    asked = say_all(come(world, 0), pose="stand")
    assert [(one["person"], one["at"]) for one in asked] == [
        (person, at) for person in (0, 1) for at in (2.0, 3.0, 4.0)
    ]
    assert [one.num_tasks for one in world.assign().people] == [0, 0]


def test_all_that_any_of_two_named_becomes_a_candidate_and_no_third_is_asked(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    first, _ = world.boxes[0]
    say_all(come(world, 0), pose="stand", person_1=NAMES[TALK])
    assert candidates(world) == []
    say_all(come(world, 1), pose="stand", object_2="answer phone")
    assert [row[1:] for row in candidates(world) if row[0] == first] == [
        (STAND, 2),
        (15, 1),
        (TALK, 1),
    ]
    assert come(world, 2).next() is None
    assert world.rows(Task.kind, Task.is_finished) == [("actions", True)]


def test_boxes_that_two_flag_are_rejected_and_one_flag_asks_a_third(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    ann, ben, eve = (come(world, number) for number in range(3))
    one, other = world.boxes[0]
    slot = {box: number for number, box in world.rows(TaskSlot.id, TaskSlot.person_box_id)}
    ann.next(), ben.next()
    for person in (ann, ben):
        assert say(person, slot[one], flag="wrong_box").status_code == 200
    assert say(ann, slot[other], flag="blocked").status_code == 200
    assert say(ben, slot[other], pose="sit").status_code == 200
    assert eve.next()["slot"] == slot[other]
    assert say(eve, slot[other], pose="stand").status_code == 200
    assert world.rows(BoxProposal.person_box_id, BoxProposal.verdict) == [
        (one, Verdict.REJECTED),
        (other, Verdict.ACCEPTED),
    ]
    assert {row[1] for row in candidates(world)} == {SIT, STAND}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "Found no pose", id="nothing"),
        pytest.param({"object_1": "answer phone"}, "found no pose", id="no pose"),
        pytest.param({"pose": "stnad"}, "'stand'", id="no word of the vocabulary"),
        pytest.param({"pose": "answer phone"}, "interaction with an object", id="no pose either"),
        pytest.param(
            {"pose": "stand", "object_1": "read", "object_3": "READ"}, "stands twice", id="twice"
        ),
        pytest.param({"flag": "dark"}, "not one of blocked, wrong_box", id="no flag"),
        pytest.param({"flag": "blocked", "pose": "sit"}, "leave the fields", id="flag and action"),
        pytest.param({"pose": "sit", "revision": "-1"}, "not a number", id="no revision"),
    ],
)
def test_what_a_person_cannot_do_is_refused_in_words(make_meeting, fields, words) -> None:
    world = make_meeting(1)
    world.assign()
    ann = come(world, 0)
    reply = say(ann, ann.next()["slot"], **fields)
    assert reply.status_code == 400
    assert words in reply.json["message"]
    assert world.rows(ActionAnswer.id) == []


def test_a_later_answer_takes_the_place_of_an_earlier_one(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    ann, ben = come(world, 0), come(world, 1)
    slot = ann.next()["slot"]
    assert say(ann, slot, pose="stand", other="waves a flag").status_code == 200
    assert say(ann, slot, pose="stand", other="waves a flag").json["outcome"] == "saved"
    reply = say(ann, slot, pose="sit")
    assert (reply.status_code, reply.json["stored"]["actions"]) == (409, [STAND])
    assert say(ann, slot, pose="sit", revision="1").status_code == 200
    ben.next()
    assert say(ben, slot, pose="sit").status_code == 200
    assert [row[1:] for row in candidates(world)] == [(SIT, 2)]
    assert len(world.rows(ActionAnswer.id)) == 3
    assert "stand" not in ann.browser.get("/earlier?kind=actions").text


def test_what_is_set_aside_proposes_nothing_and_comes_back(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    say_all(come(world, 0), pose="stand")
    say_all(come(world, 1), pose="sit")
    before = candidates(world)
    verify = world.workspace.config.verify
    with writing(world.workspace.engine) as session:
        people.exclude(session, people.find_worker(session, "worker 1"), verify)
    assert candidates(world) == []
    assert set(world.rows(BoxProposal.num_named, BoxProposal.num_set_aside)) == {(1, 1)}
    assert come(world, 2).next() is not None
    with writing(world.workspace.engine) as session:
        people.readmit(session, people.find_worker(session, "worker 1"), verify)
    assert candidates(world) == before


def test_counting_anew_gives_the_same_rows(make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    say_all(come(world, 0), pose="stand")
    say_all(come(world, 1), flag="blocked")
    columns = [table.__table__.columns for table in (ActionCandidate, BoxProposal, WorkerStanding)]
    before = [world.rows(*some) for some in columns[:2]]
    with writing(world.workspace.engine) as session:
        session.execute(update(BoxProposal).values(num_named=7))
        remake(session, world.workspace.config.verify)
    assert [world.rows(*some) for some in columns[:2]] == before


def test_gold_judges_by_how_far_the_actions_agree(make_meeting) -> None:
    world = make_meeting(1, settings="[verify]\nhaste_seconds = 0.0\ngold_min_answers = 1\n")
    known, nobody = world.boxes[0]
    with writing(world.workspace.engine) as session:
        rows = [
            {"key_frame_id": frame, "person_box_id": box, "expected": expected}
            for (frame,), box, expected in zip(
                world.rows(PersonBox.key_frame_id),
                (known, nobody),
                (Answer.YES, Answer.BAD),
                strict=True,
            )
        ]
        ids = session.scalars(insert(Gold).returning(Gold.id), rows).all()
        truth = [{"gold_id": ids[0], "action_id": number} for number in (STAND, TALK, HOLD)]
        session.execute(insert(GoldAction), truth)
    with writing(world.workspace.engine) as session:
        task = Task(kind="actions", round=0)
        session.add(task)
        session.flush()
        for number, row in enumerate(rows):
            slot = {"key_frame_id": row["key_frame_id"], "person_box_id": row["person_box_id"]}
            session.add(TaskSlot(task_id=task.id, position=number, gold_id=ids[number], **slot))
        fill = world.boxes[0][0]
        frame = rows[0]["key_frame_id"]
        more = PersonBox(key_frame_id=frame, x1=0.4, y1=0.1, x2=0.5, y2=0.9)
        session.add(more)
        session.flush()
        session.add(
            TaskSlot(task_id=task.id, position=9, key_frame_id=frame, person_box_id=more.id)
        )
        assert fill == known
    near, far = come(world, 0), come(world, 1)
    slots = {box: slot for slot, box in world.rows(TaskSlot.id, TaskSlot.person_box_id)}
    near.next(), far.next()
    say(near, slots[known], pose="stand", person_1=NAMES[TALK])
    say(near, slots[nobody], flag="blocked")
    say(far, slots[known], pose="sit", person_1=NAMES[TALK])
    say(far, slots[nobody], pose="stand")
    of = (WorkerStanding.num_gold, WorkerStanding.num_gold_right, WorkerStanding.is_warned)
    assert world.rows(*of) == [(2, 0, True), (2, 2, False)]


def test_stills_and_loops_are_for_those_who_are_asked(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    ann, ben = come(world, 0), come(world, 1)
    question = ann.next()
    still, loop = f"/stills/{question['frame']}.jpg", f"/loops/{question['frame']}.mp4"
    with ann.browser.get(still) as reply:
        assert reply.content_type == "image/jpeg"
    with ann.browser.get(loop, headers={"Range": "bytes=0-99"}) as reply:
        assert (reply.status_code, reply.content_type, len(reply.data)) == (206, "video/mp4", 100)
    assert ben.browser.get(still).status_code == ben.browser.get(loop).status_code == 404
    assert world.app().test_client().get(still).status_code == 404
    assert ann.browser.get("/stills/999999.jpg").status_code == 404


def test_an_answer_changed_often_hides_no_other(make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    ann = come(world, 0)
    first, *_, last = say_all(ann, pose="sit")
    for number in range(1, 22):
        pose = "stand" if number % 2 else "sit"
        assert say(ann, last["slot"], pose=pose, revision=str(number)).status_code == 200
    assert first["frame"] != last["frame"]
    with ann.browser.get(f"/stills/{first['frame']}.jpg") as reply:
        assert reply.status_code == 200


def test_a_box_that_no_longer_stands_is_asked_about_no_more(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    ann = come(world, 0)
    gone, stays = world.boxes[0]
    with writing(world.workspace.engine) as session:
        session.execute(update(PersonBox).where(PersonBox.id == gone).values(is_dropped=True))
    asked = say_all(ann, pose="stand")
    assert len(asked) == 1
    assert world.rows(ActionAnswer.person_box_id) == [(stays,)]
    say_all(come(world, 1), pose="stand")
    assert world.rows(Task.is_finished) == [(True,)]


def test_a_browser_without_a_script_answers_by_forms(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    ann = come(world, 0)
    page = ann.browser.get("/task?kind=actions").text
    assert 'list="pose-names"' in page
    slot = world.rows(TaskSlot.id)[0][0]
    form = {"csrf_token": ann.token("/task?kind=actions"), "kind": "actions", "worker": ann.name}
    reply = ann.browser.post(f"/slots/{slot}/answer", data={**form, "pose": "Stand", "other": ""})
    assert reply.status_code == 302
    assert world.rows(ProposedAction.action_id) == [(STAND,)]
    assert world.rows(ActionAnswer.flag) == [(None,)]


def test_a_vocabulary_of_ones_own_is_asked_about(make_meeting, tmp_path) -> None:
    world = make_meeting(1, settings='[actions]\nvocabulary = "mine.csv"\n')
    (world.workspace.root / "mine.csv").write_text(
        "id,name,type,definition\n1,hover,pose,in the air\n2,juggle,object,throw and catch\n"
    )
    world.assign()
    ann = come(world, 0)
    slot = ann.next()["slot"]
    assert say(ann, slot, pose="stand").status_code == 400
    assert say(ann, slot, pose="hover", object_1="juggle").json["stored"]["actions"] == [1, 2]


def test_joined_workers_have_each_others_answers(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    say_all(come(world, 0), pose="stand", person_1=NAMES[TALK])
    come(world, 1)
    with writing(world.workspace.engine) as session:
        kept, given_up = (people.find_worker(session, f"worker {n}") for n in (1, 0))
        assert people.join(session, kept, given_up, world.workspace.config.verify) == 2
    assert len(world.rows(ProposedAction.action_id)) == 8
    assert set(world.rows(BoxProposal.num_named)) == {(1,)}


def test_flags_are_stored_as_they_are_named(make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    say_all(come(world, 0), flag="blocked")
    assert set(world.rows(ActionAnswer.flag)) == {(BoxFlag.BLOCKED,)}


def test_questions_about_persons_are_not_taken_for_questions_about_boxes(make_meeting) -> None:
    world = make_meeting(2)
    ((one, box), *_) = world.rows(PersonBox.key_frame_id, PersonBox.id)
    with writing(world.workspace.engine) as session:
        row = {"key_frame_id": one, "person_box_id": box, "expected": Answer.BAD}
        session.execute(insert(Gold), [row])
    assert world.assign().people[0].num_gold_known == 1
    with writing(world.workspace.engine) as session:
        report = assign_frames(session, world.workspace.config)
    assert (report.num_questions, report.num_gold_slots, report.num_asked_before) == (2, 0, 0)
    assert world.assign().people[0].num_questions == 0


def test_actions_wait_until_people_have_drawn_the_boxes(make_meeting) -> None:
    world = make_meeting(2)
    with writing(world.workspace.engine) as session:
        assert assign_frames(session, world.workspace.config).num_questions == 2
    assert world.assign().people[0].num_questions == 0
    first, _ = world.rows(KeyFrame.id)
    with writing(world.workspace.engine) as session:
        counts = {"num_answers": 1, "num_set_aside": 0, "is_decided": True}
        session.add(BoxDecision(key_frame_id=first[0], **counts))
    assert world.assign().people[0].num_questions == 2
