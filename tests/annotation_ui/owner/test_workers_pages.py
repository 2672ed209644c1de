"""The owner's page of one worker, and messages that the worker reads."""

import json
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.crowd.messages import LONGEST
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Outcome,
    PanelPerson,
    PanelVisit,
    Vote,
    Worker,
    WorkerMessage,
)
from pipelines.cli import group
from tests.annotation_ui.owner.conftest import open_owner


def post(owner, path, **fields):
    return owner.browser.post(path, data={"csrf_token": owner.token("/owner"), **fields})


def tell(world, *words):
    result = CliRunner().invoke(group, ["-C", str(world.workspace.root), "crowd", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_page_and_the_command_say_the_same(make_disputes) -> None:
    world = make_disputes(6, num_gold=2)
    with writing(world.workspace.engine) as session:
        for vote in session.scalars(select(Vote)):
            vote.seconds = 2.0 if vote.worker_id == 1 else 4.0
    owner = open_owner(world, world.app())
    post(owner, "/owner/clips/4/rule", verdict="accepted", reason="seen")
    post(owner, "/owner/clips/5/rule", verdict="rejected", reason="not seen")
    text = owner.browser.get("/owner/workers/1").text
    facts = json.loads(tell(world, "worker", "worker 0", "--json"))
    (work,) = facts["work"]
    assert work["num_gold_right"] == 2 and "2 of 2" in text
    assert work["median_seconds"] == 2.0 and work["median_seconds_of_others"] == 4.0
    assert "2.0 s" in text and "4.0 s" in text
    decided = {"num_decided": 2, "num_agreeing": 1}
    assert decided.items() <= work["agreement"].items(), "yes was right of one of two"
    assert sum(row["num_gold"] for row in work["classes"].values()) == 2
    assert sum(facts["days"].values()) == 8 and "<rect" in text
    assert "50 %" in text


def test_every_name_leads_to_its_page_and_a_reviewers_does_not(make_disputes) -> None:
    world = make_disputes(2)
    owner = open_owner(world, world.app())
    for page in ("/owner", "/owner/disputes", "/owner/clips/1"):
        assert "/owner/workers?name=worker+0" in owner.browser.get(page).text.replace("%20", "+")
    assert owner.browser.get("/owner/workers?name=WORKER 0").location == "/owner/workers/1"
    assert owner.browser.get("/owner/workers?name=%237").location == "/owner/workers/7"
    assert owner.browser.get("/owner/workers?name=nobody").status_code == 404
    assert owner.browser.get("/owner/workers/999").status_code == 404
    post(owner, "/owner/workers/1/suspend", why="on holiday")
    assert 'href="/owner/workers/1"' in owner.browser.get("/owner/log").text


def test_who_is_suspended_comes_in_no_more_and_the_votes_count(make_disputes) -> None:
    world = make_disputes(1)
    owner = open_owner(world, world.app())
    assert post(owner, "/owner/workers/1/suspend", why=" ").status_code == 400
    assert post(owner, "/owner/workers/1/suspend", why="on holiday").status_code == 302
    text = owner.browser.get("/owner/workers/1").text
    assert "suspended" in text and "on holiday" in text and "Counts" in text
    post(owner, "/owner/workers/1/readmit", why="is back")
    with reading(world.workspace.engine) as session:
        assert session.get_one(Worker, 1).revoked_at is None
    told = json.loads(tell(world, "worker", "#1", "--json"))["acts"]
    assert [(act["act"], act["why"]) for act in told] == [
        ("readmitted", "is back"),
        ("revoked", "on holiday"),
    ]


def test_a_message_is_read_before_the_next_task_and_once(make_world) -> None:
    world = make_world([2, 2])
    app = world.app()
    person, owner = world.client(app=app).log_in(), open_owner(world, app)
    post(owner, "/owner/workers/1/message", why="Watch <all> of it.\nThank you.")
    assert person.browser.get("/task").location.startswith("/messages")
    text = person.browser.get("/messages").text
    assert "Watch &lt;all&gt; of it.\nThank you." in text
    (last,) = re.findall(r'name="last" value="(\d+)"', text)
    tell(world, "message", "worker 0", "And once more.")
    form = {"csrf_token": person.token("/messages"), "last": last}
    person.browser.post("/messages", data=form)
    assert person.browser.get("/task").location.startswith("/messages"), "another came since"
    person.browser.post("/messages", data={**form, "last": "2"})
    assert person.browser.get("/task").status_code == 200
    assert "Read" in owner.browser.get("/owner/workers/1").text
    with reading(world.workspace.engine) as session:
        assert all(one.read_at for one in session.scalars(select(WorkerMessage)))


def test_a_message_waits_until_the_task_is_done(make_world) -> None:
    world = make_world([2, 2])
    app = world.app()
    person, owner = world.client(app=app).log_in(), open_owner(world, app)
    first = person.next()
    post(owner, "/owner/workers/1/message", why="Slower, please.")
    second = person.answer(first["slot"], go_on="1").json["next"]
    assert second is not None, "nobody is stopped within a task"
    done = person.answer(second["slot"], go_on="1").json
    assert (done["next"], done["done"]) == (None, "/task")
    other = world.client(1, app=app).log_in()
    assert other.browser.get("/task").status_code == 200, "nobody else is told"


@pytest.mark.parametrize(
    ("text", "said"), [("x" * (LONGEST + 1), "1,001"), ("a\u202eb", "U+202E"), ("a\0b", "U+0000")]
)
def test_what_cannot_be_read_is_no_message(make_world, text, said) -> None:
    world = make_world([1])
    owner = open_owner(world, world.app())
    reply = post(owner, "/owner/workers/1/message", why=text)
    assert (reply.status_code, said in reply.text) == (409, True)
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(WorkerMessage)).all() == []


def test_sessions_of_panels_stand_on_the_page_with_their_pay(make_world) -> None:
    world = make_world([1])
    with writing(world.workspace.engine) as session:
        person = PanelPerson(realm="prolific", participant="p1", worker_id=1)
        visit = {"panel": "prolific-1", "study": "s", "began_at": 0.0, "expires_at": 1.0}
        before = {"answers_before": 0, "gold_before": 0, "gold_right_before": 0}
        ended = {"outcome": Outcome.COMPLETE, "num_answers": 7}
        session.add(PanelVisit(person=person, session="one", **visit, **before, **ended))
    text = open_owner(world, world.app()).browser.get("/owner/workers/1").text
    assert "prolific-1" in text and "complete" in text and "not told yet" in text
    (paid,) = json.loads(tell(world, "worker", "#1", "--json"))["sessions"]
    assert (paid["num_answers"], paid["bonus"]) == (7, "0.00")
