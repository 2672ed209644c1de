"""Sessions in a platform's frame, where browsers keep no cookies: a token in every address.

`/in/TOKEN/task` is `/task` for whom the token names. All addresses that the page writes begin
like the one that was asked for, so nothing else knows of it. A token is of one session of one
worker, signed, and dies with its login and by its age; the newest of a worker is the only one.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response, abort, request, session
from flask.sessions import SecureCookieSession, SessionMixin

from annotation_ui.languages.words import gettext
from annotation_ui.page import IN_FRAME, is_framed
from annotation_ui.panels.tickets import read_token
from annotation_ui.panels.visiting import current_visit
from annotation_ui.security import Cookies, allow
from kinetics_builder.crowd.panels.settings import PanelConfig

_MARK = "/in/"
_NUM_KEPT = 10_000
_NOTED = ("instructed", "warned", "language")
_NOT_HERE = ("workers.show_login", "workers.login")


class InFrames:
    """A WSGI app that takes the token out of addresses, and marks what needs no cookie."""

    def __init__(self, app: Callable[..., Iterable[bytes]], panels: Iterable[PanelConfig]) -> None:
        self._app = app
        self._entries = {f"/panel/{panel.name}" for panel in panels if panel.is_framed}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(_MARK):
            token, _, rest = path.removeprefix(_MARK).partition("/")
            environ[IN_FRAME] = token
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{_MARK}{token}"
            environ["PATH_INFO"] = f"/{rest}"
        elif "/".join(path.split("/")[:3]) in self._entries:
            environ[IN_FRAME] = ""
        return self._app(environ, start_response)


class Sessions(Cookies):
    """Sessions in cookies; those in frames in their tokens, and what they note in memory."""

    def __init__(self) -> None:
        self._noted: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session that a request is of."""
        token = request.environ.get(IN_FRAME)
        if token is None:
            return super().open_session(app, request)
        found = read_token(app, token) if token else None
        if found is None:
            return SecureCookieSession()
        login, worker_id, name, visit = found
        secret = app.config["SECRET_KEY"]
        csrf = hmac.new(secret, f"csrf {login}".encode(), hashlib.sha256).hexdigest()
        known = {"login": login, "worker_id": worker_id, "name": name, "visit": visit}
        return SecureCookieSession({**known, "csrf_token": csrf, **self._noted.get(login, {})})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep what was noted, in the cookie or here; that is lost when the server ends."""
        if IN_FRAME not in request.environ:
            super().save_session(app, session, response)
        elif session.modified and "login" in session:
            noted = {name: session[name] for name in _NOTED if name in session}
            self._noted[session["login"]] = noted
            self._noted.move_to_end(session["login"])
            while len(self._noted) > _NUM_KEPT:
                self._noted.popitem(last=False)


def open_frames(app: Flask, panels: Iterable[PanelConfig]) -> None:
    """Let platforms show the page in frames of theirs, if any of the panels wants it."""
    framed = {panel.name: panel for panel in panels if panel.is_framed}
    if not framed:
        return
    app.wsgi_app = InFrames(app.wsgi_app, framed.values())  # type: ignore[method-assign]
    app.session_interface = Sessions()
    app.before_request(lambda: _guard(framed.values()))


def _guard(framed: Iterable[PanelConfig]) -> None:
    """Say who may show the answer in a frame, and refuse what has no business in one."""
    if not is_framed():
        return
    visit = current_visit()
    origins = [visit.panel.frame_origin] if visit else [one.frame_origin for one in framed]
    name = (request.view_args or {}).get("name")
    if "login" not in session and name is not None:
        origins = [one.frame_origin for one in framed if one.name == name] or origins
    allow(framed_by=" ".join(dict.fromkeys(origins)))
    if request.blueprint == "owner" or request.endpoint in _NOT_HERE:
        abort(404)
    is_of_looks = (request.endpoint or "").rpartition(".")[2] == "static"
    if request.environ[IN_FRAME] and "login" not in session and not is_of_looks:
        abort(401, gettext("This address is too old. Open the task anew at the platform to go on."))
