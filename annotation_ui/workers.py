"""Coming and going: login, instructions, the warning, logout."""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from annotation_ui.admission import MAX_NAME, Refused, WrongCode, admit, note_instructions_read
from annotation_ui.attempts import attempts, refuse_for
from annotation_ui.page import (
    begin_login,
    end_login,
    logged_in_worker,
    page,
    worker_id,
    worker_only,
)
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.records import read_standing
from kinetics_builder.crowd.standing import NUM_RECENT, Standing

bp = Blueprint("workers", __name__)

_NUM_SCREENS = 2


@bp.get("/login")
def show_login() -> ResponseReturnValue:
    """Show the form for name and invitation code, to who is logged in only `as` another."""
    if "as" not in request.args and logged_in_worker() is not None:
        return redirect(url_for("clips.show_task"))
    words = session.pop("words_at_login", None)
    return render_template("login.html", max_name=MAX_NAME, name="", refusal=None, words=words)


@bp.post("/login")
def login() -> ResponseReturnValue:
    """Let a worker in; 401 says why not, 429 when to try again."""
    name, code = request.form.get("name", ""), request.form.get("code", "")
    if seconds := attempts().seconds_barred(code):
        return refuse_for(seconds)
    try:
        admitted = page().write(lambda rows: admit(rows, name, code))
    except Refused as refusal:
        if isinstance(refusal, WrongCode) and (seconds := attempts().fail(code)):
            return refuse_for(seconds)
        refused = render_template("login.html", max_name=MAX_NAME, name=name, refusal=refusal)
        return refused, 401
    begin_login(admitted.worker_id)
    session["name"] = admitted.name
    session["is_instructed"] = admitted.has_read_instructions
    return redirect(url_for("clips.show_task"))


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session, and say what is saved."""
    words = "You are logged out."
    if (me := logged_in_worker()) is not None:
        with page().reading() as rows:
            standing = read_standing(rows, me, page().config.verify)
        words += f" Saved answers of yours: {standing.num_votes:,}. Thank you."
    end_login(owner=False)
    session["words_at_login"] = words
    return redirect(url_for("workers.show_login"))


@bp.get("/instructions/<int:screen>")
@worker_only
def show_instructions(screen: int) -> ResponseReturnValue:
    """Show one of the two screens of instructions."""
    if not 1 <= screen <= _NUM_SCREENS:
        abort(404)
    verify = page().config.verify
    return render_template(f"instructions_{screen}.html", screen=screen, verify=verify)


@bp.post("/instructions")
@worker_only
def accept_instructions() -> ResponseReturnValue:
    """Note that both screens were read."""
    me = worker_id()
    page().write(lambda rows: note_instructions_read(rows, me))
    session["is_instructed"] = True
    return redirect(url_for("clips.show_task"))


@bp.get("/warning")
@worker_only
def show_warning() -> ResponseReturnValue:
    """Tell a worker that many known answers were wrong."""
    with page().reading() as rows:
        standing = read_standing(rows, worker_id(), page().config.verify)
    return render_template("warning.html", standing=standing, verify=page().config.verify)


@bp.post("/warning")
@worker_only
def accept_warning() -> ResponseReturnValue:
    """Note that the warning was read; it comes back, see `is_warning_due`."""
    with page().reading() as rows:
        standing = read_standing(rows, worker_id(), page().config.verify)
    session["warned_at_gold"] = standing.num_gold
    session["warned_at_votes"] = standing.num_votes
    return redirect(url_for("clips.show_task"))


def is_warning_due(standing: Standing, config: VerifyConfig) -> bool:
    """Tell whether the worker, whose votes are set aside, has not read that lately.

    A warning comes back after `gold_min_answers` more gold answers, or `NUM_RECENT` answers.
    """
    num_gold = standing.num_gold - session.get("warned_at_gold", 0)
    num_votes = standing.num_votes - session.get("warned_at_votes", 0)
    is_due = num_gold >= config.gold_min_answers or num_votes >= NUM_RECENT
    return standing.is_warned and is_due
