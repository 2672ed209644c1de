"""What strangers may try at a panel's address, and where its ids are not seen."""

import pytest
from click.testing import CliRunner

from annotation_ui import attempts
from annotation_ui.security import owner_code
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import PanelPerson
from pipelines.cli import group
from tests.annotation_ui.panels.conftest import CSRF, TICKET, Panel, id_of


def test_nobody_agrees_for_somebody_else_without_the_cookie_of_the_page(panel: Panel) -> None:
    someone = panel.participant()
    form = {"ticket": TICKET.search(someone.open().text)[1]}
    refused = someone.browser.post("/panel/prolific-1/agree", data=form)
    assert refused.status_code == 400
    assert "Please allow cookies" in refused.text
    token = CSRF.search(someone.open().text)[1]
    stranger = panel.app.test_client(use_cookies=False)
    form["csrf_token"] = token
    assert stranger.post("/panel/prolific-1/agree", data=form).status_code == 400
    assert panel.visits() == []


@pytest.mark.parametrize("path", ["/finish", "/finish/stop"])
def test_a_session_is_not_ended_by_another_page(panel: Panel, path: str) -> None:
    someone = panel.participant().come()
    someone.answer_all()
    assert someone.browser.post(path).status_code == 400
    assert panel.visits()[0].outcome is None
    assert someone.browser.get("/finish").status_code == 200


def test_a_panel_of_cookies_takes_nobody_without_them(panel: Panel) -> None:
    someone = panel.participant()
    form = {"ticket": TICKET.search(someone.open().text)[1]}
    assert someone.browser.post("/panel/prolific-1/accept", data=form).status_code == 404


def test_many_newcomers_of_one_address_keep_out_neither_who_was_here_nor_codes(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "NEWCOMERS", "2 per minute")
    panel.app.extensions["kbuild-attempts"] = attempts.Attempts()
    assert panel.participant(1).agree().status_code == 302
    assert panel.participant(2).agree().status_code == 302
    barred = panel.participant(3).agree()
    assert barred.status_code == 429
    assert 0 < int(barred.headers["Retry-After"]) <= 60
    assert panel.participant(1).agree().status_code == 302
    panel.world.client(app=panel.app).log_in()
    elsewhere = panel.participant(3)
    elsewhere.browser.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert elsewhere.agree().status_code == 302


def test_a_platforms_id_is_in_no_page_and_no_list(panel: Panel) -> None:
    number = 0xC0FFEE
    someone = panel.participant(number).come()
    someone.answer_all()
    pages = [someone.browser.get("/task", follow_redirects=True).text, someone.finish().text]
    owner = panel.app.test_client()
    csrf = CSRF.search(owner.get("/owner/login").text)[1]
    code = owner_code(panel.app.config["SECRET_KEY"])
    owner.post("/owner/login", data={"code": code, "csrf_token": csrf})
    pages.append(owner.get("/owner").text)
    folder = str(panel.world.workspace.root)
    pages.append(CliRunner().invoke(group, ["-C", folder, "crowd", "workers", "--json"]).output)
    with reading(panel.world.workspace.engine) as rows:
        name = rows.query(PanelPerson).one().worker.name
    assert name in pages[2]
    assert name in pages[3]
    assert "Paid panels" in pages[2]
    assert not any(id_of(number) in page or f"{number:x}" in page for page in pages)


def test_the_name_here_says_nothing_of_the_platforms_id(panel: Panel) -> None:
    for number in (1, 2, 3):
        panel.participant(number).agree()
    with reading(panel.world.workspace.engine) as rows:
        names = [person.worker.name for person in rows.query(PanelPerson)]
    assert len(set(names)) == 3
    assert all(name.startswith("prolific-") and len(name) == 15 for name in names)
