"""What every view needs: the workspace, its database, and who is asking.

A cookie holds the token of a session that the database knows (`kinetics_builder.crowd.logins`),
so a session that was ended is over, whatever cookies are still about. A worker and the owner
may be logged in beside each other; each logs out alone.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, current_app, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map

from annotation_ui.edit_effects import ClassEditing
from annotation_ui.languages.words import gettext
from annotation_ui.writer import Writer
from kinetics_builder.config import Config
from kinetics_builder.crowd import logins
from kinetics_builder.database import engine as database
from kinetics_builder.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")


class RowId(IntegerConverter):
    """A number in an address that a row can have; any other is an address of nothing.

    Both databases keep ids in 32 bits at least, and fail at numbers of more than 64.
    """

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


@dataclass
class Page:
    """One served workspace. Every app has its own."""

    workspace: Workspace
    writer: Writer
    clock: Callable[[], float] = time.time
    """Unix time in seconds."""
    class_editing: ClassEditing | None = None
    """What knows what edits of classes do; None where nobody does."""
    looking: threading.Lock = field(default_factory=threading.Lock)
    """Held by who looks at all answers, so that others need not."""

    @property
    def config(self) -> Config:
        """The settings of the workspace."""
        return self.workspace.config

    @property
    def engine(self) -> Engine:
        """The database of the workspace."""
        return self.workspace.engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that changes nothing."""
        with database.reading(self.engine) as session:
            yield session

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` inside a write transaction; return what it returns after the commit."""
        return self.writer.run(work)


def page() -> Page:
    """Return the page of the app that handles this request."""
    found: Page = current_app.extensions["kbuild"]
    return found


def worker_id() -> int:
    """Return who is asking; only where `worker_only` has let them in."""
    return int(session["worker_id"])


def login_token() -> str | None:
    """Return the token of the worker's session, which may be over; None without one."""
    number, token = session.get("worker_id"), session.get("login")
    return token if isinstance(number, int) and isinstance(token, str) else None


def logged_in_worker() -> int | None:
    """Return the worker who is asking; None if nobody is logged in, or is no more."""
    token = login_token()
    return worker_id() if token is not None and _is_open(token, worker_id()) else None


def is_owner() -> bool:
    """Tell whether the owner is asking."""
    token = owner_token()
    return token is not None and _is_open(token, None)


def owner_token() -> str | None:
    """Return the token of the owner's, or a reviewer's, session, which may be over."""
    token = session.get("owner_login")
    return token if isinstance(token, str) else None


def begin_login(number: int | None, reviewer: int | None = None) -> None:
    """Open a session of a worker, or of the owner (None), in the place of an earlier one.

    A reviewer's stands in the place of the owner's.
    """
    end_login(owner=number is None)
    here = page()
    token = here.write(lambda rows: logins.begin(rows, number, here.clock(), reviewer))
    session.permanent = True
    if number is None:
        session["owner_login"] = token
    else:
        session["worker_id"], session["login"] = number, token


def end_login(*, owner: bool) -> None:
    """End the session of the worker, or of the owner, who is asking."""
    token = session.pop("owner_login" if owner else "login", None)
    if isinstance(token, str):
        page().write(lambda rows: logins.end(rows, token))
    if not owner:
        for name in _WORKERS_KEYS:
            session.pop(name, None)


def _is_open(token: str, number: int | None) -> bool:
    here = page()
    with here.reading() as rows:
        return logins.is_open(rows, token, number, here.clock())


_WORKERS_KEYS = ("worker_id", "name", "instructed", "warned", "visit")


IN_FRAME = "kbuild.in_frame"
"""In the WSGI environment of a request from a platform's frame: its token, which may be empty."""


def is_framed() -> bool:
    """Tell whether the request comes from a platform's frame, where there are no cookies."""
    return IN_FRAME in request.environ


def wants_json() -> bool:
    """Tell whether the client asked for JSON rather than for a page."""
    return request.path.endswith(".json") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def worker_only(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let workers in who have logged in; send others to the login (programs get 401)."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if logged_in_worker() is not None:
            return view(*args, **kwargs)
        return send_to_login()

    return guarded


def send_to_login() -> ResponseReturnValue:
    """Send whoever is not logged in to the login; programs get 401."""
    if wants_json():
        message = gettext("Log in first, then send it again.")
        return jsonify(error="login", message=message), 401
    words = [gettext("What was saved is safe.")]
    if request.method == "POST":
        words.insert(0, gettext("You are logged out, and what you sent was not saved."))
    if is_framed():
        words.insert(-1, gettext("Open the task anew at the platform to go on."))
        abort(401, " ".join(words))
    words.insert(-1, gettext("Log in to go on."))
    session["words_at_login"] = " ".join(words)
    return redirect(url_for("workers.show_login"))
