"""From Prolific's link to its completion code, and all that may go wrong between."""

from collections.abc import Callable

import pytest

from kinetics_builder.crowd.people import revoke
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Outcome, PanelPerson, Vote, Worker
from tests.annotation_ui.panels.conftest import (
    CSRF,
    PROLIFIC,
    STUDY,
    TICKET,
    Panel,
    id_of,
    lasting_panel,
)

MakePanel = Callable[..., Panel]
ENDLESS = PROLIFIC.replace("max_answers = 2", "max_answers = 0")


@pytest.mark.on_both
def test_a_participant_agrees_answers_as_many_as_asked_and_gets_the_code(panel: Panel) -> None:
    someone = panel.participant().come()
    assert someone.answer_all() == 2
    assert someone.browser.get("/task").headers["Location"] == "/finish"
    shown = someone.finish()
    assert "C1DONE" in shown.text
    assert 'href="https://app.prolific.com/submissions/complete?cc=C1DONE"' in shown.text
    (visit,) = panel.visits()
    assert (visit.outcome, visit.num_answers, visit.study) == (Outcome.COMPLETE, 2, STUDY)


def test_no_code_is_shown_before_the_end(panel: Panel) -> None:
    someone = panel.participant().come()
    assert someone.answer(someone.next()["slot"]).status_code == 200
    early = someone.browser.get("/finish")
    assert early.status_code == 409
    assert "1 of 2 questions" in early.text
    assert someone.code() is None
    assert "C1DONE" not in early.text
    (visit,) = panel.visits()
    assert visit.outcome is None


def test_nothing_is_written_before_somebody_agrees(panel: Panel) -> None:
    shown = panel.participant().open()
    assert "Taking part" in shown.text
    with reading(panel.world.workspace.engine) as rows:
        assert rows.query(Worker).count() == 1
        assert rows.query(PanelPerson).count() == 0


def test_the_code_is_shown_again_to_who_comes_back(panel: Panel) -> None:
    someone = panel.participant().come()
    someone.answer_all()
    assert someone.code() == "C1DONE"
    again = panel.participant()
    assert "You have finished your session" in again.open().text
    assert again.agree().status_code == 302
    assert again.code() == "C1DONE"
    assert len(panel.visits()) == 1


def test_returning_goes_on_where_it_stood(panel: Panel) -> None:
    someone = panel.participant().come()
    first = someone.next()["slot"]
    someone.answer(first)
    again = panel.participant()
    assert "Welcome back" in again.open().text
    again.agree()
    assert again.next()["slot"] != first
    assert again.answer_all() == 1
    assert again.code() == "C1DONE"


def test_the_same_person_in_a_second_study_is_the_same_worker(make_panel: MakePanel) -> None:
    second = PROLIFIC.replace("prolific-1", "second").replace("C1", "C3").replace("C2", "C4")
    panel = make_panel(second)
    someone = panel.participant().come()
    someone.answer_all()
    someone.finish()
    again = panel.participant(panel="second", sent={"SESSION_ID": id_of(5)})
    again.agree()
    assert again.answer_all() == 2
    assert again.code() == "C3DONE"
    with reading(panel.world.workspace.engine) as rows:
        worker = rows.query(PanelPerson).one().worker_id
        assert {vote.worker_id for vote in rows.query(Vote)} == {worker}


def test_a_session_taken_again_goes_on_where_the_first_stood(panel: Panel) -> None:
    someone = panel.participant().come()
    someone.answer(someone.next()["slot"])
    again = panel.participant(sent={"SESSION_ID": id_of(77)})
    again.agree()
    assert again.answer_all() == 1
    assert again.code() == "C1DONE"
    first, second = panel.visits()
    assert (first.outcome, second.outcome) == (Outcome.TAKEN_AGAIN, Outcome.COMPLETE)
    back = someone.browser.get("/finish").text
    assert "You began another session since" in back
    assert "C1DONE" not in back


def test_another_id_in_the_same_session_is_told_so_and_nothing_is_lost(panel: Panel) -> None:
    someone = panel.participant().come()
    someone.answer(someone.next()["slot"])
    someone.sent["PROLIFIC_PID"] = id_of(2)
    refused = someone.open()
    assert refused.status_code == 409
    assert "Your session began under another id" in refused.text
    assert "Nothing is lost" in refused.text
    assert someone.answer_all() == 1
    assert someone.code() == "C1DONE"


def test_another_id_and_session_in_the_same_browser_may_go_on_or_stay(panel: Panel) -> None:
    someone = panel.participant().come()
    name = panel.page.write(lambda rows: rows.query(PanelPerson).one().worker.name)
    someone.sent |= {"PROLIFIC_PID": id_of(2), "SESSION_ID": id_of(2002)}
    shown = someone.open().text
    assert f"as {name}" in shown
    assert f"Stay as {name}" in shown
    someone.agree()
    with reading(panel.world.workspace.engine) as rows:
        assert rows.query(PanelPerson).count() == 2


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, clip_bytes: bytes) -> Panel:
    """A panel for tests that write nothing."""
    return lasting_panel(tmp_path_factory.mktemp("prolific") / "workspace", clip_bytes, PROLIFIC)


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        pytest.param({"PROLIFIC_PID": ""}, 400, "lacks <code>PROLIFIC_PID</code>", id="missing"),
        pytest.param(
            {"SESSION_ID": "{{%SESSION_ID%}}"}, 400, "SESSION_ID</code> without a", id="placeholder"
        ),
        pytest.param({"STUDY_ID": "abc"}, 400, "STUDY_ID</code> in the address is", id="short"),
        pytest.param({"PROLIFIC_PID": "z" * 24}, 400, "is not an id", id="characters"),
        pytest.param({"PROLIFIC_PID": "1" * 4000}, 400, "is not an id", id="long"),
        pytest.param({"PROLIFIC_PID": "<b>" + "1" * 21}, 400, "is not an id", id="markup"),
    ],
)
def test_a_bad_address_is_one_page_that_says_what_to_do(
    lasting: Panel, sent: dict[str, str], status: int, says: str
) -> None:
    refused = lasting.participant(sent=sent).open()
    assert refused.status_code == status
    assert says in refused.text
    assert "<b>" not in refused.text
    assert lasting.visits() == []


def test_an_id_that_stands_twice_is_refused(lasting: Panel) -> None:
    sent = lasting.participant().sent
    query = "&".join(f"{name}={value}" for name, value in sent.items())
    reply = lasting.app.test_client().get(f"/panel/prolific-1?{query}&SESSION_ID={id_of(9)}")
    assert reply.status_code == 400


def test_an_unknown_study_and_an_unknown_panel_are_404(make_panel: MakePanel) -> None:
    panel = make_panel(f'studies = ["{id_of(3)}"]\n')
    assert panel.participant().open().status_code == 404
    assert "a study that is not held here" in panel.participant().open().text
    assert panel.participant(panel="other").open().status_code == 404
    assert panel.participant(sent={"STUDY_ID": id_of(3)}).open().status_code == 200


def test_a_closed_panel_takes_nobody_new(make_panel: MakePanel) -> None:
    refused = make_panel("is_open = false\n").participant().open()
    assert refused.status_code == 403
    assert "This study is closed" in refused.text


def test_a_full_study_says_so_until_a_place_is_free(make_panel: MakePanel) -> None:
    panel = make_panel("places = 1\nminutes = 10.0\n")
    first = panel.participant(1).come()
    late = panel.participant(2)
    refused = late.open()
    assert refused.status_code == 403
    assert "This study is full" in refused.text
    panel.now += 601
    late.come()
    assert "The time is over" in first.browser.get("/finish").text
    assert first.open().status_code == 403


def test_who_is_late_or_stops_gives_the_questions_to_others(make_panel: MakePanel) -> None:
    alone = "max_votes = 1\nmin_yes = 1\n"
    panel = make_panel("minutes = 10.0\n", verify=alone, tasks=(3,))
    late, stopping, third = (panel.participant(number).come() for number in (1, 2, 3))
    held = late.next()["slot"]
    assert stopping.next() is None
    panel.now += 601
    stopping.agree()
    assert stopping.next()["slot"] == held
    third.agree()
    assert third.next() is None
    stopping.browser.post("/finish/stop", data={"csrf_token": stopping.token("/task")})
    assert third.next()["slot"] == held


def test_two_who_agree_at_once_do_not_take_one_place(make_panel: MakePanel) -> None:
    panel = make_panel("places = 1\n")
    one, two = panel.participant(1), panel.participant(2)
    shown = two.open().text
    assert one.agree().status_code == 302
    form = {"ticket": TICKET.search(shown)[1], "csrf_token": CSRF.search(shown)[1]}
    assert two.browser.post("/panel/prolific-1/agree", data=form).status_code == 403
    assert len(panel.visits()) == 1


def test_who_is_late_goes_on_if_there_is_a_place(make_panel: MakePanel) -> None:
    panel = make_panel("minutes = 10.0\n")
    someone = panel.participant().come()
    someone.answer(someone.next()["slot"])
    panel.now += 601
    assert someone.next() is None
    assert someone.code() is None
    someone.agree()
    assert someone.answer_all() == 1
    assert someone.code() == "C1DONE"


def test_what_a_finished_session_left_of_its_task_goes_to_others(make_panel: MakePanel) -> None:
    panel = make_panel(verify="max_votes = 1\nmin_yes = 1\n", tasks=(3,))
    one, two = panel.participant(1).come(), panel.participant(2).come()
    assert one.answer_all() == 2
    assert two.next() is None
    one.finish()
    assert two.answer_all() == 1
    assert two.code() == "C1DONE"


def test_who_stops_may_come_again(panel: Panel) -> None:
    one = panel.participant(1).come()
    held = one.next()["slot"]
    stopped = one.browser.post(
        "/finish/stop", data={"csrf_token": one.token("/task")}, follow_redirects=True
    )
    assert "You have stopped" in stopped.text
    assert one.browser.get("/task").status_code == 302
    assert one.agree().status_code == 302
    assert one.next()["slot"] == held


@pytest.mark.parametrize(
    ("more", "num_gold"),
    [
        pytest.param("training_right = 1\nscreens_out = false\n", 3, id="who fails the practice"),
        pytest.param("", 4, id="whose answers are set aside"),
    ],
)
def test_who_answers_gold_wrongly_is_sent_back_with_another_code(
    make_panel: MakePanel, more: str, num_gold: int
) -> None:
    panel = make_panel(more, panel=ENDLESS, tasks=(1, 3), num_gold=num_gold)
    someone = panel.participant().come()
    assert someone.answer_all("no") == 1 + num_gold
    shown = someone.finish()
    assert "Your session has ended early" in shown.text
    assert "https://app.prolific.com/submissions/complete?cc=C2OUT" in shown.text
    assert "C1DONE" not in shown.text
    (visit,) = panel.visits()
    assert (visit.outcome, visit.num_gold, visit.num_gold_right) == ("screened out", num_gold, 0)


def test_who_answers_gold_rightly_goes_on(make_panel: MakePanel) -> None:
    panel = make_panel("training_right = 3\n", panel=ENDLESS, tasks=(3,), num_gold=4)
    someone = panel.participant().come()
    assert someone.answer_all("yes") == 7
    assert someone.code() == "C1DONE"


def test_where_nothing_is_left_there_is_no_code(make_panel: MakePanel) -> None:
    panel = make_panel(tasks=())
    someone = panel.participant()
    someone.agree()
    shown = someone.finish()
    assert "Nothing was left to answer" in shown.text
    assert "return your submission" in shown.text
    assert someone.code() is None
    (visit,) = panel.visits()
    assert visit.outcome is Outcome.NO_WORK


def test_who_has_answered_all_there_is_gets_the_code(make_panel: MakePanel) -> None:
    panel = make_panel(panel=ENDLESS)
    someone = panel.participant().come()
    assert someone.answer_all() == 6
    assert someone.code() == "C1DONE"


@pytest.mark.parametrize(
    ("kinds", "number"),
    [
        pytest.param('["boxes", "clip"]', 2, id="clips among others"),
        pytest.param('["boxes"]', 0, id="other work, of which there is none"),
    ],
)
def test_a_panels_people_are_asked_what_its_settings_name(
    make_panel: MakePanel, kinds: str, number: int
) -> None:
    someone = make_panel(f"kinds = {kinds}\n").participant()
    shown = someone.open().text
    assert ("whether a person performs the action" in shown) is bool(number)
    if number:
        someone.come()
    else:
        someone.agree()
        assert someone.browser.get("/task?kind=clip").status_code == 404
    assert someone.answer_all() == number
    assert someone.code() == ("C1DONE" if number else None)


def test_whom_the_owner_shut_out_comes_in_no_more(panel: Panel) -> None:
    someone = panel.participant().come()
    with writing(panel.world.workspace.engine) as rows:
        revoke(rows, rows.query(PanelPerson).one().worker)
    refused = someone.open()
    assert refused.status_code == 403
    assert "You cannot take part" in refused.text
