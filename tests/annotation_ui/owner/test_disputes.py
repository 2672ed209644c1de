"""Disputed clips before the owner: shown, decided, made gold; for nobody else."""

import re

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Decision, Gold, Ruling, Verdict
from tests.annotation_ui.owner.conftest import open_owner

JSON = {"Accept": "application/json"}


def post(owner, path, **fields):
    form = {"csrf_token": owner.token("/owner/disputes"), **fields}
    return owner.browser.post(path, data=form)


def test_the_page_shows_all_that_was_said_and_decides(make_disputes) -> None:
    world = make_disputes(3)
    owner = open_owner(world, world.app())
    text = owner.browser.get("/owner/disputes").text
    assert text.count('<article class="disputed"') == 3
    assert "1 yes, 1 no, 1 unsure, 0 bad" in text
    for worker in ("worker 0", "worker 1", "worker 2"):
        assert text.count(f">{worker}</a></th>") == 3
    reply = post(owner, "/owner/clips/2/rule", verdict="accepted", reason="A hand <waves>.")
    assert reply.location == "/owner/clips/2"
    page = owner.browser.get("/owner/clips/2").text
    assert "Accepted by owner:</strong> A hand &lt;waves&gt;." in page
    assert owner.browser.get("/owner/disputes").text.count('<article class="disputed"') == 2
    decided = owner.browser.get("/owner/disputes?decided=1").text
    assert re.findall(r'id="(clip-\d+)"', decided) == ["clip-2"]
    assert '<option value="A hand &lt;waves&gt;."></option>' in decided, "reasons are offered again"
    with reading(world.workspace.engine) as session:
        assert session.get_one(Decision, 2).verdict is Verdict.ACCEPTED
    post(owner, "/owner/clips/2/rule", verdict="open", reason="looked again")
    assert owner.browser.get("/owner/disputes").text.count('<article class="disputed"') == 3
    assert "Taken back: looked again" in owner.browser.get("/owner/clips/2").text


def test_who_is_at_a_task_is_asked_no_more_about_what_is_decided(make_disputes) -> None:
    world = make_disputes(3)
    app = world.app()
    late, owner = world.client(4, app=app).log_in(), open_owner(world, app)
    asked = late.next()
    other = next(n for n in (1, 2, 3) if n != asked["clip"])
    post(owner, f"/owner/clips/{other}/rule", verdict="rejected", reason="a film poster")
    assert late.answer(asked["slot"]).status_code == 200
    left = {one["clip"] for one in late.answer_all("no")}
    assert left == {1, 2, 3} - {other, asked["clip"]}


def test_a_script_gets_the_card_that_changed_and_errors_in_words(make_disputes) -> None:
    world = make_disputes(1)
    owner = open_owner(world, world.app())
    form = {"csrf_token": owner.token("/owner/disputes")}

    def send(what, **fields):
        return owner.browser.post(f"/owner/clips/1/{what}", data={**form, **fields}, headers=JSON)

    assert "Gold: yes" in send("gold", answer="yes").json["card"]
    again = send("gold", answer="no")
    assert (again.status_code, "gold already" in again.json["message"]) == (409, True)
    assert send("gold", answer="unsure").status_code == 400
    assert send("rule", verdict="maybe", reason="x").status_code == 400
    silent = send("rule", verdict="accepted", reason=" ")
    assert (silent.status_code, "say why" in silent.json["message"]) == (409, True)
    card = send("rule", verdict="rejected", reason="a puppet").json["card"]
    assert "a puppet" in card and "Take back" in card
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(Gold.expected)).all() == ["yes"]
        assert len(session.scalars(select(Ruling)).all()) == 1


def test_pages_turn_and_classes_are_chosen(make_disputes) -> None:
    world = make_disputes(14)
    owner = open_owner(world, world.app())
    pages = [owner.browser.get(f"/owner/disputes?page={n}").text for n in ("1", "2", "99", "-3")]
    assert [page.count('<article class="disputed"') for page in pages] == [12, 2, 2, 12]
    seen = re.findall(r'id="clip-(\d+)"', pages[0] + pages[1])
    assert sorted(map(int, seen)) == list(range(1, 15)), "every clip is on one page"
    one = owner.browser.get("/owner/disputes?label=jumping").text
    assert one.count('<article class="disputed"') == 4
    assert "No answers disagree" in owner.browser.get("/owner/disputes?label=nothing").text
    assert owner.browser.get("/owner/disputes?page=x").status_code == 200


@pytest.mark.parametrize("number", [99, 2**31, 2**70])
def test_a_clip_there_is_not_is_not_found(make_disputes, number) -> None:
    world = make_disputes(1)
    owner = open_owner(world, world.app())
    assert owner.browser.get(f"/owner/clips/{number}").status_code == 404
    assert owner.browser.get(f"/owner/clips/{number}.mp4").status_code == 404
    with owner.browser.get("/owner/clips/1.mp4") as there:
        assert (there.status_code, there.mimetype) == (200, "video/mp4")


def test_the_owner_comes_to_a_clip_from_the_newest_answers(make_disputes) -> None:
    world = make_disputes(2)
    owner = open_owner(world, world.app())
    assert 'href="/owner/clips/1"' in owner.browser.get("/owner").text
