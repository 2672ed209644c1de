"""Clips of a class that is closed lie before nobody, and the owner opens it by a button."""

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import ClassGate, Label
from tests.annotation_ui.conftest import UNHURRIED
from tests.annotation_ui.owner.conftest import open_owner

GATED = f"{UNHURRIED}gate_clips = 2\nmax_votes = 1\nmin_yes = 1\n"
POSTERIOR = f'{GATED}policy = "posterior"\n'


def asked_of(person) -> list[str]:
    return [slot["label"] for slot in person.answer_all("no")]


@pytest.mark.parametrize("tasks", [[12], [6, 6], [1] * 12])
def test_two_rejected_clips_close_a_class_before_whoever_is_at_it(make_world, tasks) -> None:
    world = make_world(tasks, settings=GATED)
    app = world.app()
    assert sorted(asked_of(world.client(0, app=app).log_in())) == sorted(
        2 * ["waving hand", "clapping", "jumping"]
    )
    assert asked_of(world.client(1, app=app).log_in()) == []
    owner = open_owner(world, app)
    text = owner.browser.get("/owner").text
    assert "closed: 0 of the first 2 decided clips show the action" in text
    form = {"csrf_token": owner.token("/owner"), "why": " "}
    without = owner.browser.post("/owner/classes/2/open", data=form)
    assert (without.status_code, "Say why" in without.text) == (400, True)
    assert "opened a class" not in owner.browser.get("/owner/log").text
    form["why"] = "a rare one"
    assert owner.browser.post("/owner/classes/2/open", data=form).status_code == 302
    assert "opened by the owner" in owner.browser.get("/owner").text
    log = owner.browser.get("/owner/log").text
    assert "opened a class" in log and "a rare one" in log
    assert asked_of(world.client(2, app=app).log_in()) == 2 * ["clapping"]
    again = owner.browser.post("/owner/classes/2/open", data=form)
    assert (again.status_code, "not closed" in again.text) == (409, True)


def test_nobody_but_the_owner_opens_a_class(make_world) -> None:
    world = make_world([3], settings=GATED)
    person = world.client().log_in()
    form = {"csrf_token": person.token("/task")}
    assert person.browser.post("/owner/classes/1/open", data=form).location == "/owner/login"


def test_the_posterior_policy_deals_no_clip_of_a_closed_class(make_world) -> None:
    from kinetics_builder.crowd.records import remake

    world = make_world([12], settings=POSTERIOR)
    config = world.workspace.config.verify
    with writing(world.workspace.engine) as session:
        label = session.scalars(select(Label.id).where(Label.name == "jumping")).one()
        measured = {"num_decided": 2, "num_yes": 0, "is_closed": True}
        session.add(ClassGate(label_id=label, **measured))
        remake(session, config)
    person = world.client().log_in()
    asked = {slot["label"] for slot in person.answer_all("yes")}
    assert asked == {"waving hand", "clapping"}
