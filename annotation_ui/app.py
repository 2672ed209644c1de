"""The web app around one workspace. No globals: a test makes its own."""

from flask import Flask, jsonify, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from annotation_ui import batches, messages, owner, work, workers
from annotation_ui.attempts import Attempts
from annotation_ui.choosing import named_kind
from annotation_ui.edit_effects import ClassEditing
from annotation_ui.frames import media as frames
from annotation_ui.kinds.registry import KINDS
from annotation_ui.languages.choosing import speak
from annotation_ui.languages.words import gettext, lazy_gettext
from annotation_ui.owner.unclear import UnclearClasses
from annotation_ui.page import Page, RowId, is_framed, wants_json
from annotation_ui.panels import ending, entering
from annotation_ui.panels.framed import open_frames
from annotation_ui.panels.tickets import Tickets
from annotation_ui.security import load_secret, secure
from annotation_ui.signing import let_in
from annotation_ui.writer import Writer
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.records import is_counted_by, keep, remake
from kinetics_builder.database.engine import reading, repeating, writing
from kinetics_builder.database.growing import Growing
from kinetics_builder.database.tables import (
    Assignment,
    Decision,
    TalliedSlot,
    Task,
    TaskSlot,
    WorkerStanding,
    WorkTally,
)
from kinetics_builder.workspace import Workspace


def create_app(
    workspace: Workspace,
    *,
    secret: bytes | None = None,
    class_editing: ClassEditing | None = None,
) -> Flask:
    """Build the app.

    Args:
        workspace: Its database and clips are shown.
        secret: Signs cookies; without it the workspace's own, which is made if missing.
        class_editing: Knows what edits of classes do; the owner may not edit any without it.

    Raises:
        WorkspaceError: The workspace cannot be written.
        ConfigError: A panel's consent cannot be read, or a catalogue of the owner's has a flaw.

    """
    app = Flask(__name__)
    verify = workspace.config.verify
    _count_by(workspace, verify)
    writer = _make_writer(workspace, verify)
    app.url_map.converters["int"] = RowId
    app.extensions["kbuild"] = Page(workspace, writer, class_editing=class_editing)
    app.extensions["kbuild-attempts"] = Attempts()
    app.extensions["kbuild-tickets"] = Tickets()
    app.extensions["kbuild-unclear"] = UnclearClasses()
    kinds = (kind.blueprint for kind in KINDS)
    pages = (
        workers.bp,
        work.bp,
        batches.bp,
        messages.bp,
        owner.bp,
        frames.bp,
        entering.bp,
        ending.bp,
    )
    for blueprint in (*pages, *kinds):
        app.register_blueprint(blueprint)
    media_from = let_in(app, workspace)
    secure(app, workspace, load_secret(workspace) if secret is None else secret, media_from)
    speak(app, workspace)
    app.extensions["csrf"].exempt(entering.accept)
    for panel in workspace.config.panels:
        workspace.consent_of(panel)
    open_frames(app, workspace.config.panels)
    app.register_error_handler(CSRFError, _refuse_forgery)
    app.register_error_handler(HTTPException, _explain)
    app.context_processor(lambda: {"named": named_kind()})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app


def _make_writer(workspace: Workspace, verify: VerifyConfig) -> Writer:
    kept = (Assignment, Decision, TalliedSlot, Task, TaskSlot, WorkerStanding, WorkTally)
    growing = Growing([*(kind.crowd.answers for kind in KINDS), *kept])
    return Writer(
        repeating(workspace.engine),
        before_commit=lambda rows: keep(rows, verify),
        after_commit=lambda: growing.note(workspace.engine),
    )


def _count_by(workspace: Workspace, verify: VerifyConfig) -> None:
    """Count all votes anew if other rules were in force when they were counted."""
    with reading(workspace.engine) as rows:
        if is_counted_by(rows, verify):
            return
    with writing(workspace.engine) as rows:
        remake(rows, verify)


def _refuse_forgery(error: CSRFError) -> ResponseReturnValue:
    if request.blueprint == "panels":
        return render_template("panels/no_cookie.html"), 400
    if not session.keys() & {"worker_id", "owner_login"} and "login" not in request.path:
        return _tell_logged_out()
    message = gettext("This page was open for too long or in two sessions. Load it again.")
    if wants_json():
        return jsonify(error="csrf", message=message), 400
    return render_template("error.html", title=gettext("Please try again"), message=message), 400


def _tell_logged_out() -> ResponseReturnValue:
    """Say to somebody whose session has ended that what came now was not taken."""
    message = gettext(
        "You are logged out, and what you sent was not saved. What was saved is safe."
    )
    if wants_json():
        next_step = gettext("Log in, then send it again.")
        return jsonify(error="login", message=f"{message} {next_step}"), 401
    title = gettext("You are logged out")
    return render_template("error.html", title=title, message=message), 401


def _explain(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    message = str(_MESSAGES.get(code) or error.description or error.name)
    if wants_json():
        return jsonify(error=error.name.lower(), message=message), code
    response = error.get_response()
    title = str(_TITLES.get(code, error.name))
    if code == 401 and is_framed():
        title = gettext("Your session is over")
    response.data = render_template("error.html", title=title, message=message)
    response.content_type = "text/html; charset=utf-8"
    return response


_MESSAGES = {
    404: lazy_gettext("There is nothing here, or it is not for you."),
    500: lazy_gettext(
        "Something broke on our side. Your saved answers are safe. Load the page again."
    ),
}
_TITLES = {
    400: lazy_gettext("Bad Request"),
    401: lazy_gettext("Unauthorized"),
    404: lazy_gettext("Not Found"),
    409: lazy_gettext("Conflict"),
    500: lazy_gettext("Internal Server Error"),
}
