"""A whole study over HTTP: a double of Prolific sends people, and counts who comes back how."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import pytest
import requests
from werkzeug.serving import make_server

from kinetics_builder.crowd.panels.registry import address_of
from kinetics_builder.database.tables import Outcome
from pipelines.verifying.pay import pay
from tests.annotation_ui.panels.conftest import CSRF, PROLIFIC, STUDY, TICKET, Panel, id_of
from tests.annotation_ui.panels.double import Prolific, in_thread, running

DONE, OUT = "C1DONE", "C2OUT"


@contextmanager
def served(panel: Panel) -> Iterator[str]:
    """Serve the page from a thread; yield its address."""
    server = make_server("127.0.0.1", 0, panel.app, threaded=True)
    with in_thread(server):
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def study(make_panel: Callable[..., Panel]) -> Iterator[tuple[Prolific, Panel]]:
    """A study of three places, and the page it sends people to."""
    codes = {DONE: "AWAITING REVIEW", OUT: "SCREENED OUT"}
    with running(Prolific(STUDY, 3, codes)) as double:
        urls = "".join(
            f'{name} = "{double.address}/submissions/complete?cc={code}"\n'
            for name, code in (("completion_url", DONE), ("screen_out_url", OUT))
        )
        asks_six = PROLIFIC.replace("max_answers = 2", "max_answers = 6")
        panel = make_panel(f"{urls}places = 3\n", panel=asks_six, tasks=(1, 3), num_gold=4)
        with served(panel) as address:
            (settings,) = panel.page.config.panels
            double.external_study_url = address_of(settings, address)
            yield double, panel


class Participant:
    """Somebody with a browser and a login at the double."""

    def __init__(self, double: Prolific, number: int) -> None:
        self.double, self.id = double, id_of(number)
        self.browser = requests.Session()

    def take(self) -> requests.Response:
        """Take a place; return the first page of the study."""
        login = {"Cookie": f"participant={self.id}"}
        sent = requests.get(f"{self.double.address}/take", headers=login, allow_redirects=False)
        self.root = self.double.external_study_url.split("/panel/")[0]
        return self.browser.get(sent.headers["Location"])

    def work(self, answer: str) -> None:
        """Agree, read the instructions, and answer until nothing is asked."""
        shown = self.take().text
        action = re.search(r'action="([^"]*agree)"', shown)[1]
        shown = self.post(action, shown, ticket=TICKET.search(shown)[1]).text
        if "/instructions" in shown:
            second = self.browser.get(f"{self.root}/instructions/2").text
            self.post("/instructions", second)
        while asked := self.browser.get(f"{self.root}/task.json").json()["next"]:
            shown = self.browser.get(f"{self.root}/task").text
            self.post(
                f"/slots/{asked['slot']}/answer", shown, answer=answer, lasts_whole_clip="yes"
            )

    def post(self, path: str, shown: str, **fields: str) -> requests.Response:
        form = {"csrf_token": CSRF.search(shown)[1], **fields}
        return self.browser.post(f"{self.root}{path}", data=form)

    def go_back(self) -> str:
        """Finish, and follow the link that is shown; return what the double says."""
        done = self.post("/finish", self.browser.get(f"{self.root}/finish").text).text
        link = re.search(r'<a class="button primary" href="(http[^"]*)"', done)[1]
        login = {"Cookie": f"participant={self.id}"}
        return requests.get(unescape(link), headers=login).text


def test_a_study_ends_with_the_same_counts_on_both_sides(study: tuple[Prolific, Panel]) -> None:
    double, panel = study
    careful, careless = Participant(double, 1), Participant(double, 2)
    careful.work("yes")
    assert careful.go_back() == "AWAITING REVIEW"
    careless.work("no")
    assert careless.go_back() == "SCREENED OUT"
    out = panel.world.workspace.root / "pay.csv"
    report = pay(panel.world.workspace, "prolific", out)
    assert (report.num_approved, report.num_rejected, report.num_screened_out) == (1, 0, 1)
    assert len(double.ids_of("SCREENED OUT")) == 1
    told = out.with_name("pay.approve.txt").read_text().split()
    assert sorted(told) == sorted(double.ids_of("AWAITING REVIEW"))


def test_who_returns_or_times_out_leaves_a_place_that_others_fill(
    study: tuple[Prolific, Panel],
) -> None:
    double, panel = study
    for number in (1, 2, 3):
        participant = Participant(double, number)
        shown = participant.take().text
        participant.post("/panel/prolific-1/agree", shown, ticket=TICKET.search(shown)[1])
    assert double.take(id_of(4)) is None
    double.return_submission(id_of(1))
    double.time_out(id_of(2))
    panel.now += 3601
    fourth = Participant(double, 4)
    fourth.work("yes")
    assert fourth.go_back() == "AWAITING REVIEW"
    assert [visit.outcome for visit in panel.visits()] == [None, None, None, Outcome.COMPLETE]


def test_taking_a_returned_study_again_goes_on_where_it_stood(
    study: tuple[Prolific, Panel],
) -> None:
    double, panel = study
    someone = Participant(double, 1)
    someone.work("yes")
    double.return_submission(someone.id)
    someone.work("yes")
    assert someone.go_back() == "AWAITING REVIEW"
    assert [visit.outcome for visit in panel.visits()] == [Outcome.TAKEN_AGAIN, Outcome.COMPLETE]
    assert len(double.submissions) == 2
