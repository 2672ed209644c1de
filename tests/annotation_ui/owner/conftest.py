"""The owner at a browser, and clips about which people disagree."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from annotation_ui.security import owner_code
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Answer, TaskSlot, Vote, Worker
from tests.annotation_ui.conftest import Visitor, World


def open_owner(world: World, app: Any) -> Visitor:
    """Return the owner, who is in."""
    owner = Visitor(app.test_client())
    form = {"code": owner_code(b"secret of the tests"), "csrf_token": owner.token("/owner/login")}
    assert owner.browser.post("/owner/login", data=form).status_code == 302
    return owner


def disagree(world: World) -> None:
    """Let three workers answer all questions, each in another way."""
    with writing(world.workspace.engine) as session:
        for number, said in enumerate([Answer.YES, Answer.NO, Answer.UNSURE]):
            session.get_one(Worker, number + 1).name = f"worker {number}"
            for slot in session.scalars(select(TaskSlot)).all():
                about = {"clip_id": slot.clip_id, "label_id": slot.label_id, "slot_id": slot.id}
                session.add(Vote(worker_id=number + 1, answer=said, **about))
        keep(session, world.workspace.config.verify)


@pytest.fixture
def make_disputes(make_world: Callable[..., World]) -> Callable[..., World]:
    """Make a world of so many clips about each of which a yes, a no and an unsure was said."""

    def make(num_clips: int = 3, **more: Any) -> World:
        world = make_world([num_clips], **more)
        disagree(world)
        return world

    return make
