"""Every address that takes something takes it from the page's own forms alone."""

import pytest
from werkzeug.routing import Rule

from annotation_ui.security import owner_code

HERE = "https://localhost/"
BY_A_TICKET = "panels.accept"
"""Its form is of a page that no cookie may have reached; a signed ticket stands in its place."""


@pytest.fixture
def app(world):
    return world.app()


@pytest.fixture
def everybody(world, app):
    """A browser in which a worker and the owner are logged in."""
    person = world.client(app=app).log_in()
    form = {"code": owner_code(app.secret_key), "csrf_token": person.token()}
    assert person.browser.post("/owner/login", data=form).status_code == 302
    person.next()
    return person


def taking(app) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]


def path_of(app, rule: Rule) -> str:
    values = {name: 1 if name != "panel" else "x" for name in rule.arguments}
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")
    return str(built)


@pytest.mark.parametrize("token", [None, "", "made-up"])
def test_nothing_is_taken_without_the_token_of_the_session(app, everybody, token) -> None:
    rules = taking(app)
    assert len(rules) > 10
    for rule in rules:
        if rule.endpoint == BY_A_TICKET:
            continue
        form = {} if token is None else {"csrf_token": token}
        headers = {} if token is None else {"X-CSRFToken": token}
        reply = everybody.browser.post(path_of(app, rule), data=form, headers=headers)
        assert reply.status_code == 400, rule


def test_a_token_of_another_session_is_none(world, app, everybody) -> None:
    theirs = world.client(1, app=app).log_in()
    theirs.next()
    slot = everybody.next()["slot"]
    headers = {"Accept": "application/json", "X-CSRFToken": theirs.csrf}
    reply = everybody.browser.post(f"/slots/{slot}/answer", data={"answer": "no"}, headers=headers)
    assert (reply.status_code, reply.json["error"]) == (400, "csrf")


def test_over_https_a_form_of_another_site_is_none(app, everybody) -> None:
    """Whoever has read a token elsewhere has the browser say where the form was."""
    slot = everybody.next()["slot"]
    for referrer, status in (
        ("https://evil.example/", 400),
        ("", 400),
        ("https://localhost/", 200),
    ):
        headers = {"Accept": "application/json", "X-CSRFToken": everybody.csrf}
        reply = everybody.browser.post(
            f"/slots/{slot}/answer",
            data={"answer": "no"},
            headers={**headers, **({"Referer": referrer} if referrer else {})},
            base_url=HERE,
        )
        assert reply.status_code == status, referrer
