"""Coming and going: login, instructions, the warning."""

import unicodedata

import pytest
from sqlalchemy import select, update

from annotation_ui import attempts, security
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Worker, WorkerStanding
from kinetics_builder.workspace import Workspace


def log_in(person, name: str, code: str):
    form = {"name": name, "code": code, "csrf_token": person.token()}
    return person.browser.post("/login", data=form)


def test_the_first_login_binds_the_name_to_the_code(world) -> None:
    app = world.app()
    first, later = world.client(app=app), world.client(app=app)
    assert log_in(first, "  Ada   Lovelace ", world.codes[0]).status_code == 302
    assert log_in(later, "ada lovelace", world.codes[0].lower()).status_code == 302
    refused = log_in(later, "Grace", world.codes[0])
    assert refused.status_code == 401
    assert "belongs to another name" in refused.text
    with reading(world.workspace.engine) as session:
        names = session.scalars(select(Worker.name).where(Worker.name.is_not(None))).all()
    assert names == ["Ada Lovelace"]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        pytest.param("Ada", "AAAA-AAAA-AAAA-AAAA", "This code is unknown", id="unknown code"),
        pytest.param("", None, "Type a name", id="no name"),
        pytest.param("x" * 81, None, "Type a name", id="long name"),
        pytest.param("a\u202eb", None, "Type a name", id="invisible letters"),
        pytest.param("TAKEN", None, "has this name already", id="name of another worker"),
    ],
)
def test_a_wrong_login_says_why(world, name, code, message) -> None:
    app = world.app()
    assert log_in(world.client(app=app), "taken", world.codes[1]).status_code == 302
    person = world.client(app=app)
    refused = log_in(person, name, code or world.codes[0])
    assert refused.status_code == 401
    assert message in refused.text
    assert person.browser.get("/task").location == "/login"


@pytest.mark.parametrize("name", ["Renée", "علی‌رضا"], ids=["accents", "a joiner"])
def test_a_name_is_the_same_however_it_is_typed(world, name) -> None:
    app = world.app()
    first = log_in(world.client(app=app), unicodedata.normalize("NFD", name), world.codes[0])
    again = log_in(world.client(app=app), f"  {name}", world.codes[0])
    assert (first.status_code, again.status_code) == (302, 302)


def test_a_login_leads_over_two_screens_of_instructions_once(world) -> None:
    app = world.app()
    person = world.client(app=app).log_in(read_instructions=False)
    assert person.browser.get("/task").location == "/instructions/1"
    assert "/instructions/2" in person.browser.get("/instructions/1").text
    form = {"csrf_token": person.token("/instructions/2")}
    assert person.browser.post("/instructions", data=form).location == "/task"
    assert person.browser.get("/task").status_code == 200
    again = world.client(app=app).log_in(read_instructions=False)
    assert again.browser.get("/task").status_code == 200
    assert person.browser.get("/instructions/3").status_code == 404


def test_logging_out_needs_a_token_and_ends_the_session(world) -> None:
    person = world.client().log_in()
    assert person.browser.post("/logout").status_code == 400
    person.answer(person.next()["slot"])
    person.browser.post("/logout", data={"csrf_token": person.token("/task")})
    assert "You are logged out. Saved answers of yours: 1." in person.browser.get("/login").text
    assert "logged out" not in person.browser.get("/login").text
    assert person.browser.get("/task").location == "/login"
    assert "Log in to go on" in person.browser.get("/login").text


def test_an_answer_after_the_end_of_the_session_is_told_so(world) -> None:
    app = world.app()
    person = world.client(app=app).log_in()
    slot = person.next()["slot"]
    stranger = world.client(app=app)
    stranger.csrf = person.csrf
    reply = stranger.answer(slot)
    assert (reply.status_code, reply.json["error"]) == (401, "login")
    form = stranger.browser.post(f"/slots/{slot}/answer", data={"answer": "no"})
    assert form.status_code == 401
    assert "You are logged out, and what you sent was not saved." in form.text


def test_an_answer_of_somebody_else_of_the_same_browser_is_refused(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    assert 'name="worker" value="worker 0"' in person.browser.get("/task").text
    reply = person.answer(slot, worker="worker 1")
    assert reply.status_code == 401
    assert "Somebody else is logged in" in reply.json["message"]
    assert person.answer(slot, worker="worker 0").json["outcome"] == "saved"


def test_a_newcomer_is_asked_for_the_code_without_more_words(world) -> None:
    browser = world.app().test_client()
    assert browser.get("/").location == "/login"
    assert 'role="status" hidden' in browser.get("/login").text
    assert "Log in to go on" not in browser.get("/login").text


def test_failed_logins_are_limited_but_twenty_workers_of_one_address_are_not(make_world) -> None:
    world = make_world([2], num_workers=40)
    app = world.app()
    for number in range(40):
        world.client(number, app=app).log_in(read_instructions=False)
    person = world.client(app=app)
    replies = [log_in(person, "x", f"wrong {number}") for number in range(121)]
    assert [reply.status_code for reply in replies] == [401] * 120 + [429]
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= 60
    assert f"Wait {replies[-1].headers['Retry-After']} seconds" in replies[-1].text


def test_wrong_codes_lock_out_nobody_else_behind_the_address(world) -> None:
    app = world.app()
    guesser = world.client(app=app)
    while log_in(guesser, "x", f"wrong {guesser.browser}").status_code == 401:
        pass
    for number in range(200):
        log_in(guesser, "x", f"wrong {number}")
    assert log_in(world.client(1, app=app), "Ada", world.codes[1]).status_code == 302
    owner = world.client(app=app)
    code = security.owner_code(b"secret of the tests")
    form = {"code": code, "csrf_token": owner.token("/owner/login")}
    assert owner.browser.post("/owner/login", data=form).location == "/owner"


def test_names_are_not_guessed_for_a_code_at_leisure(world) -> None:
    app = world.app()
    log_in(world.client(app=app), "Ada", world.codes[0])
    guesser = world.client(app=app)
    statuses = [log_in(guesser, f"n{n}", world.codes[0]).status_code for n in range(11)]
    assert statuses == [401] * 10 + [429]
    assert log_in(world.client(1, app=app), "Grace", world.codes[1]).status_code == 302


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        pytest.param("192.0.2.1", "192.0.2.2", False, id="two addresses"),
        pytest.param("2001:db8::1", "2001:db8::ffff:1", True, id="one network of IPv6"),
        pytest.param("2001:db8:0:1::1", "2001:db8:0:2::1", False, id="two networks of IPv6"),
        pytest.param("192.0.2.1", "::ffff:192.0.2.1", True, id="an old address in new dress"),
    ],
)
def test_who_is_one_address(first: str, second: str, is_same: bool) -> None:
    assert (attempts.network(first) == attempts.network(second)) is is_same


def test_many_wrong_gold_answers_bring_a_warning_that_can_be_acknowledged(make_world) -> None:
    world = make_world([1], num_gold=4)
    person = world.client().log_in()
    while slot := person.next():
        person.answer(slot["slot"], "no")
    assert person.browser.get("/task").location == "/warning"
    assert "0 of 4 right" in person.browser.get("/warning").text
    person.browser.post("/warning", data={"csrf_token": person.token("/warning")})
    assert person.browser.get("/task").status_code == 200


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("clip", ["watch a clip", "Read the name of the action", "when you have watched and they"]),
        ("boxes", ["Some pictures have known boxes", "look at a picture", "when they are right"]),
        ("actions", ["have a known answer", "look at a person", "when you have looked and they"]),
        ("verification", ["have a known answer", "look at a person", "Look at the person in"]),
        ("questionnaire", ["watch a clip", "Read each question", "when you have watched and they"]),
    ],
)
def test_the_warning_tells_what_to_do_better_at_this_kind(
    world, kind: str, words: list[str]
) -> None:
    person = world.client().log_in()
    with writing(world.workspace.engine) as session:
        worker = session.scalars(select(Worker).order_by(Worker.id)).first()
        counts = {"num_gold": 4, "num_gold_right": 1, "num_votes": 9, "num_hasty": 9}
        session.add(WorkerStanding(worker=worker, kind=kind, is_warned=True, **counts))
    page = person.browser.get(f"/warning?kind={kind}").text
    assert [one for one in ["1 of 4 right", *words] if one not in page] == []


def test_a_worker_whom_aggregate_has_warned_sees_it(make_world) -> None:
    world = make_world([1], num_gold=4)
    person = world.client().log_in()
    while slot := person.next():
        person.answer(slot["slot"], "yes")
    assert person.browser.get("/task").status_code == 200
    with writing(world.workspace.engine) as session:
        session.execute(update(WorkerStanding).values(num_gold_right=1, num_gold_yes_right=1))
    assert person.browser.get("/task").location == "/warning"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(world) -> None:
    app = world.app()
    person = world.client(app=app)
    cookie = log_in(person, "Ada", world.codes[0]).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    first = security.load_secret(workspace)
    assert len(first) == 32
    assert security.load_secret(workspace) == first
    assert (workspace.root / security.SECRET_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in workspace.root.glob("*.part")] == []


def test_the_owner_page_opens_by_the_owners_code_alone(world) -> None:
    app = world.app()
    person = world.client(app=app).log_in()
    slot = person.next()["slot"]
    person.answer(slot, "yes", seconds="4")
    assert person.browser.get("/owner").location == "/owner/login"
    token = person.token("/owner/login")
    wrong = person.browser.post("/owner/login", data={"code": "x", "csrf_token": token})
    assert wrong.status_code == 401
    code = security.owner_code(b"secret of the tests").upper()
    right = person.browser.post("/owner/login", data={"code": code, "csrf_token": token})
    assert right.location == "/owner"
    page = person.browser.get("/owner").text
    for text in ("waving hand", "worker 0", "Title 0", "counts"):
        assert text in page
