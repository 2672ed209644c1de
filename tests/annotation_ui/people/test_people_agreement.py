"""Agreement of proposers and of those who confirm, by type of action."""

import statistics

import pytest

from kinetics_builder.ava.actions import ActionType
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import TaskSlot
from pipelines.inspecting.agreement import agreement_lines, read_agreement
from pipelines.inspecting.facts import worker_facts
from tests.annotation_ui.people.test_actions import SIT, STAND, TALK, WALK, come, say
from tests.annotation_ui.people.test_verification import next_of, vote
from tests.pipelines.verifying.test_crowd_agreement import alpha

SAID = (
    ({STAND, TALK}, {STAND, TALK}),
    ({STAND}, {STAND, TALK}),
    ({SIT}, {WALK}),
    ({SIT, TALK}, set()),
)
"""By person, what two proposers name; nothing: the box is flagged."""


def name_of(action: int) -> str:
    return ava_vocabulary().of_id(action).name


def measures(world, kind: str) -> dict[str, float | None]:
    with reading(world.workspace.engine) as session:
        found = read_agreement(session, world.workspace)
        assert agreement_lines(found)[0] == "actions"
    (one,) = [one for one in found if one.kind == kind]
    return {measure.name: measure.value for measure in one.measures}


def test_proposers_agree_by_f1_and_by_type_and_raters_by_alpha(make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    boxes = [box for moment in world.boxes for box in moment]
    for number in (0, 1):
        person = come(world, number)
        while question := person.browser.get("/task.json?kind=actions").json["next"]:
            person.csrf = person.browser.get("/session.json").json["csrf_token"]
            place = boxes.index(_box_of(world, question["slot"]))
            named = SAID[place][number]
            fields = {"person_1": name_of(TALK)} if TALK in named else {}
            poses = [name_of(one) for one in named - {TALK}]
            pose = {"pose": poses[0]} if poses else {"flag": "blocked"}
            assert say(person, question["slot"], **fields, **pose).status_code == 200
    found = measures(world, "actions")
    f1 = [
        2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0
        for one, other in SAID
    ]
    assert found["F1 of two"] == pytest.approx(statistics.fmean(f1))
    poses = [[min(one - {TALK}, default=0) for one in both] for both in SAID]
    assert found["Krippendorff's alpha, pose"] == pytest.approx(alpha(poses))
    others = [action.id for action in ava_vocabulary().of_type(ActionType.PERSON)]
    units = [[member in one for one in both] for both in SAID for member in others]
    assert found["Krippendorff's alpha, person"] == pytest.approx(alpha(units))
    assert found["Krippendorff's alpha, object"] is None, "nobody named any"
    world.assign()
    said: dict[int, list[str]] = {}
    for number in (2, 3):
        rater = come(world, number)
        while question := next_of(rater):
            word = "no" if question["label"] == name_of(WALK) and number == 2 else "yes"
            said.setdefault(question["slot"], []).append(word)
            assert vote(rater, question["slot"], word).status_code == 200
    expected = alpha(list(said.values()))
    assert measures(world, "verification")["Krippendorff's alpha"] == pytest.approx(expected)


def test_the_report_tells_of_workers_by_each_kind_that_they_answered(make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    for number, num_answers in ((0, 1), (1, 2)):
        person = come(world, number)
        for _ in range(num_answers):
            question = person.browser.get("/task.json?kind=actions").json["next"]
            person.csrf = person.browser.get("/session.json").json["csrf_token"]
            assert say(person, question["slot"], pose=name_of(STAND)).status_code == 200
    with reading(world.workspace.engine) as session:
        found = worker_facts(session)
    assert [(one.kind, one.num_votes, one.is_warned) for one in found] == [
        ("actions", 2, False),
        ("actions", 1, False),
    ]
    assert len({one.name for one in found}) == 2


def _box_of(world, slot: int) -> int:
    return dict(world.rows(TaskSlot.id, TaskSlot.person_box_id))[slot]
