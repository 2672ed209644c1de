"""Participants whom a panel sends to a small world, as its documents say."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from annotation_ui.page import Page
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import PanelVisit
from kinetics_builder.workspace import Workspace
from tests.annotation_ui.conftest import CSRF, UNHURRIED, Visitor, World, fill

TICKET = re.compile(r'name="ticket" value="([^"]+)"')
CODE = re.compile(r'<strong class="code">([^<]+)</strong>')
STUDY = "60ffe5c8371090c7041d43f8"
PROLIFIC = """
[[panels]]
name = "prolific-1"
platform = "prolific"
completion_code = "C1DONE"
screen_out_code = "C2OUT"
max_answers = 2
"""


def id_of(number: int) -> str:
    """Return an id of Prolific's shape."""
    return f"{number:024x}"


@dataclass
class Participant(Visitor):
    """Somebody whom Prolific sends, at a browser without JavaScript."""

    number: int = 1
    panel: str = "prolific-1"
    sent: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sent = {
            "PROLIFIC_PID": id_of(self.number),
            "STUDY_ID": STUDY,
            "SESSION_ID": id_of(1000 + self.number),
            **self.sent,
        }

    def open(self) -> Any:
        """Follow the platform's link."""
        return self.browser.get(f"/panel/{self.panel}", query_string=self.sent)

    def agree(self) -> Any:
        """Follow the link, and agree to what is shown."""
        shown = self.open()
        assert shown.status_code == 200, shown.text
        form = {"ticket": TICKET.search(shown.text)[1], "csrf_token": CSRF.search(shown.text)[1]}
        return self.browser.post(f"/panel/{self.panel}/agree", data=form)

    def come(self) -> "Participant":
        """Agree, and read the instructions."""
        assert self.agree().headers["Location"] == "/task"
        self.read_instructions()
        return self

    def answer(self, slot: int, answer: str = "no", **fields: str) -> Any:
        return super().answer(slot, answer, go_on="1", **fields)

    def answer_all(self, answer: str = "no") -> int:
        """Answer until nothing is asked; return how often."""
        number = 0
        while (asked := self.next()) is not None:
            reply = self.answer(asked["slot"], answer, lasts_whole_clip="yes")
            assert reply.status_code == 200, reply.text
            number += 1
        return number

    def finish(self) -> Any:
        """End the session, if it can be ended; return what is shown then."""
        form = {"csrf_token": self.token("/finish")}
        return self.browser.post("/finish", data=form, follow_redirects=True)

    def code(self) -> str | None:
        found = CODE.search(self.finish().text)
        return found[1] if found else None


@dataclass
class Panel:
    """A world with a panel, and its app."""

    world: World
    now: float = 1_000_000.0

    def serve(self) -> "Panel":
        """Make the app, as `kbuild annotate` does at its start."""
        self.app: Flask = self.world.app()
        self.page.clock = lambda: self.now
        return self

    @property
    def page(self) -> Page:
        return self.app.extensions["kbuild"]

    def participant(self, number: int = 1, **how: Any) -> Participant:
        return Participant(self.app.test_client(), number, **how)

    def visits(self) -> list[PanelVisit]:
        with reading(self.world.workspace.engine) as rows:
            found = list(rows.query(PanelVisit).order_by(PanelVisit.id))
            rows.expunge_all()
            return found


@pytest.fixture
def make_panel(make_world: Callable[..., World]) -> Callable[..., Panel]:
    """Make a panel: settings that follow those of the panel, tasks, gold in each."""

    def make(
        more: str = "",
        *,
        verify: str = "",
        panel: str = PROLIFIC,
        tasks: tuple[int, ...] = (3, 3),
        num_gold: int = 0,
        is_served: bool = True,
    ) -> Panel:
        settings = UNHURRIED + verify + panel + more
        world = make_world(list(tasks), num_gold, num_workers=1, settings=settings)
        panel_of_world = Panel(world)
        return panel_of_world.serve() if is_served else panel_of_world

    return make


def lasting_panel(root: Path, clip_bytes: bytes, settings: str) -> Panel:
    """Return a served panel for a module's tests that change nothing in it."""
    workspace = Workspace.create(root, UNHURRIED + settings)
    fill(workspace, clip_bytes, [3, 3])
    return Panel(World(workspace, [])).serve()


@pytest.fixture
def panel(make_panel: Callable[..., Panel]) -> Panel:
    """Two tasks of three questions; a session asks two."""
    return make_panel()
