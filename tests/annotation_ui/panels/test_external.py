"""In a platform's frame: no cookies, a token in every address, a form at the end."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner

from annotation_ui.panels.tickets import TOKEN_SECONDS
from kinetics_builder.crowd.people import revoke
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import PanelPerson
from tests.annotation_ui.panels.conftest import CSRF, TICKET, Panel, lasting_panel

MakePanel = Callable[..., Panel]
EXTERNAL = """
[[panels]]
name = "hits"
platform = "external"
frame_origin = "https://workers.example"
submit_hosts = ["submit.example"]
max_answers = 2

[[panels]]
name = "other"
platform = "external"
frame_origin = "https://elsewhere.example"
submit_hosts = ["elsewhere.example"]
"""
SENT = {
    "assignmentId": "3ASSIGNMENT",
    "hitId": "3HIT",
    "workerId": "A1WORKER",
    "turkSubmitTo": "https://submit.example/",
}


def browser_of(panel: Panel) -> FlaskClient:
    """Return a browser that keeps no cookies, as in a frame of another site."""
    return panel.app.test_client(use_cookies=False)


def enter(panel: Panel, **sent: str) -> tuple[FlaskClient, str]:
    """Agree in the frame; return the browser and where its addresses begin."""
    browser = browser_of(panel)
    shown = browser.get("/panel/hits", query_string={**SENT, **sent})
    assert shown.status_code == 200, shown.text
    assert "Set-Cookie" not in shown.headers
    form = {"ticket": TICKET.search(shown.text)[1]}
    reply = browser.post("/panel/hits/accept", data=form)
    root = re.fullmatch(r"(/in/[^/]+)/task", reply.headers["Location"])
    assert root
    return browser, root[1]


def answer_all(browser: FlaskClient, root: str) -> int:
    """Read the instructions and answer all by the forms of the page; return how many."""
    csrf = CSRF.search(browser.get(f"{root}/instructions/2").text)[1]
    assert browser.post(f"{root}/instructions", data={"csrf_token": csrf}).status_code == 302
    number = 0
    while (reply := browser.get(f"{root}/task")).status_code == 200:
        slot = re.search(rf'action="{re.escape(root)}/slots/(\d+)/answer', reply.text)
        fields = {"csrf_token": CSRF.search(reply.text)[1], "answer": "no"}
        browser.post(f"{root}/slots/{slot[1]}/answer", data=fields)
        number += 1
    assert reply.headers["Location"] == f"{root}/finish"
    return number


def finish(browser: FlaskClient, root: str) -> Any:
    csrf = CSRF.search(browser.get(f"{root}/finish").text)[1]
    assert browser.post(f"{root}/finish", data={"csrf_token": csrf}).status_code == 302
    return browser.get(f"{root}/finish")


@pytest.fixture
def hits(make_panel: MakePanel) -> Panel:
    """Two tasks of three questions; a session asks two."""
    return make_panel(panel=EXTERNAL)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, clip_bytes: bytes) -> Panel:
    """The same for tests that write nothing of their own."""
    return lasting_panel(tmp_path_factory.mktemp("hits") / "workspace", clip_bytes, EXTERNAL)


def test_a_task_is_done_without_a_cookie_and_its_form_goes_where_the_platform_says(
    hits: Panel,
) -> None:
    browser, root = enter(hits)
    assert answer_all(browser, root) == 2
    done = finish(browser, root)
    assert '<form method="post" action="https://submit.example/mturk/externalSubmit"' in done.text
    assert 'name="assignmentId" value="3ASSIGNMENT"' in done.text
    assert 'name="outcome" value="complete"' in done.text
    policy = done.headers["Content-Security-Policy"]
    assert "form-action 'self' https://submit.example;" in policy
    (visit,) = hits.visits()
    assert (visit.outcome, visit.num_answers) == ("complete", 2)


def test_every_address_of_the_page_begins_at_the_token(hits: Panel) -> None:
    browser, root = enter(hits)
    csrf = CSRF.search(browser.get(f"{root}/instructions/2").text)[1]
    browser.post(f"{root}/instructions", data={"csrf_token": csrf})
    shown = browser.get(f"{root}/task").text
    addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', shown)
    assert len(addresses) > 10
    assert not [address for address in addresses if not address.startswith(f"{root}/")]
    assert f'data-root="{root}"' in shown
    clip = next(address for address in addresses if "/clips/" in address)
    with browser.get(clip) as reply:
        assert reply.status_code == 200


@pytest.mark.parametrize("path", ["/panel/hits", "/task", "/finish", "/static/page.css"])
def test_only_the_panels_own_origin_may_frame_its_pages(lasting: Panel, path: str) -> None:
    browser, root = enter(lasting)
    is_entry = path == "/panel/hits"
    with browser.get(path if is_entry else f"{root}{path}", query_string=SENT) as reply:
        policy = reply.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://workers.example")
    assert "X-Frame-Options" not in reply.headers
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("path", ["/login", "/owner/login", "/task", "/static/page.css"])
def test_pages_without_a_token_are_framed_by_nobody(lasting: Panel, path: str) -> None:
    with lasting.app.test_client().get(path) as reply:
        assert reply.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert reply.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/owner", "/owner/login", "/login"])
def test_neither_the_owners_page_nor_the_login_is_shown_in_a_frame(
    lasting: Panel, path: str
) -> None:
    browser, root = enter(lasting)
    assert browser.get(f"{root}{path}").status_code == 404
    assert browser.get(f"/in/{path}").status_code in (401, 404)


def test_a_token_that_was_changed_or_is_another_pages_opens_nothing(lasting: Panel) -> None:
    browser, root = enter(lasting)
    for wrong in (f"{root[:-3]}abc", "/in/x", f"{root}x", "/in/" + "a" * 5000):
        reply = browser.get(f"{wrong}/task")
        assert reply.status_code == 401, wrong
        assert "Your session is over" in reply.text
        assert "Open the task anew" in reply.text
        assert "Back to the work" not in reply.text
        style = re.search(r'href="(/in/[^"]*page[.]css)"', reply.text)[1]
        with browser.get(style) as looks:
            assert looks.status_code == 200


def test_a_token_and_a_ticket_grow_old(lasting: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, root = enter(lasting)
    ticket = TICKET.search(browser.get("/panel/hits", query_string=SENT).text)[1]
    later = time.time() + TOKEN_SECONDS + 2
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(later))
    assert browser.get(f"{root}/task").status_code == 401
    reply = browser.post("/panel/hits/accept", data={"ticket": ticket})
    assert reply.status_code == 400
    assert "open for more than an hour" in reply.text


def test_the_newest_token_of_a_worker_is_the_only_one(hits: Panel) -> None:
    browser, first = enter(hits)
    _, second = enter(hits)
    assert first != second
    assert browser.get(f"{first}/task").status_code == 401
    assert browser.get(f"{second}/task").status_code == 302


def test_a_token_ends_with_the_workers_access(hits: Panel) -> None:
    browser, root = enter(hits)
    with writing(hits.world.workspace.engine) as rows:
        revoke(rows, rows.query(PanelPerson).one().worker)
    assert browser.get(f"{root}/task").status_code == 401


def test_a_form_without_its_token_is_refused_in_a_frame_too(lasting: Panel) -> None:
    browser, root = enter(lasting)
    assert browser.post(f"{root}/instructions").status_code == 400
    assert browser.post(f"{root}/finish").status_code == 400


@pytest.mark.parametrize("ticket", ["", "x", "WyJoaXRzIl0.aaaaaa.bbbb"])
def test_a_ticket_that_is_none_of_ours_begins_nothing(hits: Panel, ticket: str) -> None:
    reply = browser_of(hits).post("/panel/hits/accept", data={"ticket": ticket})
    assert reply.status_code == 400
    assert hits.visits() == []


def test_a_ticket_is_of_one_panel_alone(lasting: Panel) -> None:
    browser = browser_of(lasting)
    shown = browser.get("/panel/hits", query_string=SENT).text
    form = {"ticket": TICKET.search(shown)[1]}
    assert browser.post("/panel/other/accept", data=form).status_code == 400


def test_a_ticket_lets_in_once(lasting: Panel) -> None:
    browser = browser_of(lasting)
    form = {"ticket": TICKET.search(browser.get("/panel/hits", query_string=SENT).text)[1]}
    first = browser.post("/panel/hits/accept", data=form)
    assert first.status_code == 302
    again = browser.post("/panel/hits/accept", data=form)
    assert again.status_code == 400
    assert "was used before" in again.text
    assert browser.get(first.headers["Location"]).status_code == 302


def test_who_previews_sees_what_the_work_is_and_begins_nothing(hits: Panel) -> None:
    sent = {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "hitId": "3HIT"}
    shown = browser_of(hits).get("/panel/hits", query_string=sent)
    assert shown.status_code == 200
    assert "This is a preview" in shown.text
    assert "<form" not in shown.text
    assert hits.visits() == []


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("https://evil.example/", id="another host"),
        pytest.param("http://submit.example/", id="no https"),
        pytest.param("https://submit.example@evil.example/", id="a user"),
        pytest.param("https://submit.example:444/", id="another port"),
        pytest.param("javascript:alert(1)//submit.example", id="a script"),
        pytest.param("https://submit.example;script-src *", id="more of a policy"),
        pytest.param("//submit.example/", id="no scheme"),
    ],
)
def test_the_form_goes_to_no_host_but_those_of_the_settings(lasting: Panel, told: str) -> None:
    reply = browser_of(lasting).get("/panel/hits", query_string={**SENT, "turkSubmitTo": told})
    assert reply.status_code == 400
    assert "does not send any" in reply.text


def test_another_worker_of_the_same_assignment_is_told_so(lasting: Panel) -> None:
    enter(lasting)
    reply = browser_of(lasting).get("/panel/hits", query_string={**SENT, "workerId": "A2WORKER"})
    assert reply.status_code == 409


def test_a_warning_is_read_once_in_a_frame(make_panel: MakePanel) -> None:
    panel = EXTERNAL.replace("max_answers = 2", "screens_out = false", 1)
    hits = make_panel(panel=panel, tasks=(1, 3), num_gold=4)
    browser, root = enter(hits)
    csrf = CSRF.search(browser.get(f"{root}/instructions/2").text)[1]
    browser.post(f"{root}/instructions", data={"csrf_token": csrf})
    for _ in range(5):
        asked = browser.get(f"{root}/task.json").json
        form = {"answer": "no", "csrf_token": asked["csrf_token"]}
        browser.post(f"{root}/slots/{asked['next']['slot']}/answer", data=form)
    warned = browser.get(f"{root}/task")
    assert warned.headers["Location"] == f"{root}/warning"
    csrf = CSRF.search(browser.get(f"{root}/warning").text)[1]
    browser.post(f"{root}/warning", data={"csrf_token": csrf})
    assert browser.get(f"{root}/task").status_code == 200


def test_who_is_late_goes_on_in_the_frame_by_a_new_token(make_panel: MakePanel) -> None:
    hits = make_panel(panel=EXTERNAL)
    browser, root = enter(hits)
    hits.now += 3601
    late = browser.get(f"{root}/finish").text
    assert "The time is over" in late
    action = re.search(r'action="([^"]*accept)"', late)[1]
    reply = browser.post(action, data={"ticket": TICKET.search(late)[1]})
    again = reply.headers["Location"].removesuffix("/task")
    assert re.fullmatch(r"/in/[^/]+", again)
    assert again != root
    assert answer_all(browser, again) == 2
