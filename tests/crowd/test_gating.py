"""A class of whose first clips too few show it is asked about no more, until the owner opens it."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import Config, VerifyConfig
from kinetics_builder.crowd.clips.gating import read_gates
from kinetics_builder.crowd.clips.opening import open_class
from kinetics_builder.crowd.records import keep, remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, ClassGate, Label, OwnerAct, Task, Verdict
from kinetics_builder.errors import CrowdError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.inspecting.crowd_news import crowd_news
from pipelines.inspecting.faring.classes import class_farings
from pipelines.verifying.aggregate import count_verdicts
from pipelines.verifying.assign import count_new_questions
from tests.pipelines.conftest import Filler, fill, workspace

__all__ = ["fill", "workspace"]

YES, NO = Answer.YES, Answer.NO
GATED = VerifyConfig(gate_clips=4)


def answer(
    workspace: Workspace, fill: Any, said: str, label: str = "waving", start: int = 0
) -> None:
    """Let three workers say y or n of one clip after another."""

    def story(filler: Filler) -> None:
        for number, word in enumerate(said, start):
            clip = filler.clip(f"{label} {number}", label)
            for worker in range(3) if word in "yn" else ():
                filler.vote(clip, f"worker {worker}", YES if word == "y" else NO)
            if word == "?":
                filler.slot(clip)

    fill(workspace, story)


def look(workspace: Workspace, config: VerifyConfig, how: Any = keep) -> list[tuple[Any, ...]]:
    with writing(workspace.engine) as session:
        how(session, config)
        columns = (ClassGate.num_decided, ClassGate.num_yes, ClassGate.is_closed)
        query = select(Label.name, *columns).join(ClassGate).order_by(Label.name)
        return [tuple(row) for row in session.execute(query)]


@pytest.mark.parametrize(
    ("said", "measured"),
    [
        pytest.param("nnn", [], id="three of four are not enough to tell"),
        pytest.param("nnny", [("waving", 4, 1, True)], id="a quarter is too few"),
        pytest.param("nnyy", [("waving", 4, 2, False)], id="half is enough"),
        pytest.param("nnn??", [], id="open clips are not counted"),
        pytest.param("nnnnyyyy", [("waving", 4, 0, True)], id="only the first four are counted"),
        pytest.param("yyynnnnnn", [("waving", 4, 3, False)], id="later ones do not close it"),
    ],
)
@pytest.mark.parametrize("how", [keep, remake])
def test_the_first_decided_clips_say_whether_a_class_is_closed(
    workspace, fill, said, measured, how
) -> None:
    answer(workspace, fill, said)
    assert look(workspace, GATED, how) == measured
    assert look(workspace, GATED, remake) == measured


def test_a_class_is_measured_once_and_alone(workspace, fill) -> None:
    answer(workspace, fill, "nnnn")
    answer(workspace, fill, "yyyy", "jumping")
    closed = [("jumping", 4, 4, False), ("waving", 4, 0, True)]
    assert look(workspace, GATED) == closed
    answer(workspace, fill, "yyyyyy", start=10)
    answer(workspace, fill, "nnnnnn", "jumping", start=10)
    assert look(workspace, GATED) == look(workspace, GATED, remake) == closed


def test_without_the_setting_no_class_is_measured_and_without_it_again_all_open(
    workspace, fill
) -> None:
    answer(workspace, fill, "nnnn??")
    assert look(workspace, VerifyConfig()) == []
    assert look(workspace, GATED, remake) == [("waving", 4, 0, True)]
    assert look(workspace, VerifyConfig(), remake) == [("waving", 4, 0, False)]
    milder = VerifyConfig(gate_clips=4, gate_yes_share=0.0)
    assert look(workspace, milder, remake) == [("waving", 4, 0, False)]


def test_nothing_of_a_closed_class_waits_until_the_owner_opens_it(workspace, fill) -> None:
    answer(workspace, fill, "nnnn??")
    fill(workspace, lambda filler: filler.clip("new", "waving"))

    def waiting() -> tuple[int, int, int]:
        with reading(workspace.engine) as session:
            left = session.scalars(select(Task.id).where(~Task.is_finished)).all()
            num_open = count_verdicts(session)[Verdict.OPEN]
            return len(left), num_open, count_new_questions(session)

    look(workspace, VerifyConfig(), remake)
    assert waiting() == (2, 2, 1)
    look(workspace, GATED, remake)
    assert waiting() == (0, 0, 0)
    with writing(workspace.engine) as session:
        assert open_class(session, 1, by="owner", why="a rare one") == "waving"
    assert waiting() == (2, 2, 1)
    look(workspace, GATED, remake)
    assert waiting() == (2, 2, 1), "opening holds for good"
    with reading(workspace.engine) as session:
        (act,) = session.scalars(select(OwnerAct)).all()
        assert (act.act.value, act.about, act.why) == ("opened a class", "waving", "a rare one")


@pytest.mark.parametrize("label_id", [None, 1, 99])
def test_a_class_that_is_not_closed_is_not_opened(workspace, fill, label_id) -> None:
    answer(workspace, fill, "yyyy")
    look(workspace, GATED)
    with (
        pytest.raises(CrowdError, match=r"not closed\. Closed: none"),
        writing(workspace.engine) as session,
    ):
        open_class(session, label_id)


def test_commands_and_status_say_which_classes_are_closed_and_why(workspace, fill) -> None:
    answer(workspace, fill, "nnny?")
    look(workspace, GATED)
    with reading(workspace.engine) as session:
        (gate,) = read_gates(session)
        said = "closed: 1 of the first 4 decided clips show the action"
        assert gate.words == said
        assert f"Class waving is {said}." in crowd_news(session, Config())

    def run(*words: str) -> Any:
        result = CliRunner().invoke(group, ["-C", str(workspace.root), "crowd", *words, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    with reading(workspace.engine) as session:
        assert [one.closed for one in class_farings(session, "")] == [said]
    assert [(one["label"], one["reason"]) for one in run("gates")] == [("waving", said)]
    assert run("open", "waving", "--why", "rare") == {"opened": "waving"}
    assert [one["is_closed"] for one in run("gates")] == [False]
