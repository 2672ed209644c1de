"""A browser without a screen: logs in to the annotators' page and answers over HTTP."""

import json
import re
from collections.abc import Sequence
from typing import Any

import requests

from kinetics_builder.errors import KbuildError
from kinetics_builder.ways import Way
from pipelines.demo.crew.work import Slot

_TIMEOUT_SECONDS = 30.0
_TOKEN = re.compile(
    r'name="csrf_token"[^>]*?value="([^"]+)"|value="([^"]+)"[^>]*?name="csrf_token"'
)
_NEXT_SCREEN = re.compile(r'href="(/instructions/\d+[^"]*)"')


_SEEN = {"yes": "yes-seen"}
Form = dict[str, str]


class PageClient:
    """One worker's session with the page."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = requests.Session()
        self._http.trust_env = False
        self._token = ""
        self.shows_grid = False
        """Whether the questions that came last are to be answered at once."""

    def log_in(self, name: str, code: str) -> None:
        """Log in with a name and an invitation code.

        Raises:
            KbuildError: The page does not let this worker in.

        """
        self._take_token(self._get("/login"))
        self._post("/login", {"name": name, "code": code})

    def read_instructions(self, kind: str) -> None:
        """Go through the instructions of a kind of task, and accept them."""
        screen = self._get(f"/instructions/1?kind={kind}")
        while (following := _NEXT_SCREEN.search(screen)) is not None and not _TOKEN.search(screen):
            screen = self._get(following[1].replace("&amp;", "&"))
        self._take_token(screen)
        self._post("/instructions", {"kind": kind})

    def next_questions(self, kind: str) -> list[Slot]:
        """Return what is shown now, of a new task where none is open, and what was sent with it.

        That is all of a grid, and else a few of the questions that follow; none without work.
        """
        response = self._http.get(
            f"{self._base}/task.json",
            params={"kind": kind},
            headers={"Accept": "application/json"},
            timeout=_TIMEOUT_SECONDS,
        )
        body = self._checked(response).json()
        self._token = body["csrf_token"]
        return self._laid(body)

    def answer(self, kind: str, slot: Slot, form: Form) -> list[Slot]:
        """Send an answer; return the questions of the task that follow, none after the last."""
        path = f"/slots/{slot['slot']}/answer"
        return self._laid(self._post(path, {"kind": kind, **form}, "application/json").json())

    def answer_together(
        self, kind: str, slots: Sequence[Slot], forms: Sequence[Form]
    ) -> list[Slot]:
        """Send several answers at once; return what comes after them, as `answer` does.

        In a grid a yes is a clip that was seen.

        Raises:
            KbuildError: The page refuses one of them.

        """
        said = [{**form, "slot": slot["slot"]} for slot, form in zip(slots, forms, strict=True)]
        if self.shows_grid:
            said = [{**one, "answer": _SEEN.get(one["answer"], one["answer"])} for one in said]
        form = {"kind": kind, "answers": json.dumps(said)}
        body = self._post("/answers", form, "application/json").json()
        if refused := [one["message"] for one in body["results"] if one["outcome"] == "refused"]:
            raise KbuildError(f"The annotators' page refused an answer: {refused[0]}")
        return self._laid(body)

    def _laid(self, body: dict[str, Any]) -> list[Slot]:
        """Return the questions that the page has sent, the next one first."""
        self.shows_grid = body["way"] == Way.GRID
        return [] if body["next"] is None else [body["next"], *body["following"]]

    def _get(self, path: str) -> str:
        response = self._http.get(self._base + path, timeout=_TIMEOUT_SECONDS)
        return self._checked(response).text

    def _take_token(self, screen: str) -> None:
        found = _TOKEN.search(screen)
        if found is None:
            raise KbuildError(f"The page at {self._base} has no form to fill in: {screen[:200]!r}.")
        self._token = found[1] or found[2]

    def _post(self, path: str, form: dict[str, str], accept: str = "*/*") -> requests.Response:
        response = self._http.post(
            self._base + path,
            data=form,
            headers={"X-CSRFToken": self._token, "Accept": accept},
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        return self._checked(response)

    def _checked(self, response: requests.Response) -> requests.Response:
        if response.status_code >= 400 and response.status_code != 410:
            raise KbuildError(
                f"The annotators' page answered {response.status_code} to {response.request.url}: "
                f"{response.text[:200]!r}."
            )
        return response
