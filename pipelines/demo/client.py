"""A browser without a screen: logs in to the annotators' page and answers over HTTP."""

import re
from typing import Any

import requests

from kinetics_builder.errors import KbuildError
from pipelines.demo.annotators import Reply

_TIMEOUT_SECONDS = 30.0
_TOKEN = re.compile(
    r'name="csrf_token"[^>]*?value="([^"]+)"|value="([^"]+)"[^>]*?name="csrf_token"'
)

Slot = dict[str, Any]
"""A question as the page sends it: slot, label, ..."""


class PageClient:
    """One worker's session with the page."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = requests.Session()
        self._http.trust_env = False
        self._token = ""

    def log_in(self, name: str, code: str) -> None:
        """Log in with a name and an invitation code, and accept the instructions.

        Raises:
            KbuildError: The page does not let this worker in.

        """
        self._read_token("/login")
        self._post("/login", {"name": name, "code": code})
        self._read_token("/instructions/2")
        self._post("/instructions", {})
        self._http.headers["Accept"] = "application/json"

    def next_question(self) -> Slot | None:
        """Return the current question, of a new task where none is open; None without work."""
        response = self._http.get(f"{self._base}/task.json", timeout=_TIMEOUT_SECONDS)
        body = self._checked(response).json()
        self._token = body["csrf_token"]
        slot: Slot | None = body["next"]
        return slot

    def answer(self, slot: Slot, reply: Reply) -> Slot | None:
        """Send an answer; return the next question of the task, None after the last."""
        form = {"answer": reply.answer.value, "seconds": str(reply.seconds)}
        if reply.lasts_whole_clip is not None:
            form["lasts_whole_clip"] = "yes" if reply.lasts_whole_clip else "no"
        body = self._post(f"/slots/{slot['slot']}/answer", form).json()
        following: Slot | None = body["next"]
        return following

    def _read_token(self, path: str) -> None:
        response = self._http.get(self._base + path, timeout=_TIMEOUT_SECONDS)
        found = _TOKEN.search(self._checked(response).text)
        if found is None:
            raise KbuildError(f"The page at {self._base}{path} has no form to fill in.")
        self._token = found[1] or found[2]

    def _post(self, path: str, form: dict[str, str]) -> requests.Response:
        response = self._http.post(
            self._base + path,
            data=form,
            headers={"X-CSRFToken": self._token},
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
