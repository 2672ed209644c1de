"""Sessions that are over, numbers no row has, and the owner beside a worker."""

import pytest
from sqlalchemy import func, select

from annotation_ui import security
from kinetics_builder.crowd import people
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Vote, Worker
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace

OWNER = {"code": security.owner_code(b"secret of the tests")}


def open_owner(person) -> None:
    form = {**OWNER, "csrf_token": person.token("/owner/login")}
    assert person.browser.post("/owner/login", data=form).location == "/owner"


def cookies(person) -> dict[str, str]:
    return {key[2]: cookie.value for key, cookie in person.browser._cookies.items()}


def copy_of(person, world, app):
    """Return a browser with the same cookies, as somebody else may have kept them."""
    other = world.client(app=app)
    for name, value in cookies(person).items():
        other.browser.set_cookie(name, value)
    other.csrf = person.csrf
    return other


def count_votes(world) -> int:
    with reading(world.workspace.engine) as session:
        return session.scalar(select(func.count(Vote.id))) or 0


def test_a_kept_cookie_saves_nothing_after_logout(world) -> None:
    app = world.app()
    person = world.client(app=app).log_in()
    slot = person.next()["slot"]
    thief = copy_of(person, world, app)
    person.browser.post("/logout", data={"csrf_token": person.token("/login")})
    assert thief.answer(slot).status_code == 401
    assert thief.browser.get("/task").location == "/login"
    assert thief.browser.get(f"/clips/{slot}.mp4").status_code == 404
    assert count_votes(world) == 0


@pytest.mark.parametrize("what", ["revoke", "exclude", "reissue"])
def test_what_the_owner_does_ends_open_sessions(world, what) -> None:
    app = world.app()
    browsers = [world.client(app=app).log_in() for _ in range(2)]
    slot = browsers[0].next()["slot"]
    browsers[1].next()
    other = world.client(1, app=app).log_in()
    with writing(world.workspace.engine) as session:
        worker = session.get_one(Worker, 1)
        more = [world.workspace.config.verify] if what == "exclude" else []
        getattr(people, what)(session, worker, *more)
    for browser in browsers:
        assert browser.answer(slot).status_code == 401
    assert other.next() is not None
    form = {"name": "worker 0", "code": world.codes[0], "csrf_token": browsers[0].token()}
    assert browsers[0].browser.post("/login", data=form).status_code == 401


def test_the_owner_and_a_worker_log_in_and_out_apart(world) -> None:
    person = world.client()
    open_owner(person)
    person.log_in()
    page = person.browser.get("/owner")
    assert page.status_code == 200, "a worker's login leaves the owner logged in"
    assert 'action="/owner/logout"' in page.text
    assert 'action="/logout"' not in page.text, "the worker's name and logout are not the owner's"
    person.browser.post("/logout", data={"csrf_token": person.token("/owner")})
    assert person.browser.get("/task").location == "/login"
    assert person.browser.get("/owner").status_code == 200
    person.log_in(read_instructions=False)
    person.browser.post("/owner/logout", data={"csrf_token": person.token("/owner")})
    assert person.browser.get("/owner").location == "/owner/login"
    assert person.browser.get("/owner/progress").location == "/owner/login"
    assert person.browser.get("/task").status_code == 200


def test_the_owner_excludes_a_worker_by_one_action(world) -> None:
    app = world.app()
    person, owner = world.client(app=app).log_in(), world.client(app=app)
    slot = person.next()["slot"]
    person.answer(slot)
    path = "/owner/workers/1/exclude"
    form = {"csrf_token": owner.token("/login")}
    assert owner.browser.post(path, data=form).location == "/owner/login", "not without the code"
    open_owner(owner)
    form = {"csrf_token": owner.token("/owner")}
    assert owner.browser.post(path, data=form).status_code == 400, "not without a reason"
    form["why"] = "clicks at once"
    assert owner.browser.post("/owner/workers/999/exclude", data=form).status_code == 404
    assert owner.browser.post(path, data=form).location == "/owner/workers/1"
    assert "set aside: excluded by the owner" in owner.browser.get("/owner/progress").text
    assert person.answer(slot).status_code == 401
    owner.browser.post("/owner/workers/1/readmit", data=form)
    assert "set aside" not in owner.browser.get("/owner").text


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63, 10**30, "0" * 400 + "1" * 40])
def test_a_number_no_row_has_is_an_address_of_nothing(world, number) -> None:
    person = world.client().log_in()
    person.next()
    assert person.answer(number).status_code == 404
    assert person.browser.get(f"/clips/{number}.mp4").status_code == 404
    assert person.browser.get(f"/instructions/{number}").status_code == 404


def test_the_owner_sees_the_same_standing_as_the_worker(make_world) -> None:
    world = make_world([1], num_gold=4)
    app = world.app()
    person, owner = world.client(app=app).log_in(), world.client(app=app)
    person.answer_all("no")
    assert person.browser.get("/task").location == "/warning"
    open_owner(owner)
    text = owner.browser.get("/owner").text
    assert "set aside: misses clips that show the action" in text
    assert "Look at this worker" in text


def test_haste_is_flagged_at_once_and_the_worker_is_told(make_world) -> None:
    world = make_world([25], settings="")
    app = world.app()
    person, owner = world.client(app=app).log_in(), world.client(app=app)
    for _ in range(10):
        person.answer(person.next()["slot"], "unsure")
    open_owner(owner)
    assert "too fast to have looked" in owner.browser.get("/owner").text
    for _ in range(10):
        person.answer(person.next()["slot"], "unsure")
    assert person.browser.get("/task").location == "/warning"
    assert "faster than anybody" in person.browser.get("/warning").text
    text = owner.browser.get("/owner").text
    assert "“unsure” 20 times in a row" in text


def test_without_gold_the_owner_is_warned(make_world) -> None:
    world = make_world([3])
    owner = world.client()
    open_owner(owner)
    assert "No task holds a question whose answer is known" in owner.browser.get("/owner").text


def test_cookies_are_secure_where_the_page_is_asked_over_https(world) -> None:
    app = world.app()
    for scheme, is_secure in (("https", True), ("http", False)):
        reply = app.test_client().get("/login", base_url=f"{scheme}://example.test")
        assert ("Secure" in reply.headers["Set-Cookie"]) is is_secure


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        pytest.param(b"", 0o600, "must hold 32 random bytes; found 0", id="empty"),
        pytest.param(b"x" * 31, 0o600, "found 31", id="cut short"),
        pytest.param(b"x" * 32, 0o644, "mode 0644, expected 0600", id="readable by all"),
        pytest.param(b"x" * 32, 0o660, "mode 0660, expected 0600", id="writable by a group"),
    ],
)
def test_a_secret_that_keeps_no_secret_is_refused(tmp_path, content, mode, message) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    path = workspace.root / security.SECRET_FILE
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(WorkspaceError, match=message) as caught:
        security.load_secret(workspace)
    assert "Delete it" in str(caught.value)


def test_who_is_logged_in_goes_on_from_the_login(world) -> None:
    person = world.client(app=world.app())
    assert person.browser.get("/login").status_code == 200
    assert person.browser.get("/owner/login").status_code == 200
    person.log_in()
    assert person.browser.get("/login").location == "/task"
    assert person.browser.get("/owner/login").status_code == 200, "the owner is not"
    open_owner(person)
    assert person.browser.get("/owner/login").location == "/owner"
    another = person.browser.get("/login?as=another")
    assert (another.status_code, "Invitation code" in another.text) == (200, True)


def test_who_was_revoked_sees_the_form_again(world) -> None:
    person = world.client(app=world.app()).log_in()
    with writing(world.workspace.engine) as session:
        people.revoke(session, session.get_one(Worker, 1))
    assert person.browser.get("/login").status_code == 200
