"""Who may do what on the owner's pages: each address asked by each role."""

import pytest
from sqlalchemy import func, select

from kinetics_builder.crowd import logins
from kinetics_builder.crowd.reviewers import make_reviewer, revoke_reviewer
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import ClassGate, Gold, OwnerAct, Ruling, Worker
from tests.annotation_ui.conftest import UNHURRIED, Visitor
from tests.annotation_ui.owner.conftest import open_owner

OPEN, SHARED, OWNERS = "everybody", "owner and reviewers", "owner"
WHOSE = {
    "owner.static": OPEN,
    "owner.show_login": OPEN,
    "owner.login": OPEN,
    "owner.logout": OPEN,
    "owner.show_disputes": SHARED,
    "owner.show_audit": SHARED,
    "owner.show_clip": SHARED,
    "owner.send_clip": SHARED,
    "owner.rule_clip": SHARED,
    "owner.show_progress": OWNERS,
    "owner.send_progress": OWNERS,
    "owner.show_log": OWNERS,
    "owner.show_flags": OWNERS,
    "owner.open_closed": OWNERS,
    "owner.make_clip_gold": OWNERS,
    "owner.exclude": OWNERS,
    "owner.readmit": OWNERS,
    "owner.ask_again": OWNERS,
    "owner.suspend": OWNERS,
    "owner.send_message": OWNERS,
    "owner.show_worker": OWNERS,
    "owner.show_named": OWNERS,
    "owner.show_classes": OWNERS,
    "owner.show_class": OWNERS,
    "owner.save_class": OWNERS,
    "owner.restore_class": OWNERS,
    "owner.make_example": OWNERS,
    "owner.plan_edit": OWNERS,
    "owner.record_edit": OWNERS,
}
NUMBERS = {"clip_id": 1, "number": 1, "label_id": 1, "filename": "owner.css"}
FORM = {
    "verdict": "accepted",
    "reason": "seen",
    "answer": "yes",
    "why": "to see",
    "which": "refused",
    "text": "drop jumping",
    "author": "Ana",
    "evidence": "a page",
    "num_known": "0",
}
NAMED = {"name": "#1"}
ROLES = ("owner", "reviewer", "worker", "nobody")


def let_reviewer_in(world, app, name="Rae"):
    with writing(world.workspace.engine) as session:
        code = make_reviewer(session, name)
    found = Visitor(app.test_client())
    form = {"code": code, "csrf_token": found.token("/owner/login")}
    assert found.browser.post("/owner/login", data=form).location == "/owner/disputes"
    return found


def visitor(role, world, app):
    if role == "owner":
        return open_owner(world, app)
    if role == "reviewer":
        return let_reviewer_in(world, app)
    return world.client(4, app=app).log_in() if role == "worker" else Visitor(app.test_client())


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("owner.")]


def test_every_address_has_its_owner(make_disputes) -> None:
    assert {rule.endpoint for rule in rules(make_disputes(1).app())} == WHOSE.keys()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_is_for_it_and_nothing_else(make_disputes, role) -> None:
    world = make_disputes(1, settings=f"{UNHURRIED}gate_clips = 20\n")
    with writing(world.workspace.engine) as session:
        session.add(ClassGate(label_id=1, num_decided=20, num_yes=1, is_closed=True))
    app = world.app(edits=True)
    who = visitor(role, world, app)
    adapter = app.url_map.bind("localhost")
    asked = [
        (rule, adapter.build(rule.endpoint, {**{n: NUMBERS[n] for n in rule.arguments}, **NAMED}))
        for rule in sorted(rules(app), key=lambda rule: rule.endpoint)
        if WHOSE[rule.endpoint] is not OPEN
    ]
    form = {**FORM, "csrf_token": who.token("/owner/login")}
    for rule, path in asked:
        method = "POST" if "POST" in rule.methods else "GET"
        with who.browser.open(path, method=method, data=form) as reply:
            is_sent_away = reply.location == "/owner/login"
            if role in ("worker", "nobody"):
                assert is_sent_away, path
            elif role == "reviewer" and WHOSE[rule.endpoint] is OWNERS:
                assert reply.status_code == 403, path
            else:
                assert reply.status_code in (200, 302, 409) and not is_sent_away, path
    with reading(world.workspace.engine) as session:
        counts = [session.scalar(select(func.count(table.id))) for table in (Ruling, Gold)]
        excluded = session.get_one(Worker, 1).excluded_at
        by = session.scalars(select(Ruling.ruled_by)).all()
    expected = {"owner": [1, 1], "reviewer": [1, 0]}.get(role, [0, 0])
    assert (counts, excluded) == (expected, None)
    assert by == {"owner": ["owner"], "reviewer": ["Rae"]}.get(role, [])


def test_a_reviewer_sees_no_way_to_what_is_the_owners(make_disputes) -> None:
    world = make_disputes(1)
    reviewer = let_reviewer_in(world, world.app())
    text = reviewer.browser.get("/owner/disputes").text
    assert "Gold: yes" not in text and '/owner/log"' not in text and 'href="/owner"' not in text
    assert "Rae" in text and "Accept" in text


def test_a_reviewers_session_is_neither_the_owners_nor_a_workers(make_disputes) -> None:
    world = make_disputes(1)
    app = world.app()
    reviewer = let_reviewer_in(world, app)
    assert reviewer.browser.get("/task").location == "/login"
    with writing(world.workspace.engine) as session:
        assert logins.end_all(session, None) == 0, "the owner has no session"
        token = logins.begin(session, None, 0.0, 1)
        assert not logins.is_open(session, token, None, 0.0)
        assert logins.find_reviewer(session, token, 0.0) == "Rae"
        revoke_reviewer(session, "rae")
    assert reviewer.browser.get("/owner/disputes").location == "/owner/login"
    owner = open_owner(world, app)
    assert owner.browser.get("/owner").status_code == 200
    again = let_reviewer_in(world, app)
    let_reviewer_in(world, app, "RAE ")
    assert again.browser.get("/owner/disputes").location == "/owner/login", "an older code ends"


def test_what_each_did_stands_in_the_log(make_disputes) -> None:
    world = make_disputes(1)
    app = world.app()
    owner, reviewer = open_owner(world, app), let_reviewer_in(world, app)

    def do(who, path, **fields):
        form = {"csrf_token": who.token("/owner/disputes"), **fields}
        assert who.browser.post(path, data=form).status_code == 302

    do(reviewer, "/owner/clips/1/rule", verdict="rejected", reason="a <doll>")
    do(owner, "/owner/clips/1/rule", verdict="open", reason="no, a child")
    do(owner, "/owner/clips/1/gold", answer="yes")
    do(owner, "/owner/workers/2/exclude", why="asked friends")
    do(owner, "/owner/workers/2/readmit", why="was wrong")
    with reading(world.workspace.engine) as session:
        acts = session.scalars(select(OwnerAct).order_by(OwnerAct.id)).all()
        told = [(a.acted_by, a.act.value, a.about, a.why) for a in acts]
    clip = "clip 1: waving hand"
    assert told == [
        ("owner, by command", "made codes", "8 codes", ""),
        ("owner, by command", "let a reviewer in", "Rae", ""),
        ("Rae", "decided", clip, "rejected: a <doll>"),
        ("owner", "took back", clip, "no, a child"),
        ("owner", "made gold", clip, "the answer is yes"),
        ("owner", "excluded", "worker 1", "asked friends"),
        ("owner", "readmitted", "worker 1", "was wrong"),
    ]
    text = owner.browser.get("/owner/log").text
    assert "rejected: a &lt;doll&gt;" in text and "asked friends" in text
    assert text.index("readmitted") < text.index("made codes"), "the newest first"
    assert owner.browser.get("/owner/log?page=99").status_code == 200
