"""Trees of questions at the page: paths are kept, decided question by question, and released."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.crowd import people
from kinetics_builder.crowd.clips.opening import open_class
from kinetics_builder.crowd.clips.ruling import rule
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    ClassGate,
    Decision,
    Gold,
    Label,
    PassedSlot,
    Ruling,
    Task,
    TaskSlot,
    TreeAnswer,
    TreeDecision,
    Verdict,
    Worker,
    WorkerStanding,
)
from kinetics_builder.errors import FormatError
from pipelines.publishing.curating.curate import judged_clips
from pipelines.verifying.aggregate import aggregate
from pipelines.verifying.assign import assign_clips, count_new_questions
from pipelines.verifying.gold_paths import add_gold_paths
from tests.annotation_ui.owner.conftest import open_owner
from tests.annotation_ui.questionnaire.conftest import (
    LEAPS,
    NONE,
    SPLIT,
    SWITCH,
    come,
    next_of,
)

ACCEPTED, REJECTED, OPEN = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.OPEN
TWO_OF_FIVE = "[verify]\nhaste_seconds = 0.0\npath_votes = 5\npath_agreeing = 2\n"
ONE_DECIDES = "[verify]\nhaste_seconds = 0.0\npath_votes = 5\npath_agreeing = 1\n"


def walk(person: Any, slot: int, path: Any, **fields: str) -> Any:
    return person.browser.post(
        f"/slots/{slot}/answer",
        data={"kind": "questionnaire", "path": json.dumps(path), **fields},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )


def walk_one(gym: Any, number: int, path: Any) -> int:
    """Let a worker answer the next question."""
    person = come(gym, number)
    question = next_of(person)
    assert question is not None
    assert walk(person, question["slot"], path).status_code == 200
    return int(question["clip"])


def decided(gym: Any) -> list[tuple[Any, ...]]:
    with reading(gym.workspace.engine) as session:
        rows = session.execute(
            select(TreeDecision.verdict, Label.name, TreeDecision.question, TreeDecision.group_name)
            .outerjoin(Label, Label.id == TreeDecision.label_id)
            .order_by(TreeDecision.clip_id)
        )
        return [tuple(row) for row in rows]


def test_clips_of_a_tree_are_asked_about_by_it_alone(make_gym) -> None:
    gym = make_gym(3)
    with writing(gym.workspace.engine) as session:
        assert count_new_questions(session) == 0
        assert assign_clips(session, gym.workspace.config).num_questions == 0
    assert (gym.assign().num_questions, gym.assign().num_questions) == (3, 0)
    assert gym.rows(Task.kind) == [("questionnaire",)]
    question = next_of(come(gym, 0))
    assert question["tree"]["first"] == "leap"
    assert question["tree"]["nodes"]["turn"] == {
        "text": "Does she turn?",
        "examples": ["a half turn"],
        "yes": ["question", "half"],
        "no": ["question", "split"],
    }
    assert question["label"] == "floor"  # and not what the clip was proposed for


def test_two_who_agree_lead_a_clip_to_its_class(make_gym) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    walk_one(gym, 0, SWITCH)
    assert decided(gym) == [(OPEN, None, "leap", "floor")]
    walk_one(gym, 1, SWITCH)
    assert decided(gym) == [(ACCEPTED, "switch half", None, None)]
    assert gym.rows(Decision.verdict, Decision.num_yes, Decision.num_no) == [(ACCEPTED, 2, 0)]
    assert next_of(come(gym, 2)) is None
    assert gym.rows(TreeAnswer.path) == [(SWITCH,), (SWITCH,)]
    with reading(gym.workspace.engine) as session:
        (clip,) = judged_clips(session)
    assert (clip.label, clip.is_accepted) == ("switch half", True)


def test_the_posterior_policy_asks_until_those_who_answered_are_believed(make_gym) -> None:
    settings = "[verify]\nhaste_seconds = 0.0\npolicy = 'posterior'\npath_confidence = 0.99\n"
    gym = make_gym(1, settings=settings)
    gym.assign()
    walk_one(gym, 0, SWITCH)
    assert decided(gym) == [(OPEN, None, "leap", "floor")]
    with writing(gym.workspace.engine) as session:  # as gold would show them to be
        standing = session.scalars(select(WorkerStanding)).one()
        standing.num_gold, standing.num_gold_right = 20, 8
    walk_one(gym, 1, SWITCH)
    assert decided(gym) == [(OPEN, None, "leap", "floor")], "one of them errs too often"
    walk_one(gym, 2, SWITCH)
    assert decided(gym) == [(ACCEPTED, "switch half", None, None)]
    assert next_of(come(gym, 3)) is None


def test_who_part_at_the_third_question_agree_in_the_first_two(make_gym) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    walk_one(gym, 0, SWITCH)
    walk_one(gym, 1, [*SWITCH[:2], ["half", "no"], ["split", "yes"]])
    assert decided(gym) == [(OPEN, None, "half", "leaps")]
    assert gym.rows(TreeDecision.path) == [([["leap", "yes"], ["turn", "yes"]],)]
    walk_one(gym, 2, SWITCH)
    assert decided(gym) == [(ACCEPTED, "switch half", None, None)]


def test_what_stays_undecided_stands_at_the_deepest_question(make_gym) -> None:
    gym = make_gym(1, settings="[verify]\nhaste_seconds = 0.0\npath_votes = 2\npath_agreeing = 2\n")
    gym.assign()
    walk_one(gym, 0, SWITCH)
    walk_one(gym, 1, SPLIT)
    assert decided(gym) == [(REJECTED, None, "turn", "leaps")]
    assert next_of(come(gym, 2)) is None
    with writing(gym.workspace.engine) as session:
        report = aggregate(session, gym.workspace.config.verify)
    assert (report.num_walked, report.num_at_class, report.num_at_group) == (1, 0, 1)


def test_none_of_these_is_rejected(make_gym) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    walk_one(gym, 0, NONE)
    walk_one(gym, 1, [["leap", "bad"]])
    assert decided(gym)[0][0] is OPEN
    walk_one(gym, 2, NONE)
    assert decided(gym) == [(REJECTED, None, None, None)]


def test_decisions_made_anew_are_the_same(make_gym) -> None:
    gym = make_gym(3, settings=TWO_OF_FIVE)
    gym.assign()
    for number, path in enumerate((SWITCH, SPLIT, SWITCH)):
        person = come(gym, number)
        while question := next_of(person):
            assert walk(person, question["slot"], path).status_code == 200
    columns = (Decision.clip_id, Decision.verdict, Decision.num_yes, Decision.num_no)
    before = decided(gym), gym.rows(*columns), gym.rows(Task.id, Task.is_finished)
    assert before[0] == [(ACCEPTED, "switch half", None, None)] * 3
    with writing(gym.workspace.engine) as session:
        remake(session, gym.workspace.config.verify)
    assert (decided(gym), gym.rows(*columns), gym.rows(Task.id, Task.is_finished)) == before
    assert before[2] == [(1, True)]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param([], "asked no more", id="nothing"),
        pytest.param([["nothing", "yes"]], "asked no more", id="an unknown question"),
        pytest.param([["leap", "yes"]], "Answer this, too: Does she turn?", id="no end"),
        pytest.param([*SPLIT, ["half", "yes"]], "ends before", id="more than the end"),
        pytest.param([["leap", "yes"], ["split", "yes"]], "where 'turn' is asked", id="a leap"),
        pytest.param([["leap", "maybe"]], "not one of", id="another answer"),
        pytest.param([["leap", "unsure"], ["turn", "no"]], "ends before", id="on after unsure"),
        pytest.param([["leap"]], "no list of", id="no answer"),
        pytest.param({"leap": "yes"}, "is no list", id="no list"),
    ],
)
def test_what_is_no_path_is_refused(make_gym, path: Any, message: str) -> None:
    gym = make_gym(1)
    gym.assign()
    person = come(gym, 0)
    reply = walk(person, next_of(person)["slot"], path)
    assert reply.status_code == 400
    assert message in reply.json["message"]
    assert gym.rows(TreeAnswer.id) == []


def test_an_answer_may_be_changed_and_the_last_counts(make_gym) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    person = come(gym, 0)
    slot = next_of(person)["slot"]
    assert walk(person, slot, SPLIT).json["outcome"] == "saved"
    assert walk(person, slot, SPLIT).json["outcome"] == "saved"
    assert walk(person, slot, SWITCH).json["outcome"] == "conflict"
    assert walk(person, slot, SWITCH, revision="1").json["outcome"] == "saved"
    walk_one(gym, 1, SWITCH)
    assert decided(gym) == [(ACCEPTED, "switch half", None, None)]
    assert person.browser.get(f"/earlier/{slot}").status_code == 200
    assert "switch half" in person.browser.get("/earlier?kind=questionnaire").text
    with person.browser.get(f"/clips/{gym.clips[0]}.mp4") as clip:
        assert clip.status_code == 200


def test_the_page_works_by_a_form_without_a_script(make_gym) -> None:
    gym = make_gym(1)
    gym.assign()
    person = come(gym, 0)
    slot = next_of(person)["slot"]
    shown = person.browser.get("/task?kind=questionnaire").text
    assert 'name="answer-leap"' in shown and "Does she turn?" in shown
    form = {"kind": "questionnaire", "tree": "floor", "csrf_token": person.token("/task")}
    said = {"answer-leap": "yes", "answer-turn": "no", "answer-half": "yes"}
    missing = person.browser.post(f"/slots/{slot}/answer", data={**form, **said})
    assert missing.status_code == 400 and "Legs split?" in missing.text
    done = {**form, **said, "answer-split": "yes"}
    assert person.browser.post(f"/slots/{slot}/answer", data=done).status_code == 302
    assert gym.rows(TreeAnswer.path) == [(SPLIT,)]


def test_a_clip_that_does_not_play_is_left_to_others(make_gym) -> None:
    gym = make_gym(1)
    gym.assign()
    person = come(gym, 0)
    slot = next_of(person)["slot"]
    assert walk(person, slot, [], answer="unplayable", browser="An old one").status_code == 200
    assert gym.rows(PassedSlot.browser) == [("An old one",)]
    assert next_of(person) is None and next_of(come(gym, 1)) is not None


def test_votes_of_those_set_aside_decide_nothing(make_gym) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    walk_one(gym, 0, SWITCH)
    walk_one(gym, 1, SWITCH)
    with writing(gym.workspace.engine) as session:
        worker = session.scalars(select(Worker).where(Worker.name == "worker 1")).one()
        people.exclude(session, worker, gym.workspace.config.verify)
    assert decided(gym) == [(OPEN, None, "leap", "floor")]
    assert gym.rows(Decision.num_yes, Decision.num_set_aside) == [(0, 1)]
    assert next_of(come(gym, 2)) is not None


def test_gold_says_who_leads_clips_elsewhere(make_gym, tmp_path: Path) -> None:
    gym = make_gym(3)
    file = tmp_path / "gold.csv"
    file.write_text(
        "youtube_id,time_start,label\nvideo000000,2,switch half\nvideo000001,2,none of these\n"
    )
    with writing(gym.workspace.engine) as session:
        report = add_gold_paths(session, file)
        assert (report.num_new, report.num_none) == (2, 1)
        assert add_gold_paths(session, file).num_new == 0
        gold = session.scalars(select(Gold).order_by(Gold.id)).all()
        slots = [
            TaskSlot(position=place, clip_id=one.clip_id, tree_id=one.tree_id, gold_id=one.id)
            for place, one in enumerate(gold)
        ]
        ordinary = TaskSlot(position=2, clip_id=gym.clips[2], tree_id=gold[0].tree_id)
        session.add(Task(kind="questionnaire", round=0, slots=[*slots, ordinary]))
    right, wrong = come(gym, 0), come(gym, 1)
    truth = {gym.clips[0]: SWITCH, gym.clips[1]: NONE, gym.clips[2]: SPLIT}
    for person, is_right in ((right, True), (wrong, False)):
        while question := next_of(person):
            path = truth[question["clip"]] if is_right else SPLIT
            assert walk(person, question["slot"], path).status_code == 200
    found = gym.rows(WorkerStanding.worker_id, WorkerStanding.num_gold_right)
    assert [num for _, num in found] == [2, 0]


def test_gold_that_the_tree_does_not_lead_to_is_refused(make_gym, tmp_path: Path) -> None:
    gym = make_gym(1)
    file = tmp_path / "gold.csv"
    file.write_text("youtube_id,time_start,label\nvideo000000,2,waving hand\n")
    with (
        pytest.raises(FormatError, match=r"gold\.csv:2: the tree 'floor' does not lead to"),
        writing(gym.workspace.engine) as session,
    ):
        add_gold_paths(session, file)


def test_a_tree_that_the_list_has_no_more_is_asked_no_more(make_gym, tmp_path: Path) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    walk_one(gym, 0, SWITCH)
    gym.learn(tmp_path, "classes: [split leap, switch half]")
    assert next_of(come(gym, 1)) is None
    with writing(gym.workspace.engine) as session:
        remake(session, gym.workspace.config.verify)
        assert assign_clips(session, gym.workspace.config).num_questions == 0
    assert decided(gym) == []
    gym.learn(tmp_path, LEAPS)
    walk_one(gym, 2, SWITCH)
    assert decided(gym) == [(ACCEPTED, "switch half", None, None)]


def test_the_owners_word_goes_before_paths(make_gym) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    for number in range(2):
        walk_one(gym, number, SWITCH)
    word = Ruling(clip_id=gym.clips[0], verdict=ACCEPTED, reason="seen", ruled_by="owner")
    with writing(gym.workspace.engine) as session:
        rule(session, word, gym.workspace.config.verify)
    with reading(gym.workspace.engine) as session:
        (clip,) = judged_clips(session)
    assert clip.label == "switch half", "what the questions led to, not what it was proposed for"
    with writing(gym.workspace.engine) as session:
        no = Ruling(clip_id=gym.clips[0], verdict=REJECTED, reason="no", ruled_by="owner")
        rule(session, no, gym.workspace.config.verify)
    assert gym.rows(Decision.verdict, Decision.is_ruled) == [(REJECTED, True)]


def test_the_owner_says_at_the_page_which_class_of_the_tree_it_is(make_gym) -> None:
    gym = make_gym(1, settings=TWO_OF_FIVE)
    gym.assign()
    for number in range(2):
        walk_one(gym, number, SWITCH)
    owner = open_owner(gym, gym.app())
    clip = f"/owner/clips/{gym.clips[0]}"
    text = owner.browser.get(clip).text
    assert "It was proposed for split leap." in text and "Does she turn?" in text
    (split,) = (number for number, name in gym.rows(Label.id, Label.name) if name == "split leap")
    form = {"csrf_token": owner.token(clip), "verdict": "accepted", "reason": "legs are split"}
    other = owner.browser.post(f"{clip}/rule", data={**form, "label": "3"})
    assert (other.status_code, "They lead to: split leap, switch half" in other.text) == (409, True)
    assert owner.browser.post(f"{clip}/rule", data={**form, "label": split}).status_code == 302
    assert "Accepted as split leap" in owner.browser.get(clip).text
    with reading(gym.workspace.engine) as session:
        (judged,) = judged_clips(session)
    assert (judged.label, judged.is_accepted) == ("split leap", True)


def walk_all(person: Any, *paths: Any) -> None:
    """Let a worker answer what is asked, one question after another."""
    for path in paths:
        question = next_of(person)
        assert question is not None
        assert walk(person, question["slot"], path).status_code == 200


def test_a_class_of_a_tree_is_closed_by_clips_that_are_led_to_nothing(make_gym) -> None:
    """One that another class of the tree shows speaks for that one, and not against this one."""
    gym = make_gym(5, settings=f"{ONE_DECIDES}gate_clips = 2\n")
    gym.assign()
    person = come(gym, 0)
    walk_all(person, SWITCH, SWITCH, NONE)
    assert gym.rows(ClassGate.is_closed) == [(False,)], "switch half, by two that show it"
    walk_all(person, NONE)
    gates = gym.rows(ClassGate.label_id, ClassGate.num_decided, ClassGate.num_yes)
    assert sorted(row[1:] for row in gates) == [(2, 0), (2, 2)]
    assert next_of(person) is None, "the fifth was proposed for split leap, which is closed"
    with writing(gym.workspace.engine) as session:
        (label_id,) = session.scalars(select(ClassGate.label_id).where(ClassGate.is_closed))
        open_class(session, label_id, why="rare")
    assert next_of(person) is not None
    with writing(gym.workspace.engine) as session:
        remake(session, gym.workspace.config.verify)
    assert gym.rows(ClassGate.label_id, ClassGate.num_decided, ClassGate.num_yes) == gates


def test_a_class_of_a_tree_is_full_by_what_is_led_to_it(make_gym) -> None:
    gym = make_gym(3, settings=ONE_DECIDES)
    with writing(gym.workspace.engine) as session:
        session.scalars(select(Label).where(Label.name == "split leap")).one().target = 1
    gym.assign()
    person = come(gym, 0)
    walk_all(person, SWITCH, SPLIT)
    assert next_of(person) is None
