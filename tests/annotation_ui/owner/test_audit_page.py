"""Accepted clips drawn by chance before the owner: without what people said, until it is said."""

from sqlalchemy import update

from kinetics_builder.crowd.clips.auditing import draw_audit, list_waiting, read_audit
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Decision, Verdict
from tests.annotation_ui.owner.conftest import open_owner


def test_the_owner_judges_what_was_drawn_without_seeing_answers(make_disputes) -> None:
    world = make_disputes(3)
    owner = open_owner(world, world.app())
    assert "No audit was drawn yet" in owner.browser.get("/owner/audit").text
    with writing(world.workspace.engine) as session:
        session.execute(update(Decision).values(verdict=Verdict.ACCEPTED))
        draw_audit(session, 2)
        first, second = list_waiting(session)
    page = owner.browser.get("/owner/audit").text
    assert page.count('<article class="disputed"') == 2
    assert "2 accepted clips were drawn by chance: 0 judged, 2 wait" in page
    assert "worker 0" not in page and "1 yes" not in page
    form = {"csrf_token": owner.token("/owner/audit"), "verdict": "accepted", "reason": "audit"}
    json = {"Accept": "application/json"}
    reply = owner.browser.post(f"/owner/clips/{first}/rule", data=form, headers=json)
    assert "1 yes, 1 no, 1 unsure" in reply.json["card"], "now it is shown"
    page = owner.browser.get("/owner/audit").text
    assert f'id="clip-{first}"' not in page and f'id="clip-{second}"' in page
    assert "1 of 1 are right" in page
    with reading(world.workspace.engine) as session:
        found = read_audit(session)
    assert found is not None and (found.num_judged, found.num_right) == (1, 1)
