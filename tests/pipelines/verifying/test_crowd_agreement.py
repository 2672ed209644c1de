"""How far workers agree and what it takes them, beside a few independent lines."""

import json
import statistics
from collections import Counter
from datetime import UTC, datetime
from itertools import combinations

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select

from kinetics_builder.ava.actions import ActionType
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.crowd.agreeing import of_members, of_words
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Answer, Assignment, TaskSlot, Vote, WorkerStanding
from pipelines.cli import group
from pipelines.inspecting.report import write_report

YES, NO, UNSURE, BAD = Answer


def alpha(said: list[list[object]]) -> float:
    """Krippendorff's alpha by its definition: disagreement within over that between all answers."""
    said = [answers for answers in said if len(answers) > 1]
    words = [word for answers in said for word in answers]
    within = sum(
        sum(one != other for one, other in combinations(answers, 2)) * 2 / (len(answers) - 1)
        for answers in said
    )
    between = sum(one != other for one, other in combinations(words, 2)) * 2 / (len(words) - 1)
    return 1 - within / between


def agreement(workspace, *, json_out: bool = True):
    words = ["-C", str(workspace.root), "crowd", "agreement", *(["--json"] if json_out else [])]
    found = CliRunner().invoke(group, words)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout) if json_out else found.output


def test_words_agree_as_krippendorffs_definition_says() -> None:
    said = [["yes", "yes", "no"], ["no", "no"], ["yes", "unsure", "yes", "yes"], ["no", "yes"]]
    first, second = of_words(said)
    assert first.value == pytest.approx(alpha(said))
    shares = [
        statistics.fmean(one == other for one, other in combinations(answers, 2))
        for answers in said
    ]
    assert second.value == pytest.approx(statistics.fmean(shares))
    assert of_words([["yes", "yes"], ["yes", "yes"]])[0].value is None, "chance explains it"
    assert of_words([])[0].value is None


def test_sets_agree_by_whether_each_member_was_named() -> None:
    objects = [action.id for action in ava_vocabulary().of_type(ActionType.OBJECT)]
    said = [
        [{objects[0], objects[3]}, {objects[0]}],
        [set(), {objects[1]}, {objects[1]}],
        [{objects[2]}, {objects[2]}],
    ]
    units = [[member in one for one in answers] for answers in said for member in objects]
    measure = of_members(said, objects, ", object")
    assert measure.value == pytest.approx(alpha(units))
    assert measure.num_questions == 3


def test_the_command_says_how_far_votes_agree_and_what_they_take(workspace, fill) -> None:
    votes = {"a": (YES, YES, NO), "b": (NO, NO), "c": (YES, UNSURE, YES), "d": (YES,)}

    def story(filler) -> None:
        for name, answers in votes.items():
            filler.votes(filler.clip(f"video-{name}", "arm wrestling"), answers)

    fill(workspace, story)
    with writing(workspace.engine) as session:
        rows = session.scalars(select(Vote).order_by(Vote.id)).all()
        for number, vote in enumerate(rows):
            vote.seconds = float(number * number)
        seconds = [vote.seconds for vote in rows]
    (found,) = agreement(workspace)
    assert found["kind"] == "clip"
    measures = {one["name"]: one for one in found["measures"]}
    said = [[word.value for word in answers] for answers in votes.values()]
    assert measures["Krippendorff's alpha"]["value"] == pytest.approx(alpha(said))
    assert measures["Krippendorff's alpha"]["num_questions"] == 3, "one answer agrees with nobody"
    times = found["seconds_an_answer"]
    first, median, third = statistics.quantiles(seconds, n=4, method="inclusive")
    assert (times["first"], times["median"], times["third"]) == (first, median, third)
    text = agreement(workspace, json_out=False)
    assert f"{median:.1f}  (quartiles {first:.1f} and {third:.1f}; 9 answers)" in text
    page = write_report(workspace, workspace.root / "report.html").read_text()
    assert "How far people agree" in page and "Seconds an answer" in page
    assert f"{alpha(said):.2f}" in page


def test_who_is_set_aside_is_not_asked_how_far_they_agree(workspace, fill) -> None:
    def story(filler) -> None:
        for name in "abc":
            filler.votes(filler.clip(f"video-{name}", "arm wrestling"), (YES, NO))

    fill(workspace, story)
    with writing(workspace.engine) as session:
        row = {"kind": "clip", "num_gold": 4, "num_gold_right": 0, "is_warned": True}
        for worker in session.scalars(select(Vote.worker_id).where(Vote.answer == NO)).all():
            session.merge(WorkerStanding(worker_id=worker, **row))
    (found,) = agreement(workspace)
    assert Counter(one["num_questions"] for one in found["measures"]) == {0: 2}


def test_a_finished_task_takes_the_sum_of_its_answers(workspace, fill) -> None:
    def story(filler) -> None:
        for name in "ab":
            filler.votes(filler.clip(f"video-{name}", "arm wrestling"), (YES, NO))

    fill(workspace, story)
    with writing(workspace.engine) as session:
        votes = session.scalars(select(Vote).order_by(Vote.id)).all()
        tasks: dict[tuple[int, int], float] = {}
        for number, vote in enumerate(votes):
            vote.seconds = 1.5 + number
            slot = session.get_one(TaskSlot, vote.slot_id)
            key = (slot.task_id, vote.worker_id)
            tasks[key] = tasks.get(key, 0.0) + vote.seconds
        session.execute(delete(Assignment))
        for task, worker in tasks:
            session.add(
                Assignment(
                    task_id=task, worker_id=worker, expires_at=0.0, submitted_at=datetime.now(UTC)
                )
            )
    (found,) = agreement(workspace)
    assert found["seconds_a_task"]["num"] == len(tasks)
    assert found["seconds_a_task"]["median"] == statistics.median(tasks.values())
