"""The questions: show one, take its answer, show the next."""

from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException

from annotation_ui.answers import Outcome, Receipt, Reply, Sender
from annotation_ui.describing import describe, describe_earlier
from annotation_ui.desk import Desk
from annotation_ui.earlier import read_earlier
from annotation_ui.forms import CHOICES, BadAnswer, choice_of, read_reply
from annotation_ui.handout import current_desk, take_task
from annotation_ui.outbox import is_same_person, outbox_keys
from annotation_ui.page import (
    logged_in_worker,
    login_token,
    page,
    send_to_login,
    wants_json,
    worker_id,
    worker_only,
)
from annotation_ui.workers import is_warning_due
from kinetics_builder.crowd.records import read_standing

bp = Blueprint("clips", __name__)

_STATUS = {Outcome.SAVED: 200, Outcome.CONFLICT: 409, Outcome.CLOSED: 410, Outcome.FOREIGN: 404}


@bp.get("/")
def show_start() -> ResponseReturnValue:
    """Go where the work is."""
    return redirect(url_for("clips.show_task" if "worker_id" in session else "workers.show_login"))


@bp.get("/task")
@worker_only
def show_task() -> ResponseReturnValue:
    """Show the current question, of a new task when none is open."""
    if not session.get("is_instructed"):
        return redirect(url_for("workers.show_instructions", screen=1))
    if _is_warning_due():
        return redirect(url_for("workers.show_warning"))
    work = _work(_desk())
    if work["next"] is None:
        return render_template("empty.html", standing=_standing(), work=work)
    keys = _who()["keys"]
    return render_template("task.html", work=work, shown=work["next"], names=CHOICES, keys=keys)


@bp.get("/task.json")
@worker_only
def send_task() -> ResponseReturnValue:
    """Send the current question as JSON, of a new task when none is open."""
    return jsonify(**_work(_desk()), **_who())


@bp.get("/session.json")
@worker_only
def send_session() -> ResponseReturnValue:
    """Tell a script whose session this browser is in, with a token to post by."""
    return jsonify(_who())


@bp.get("/earlier")
@worker_only
def show_earlier() -> ResponseReturnValue:
    """List the last answers, each of which may be changed."""
    return render_template("earlier.html", earlier=_earlier()[::-1], names=CHOICES)


@bp.get("/earlier/<int:slot_id>")
@worker_only
def show_answered(slot_id: int) -> ResponseReturnValue:
    """Show a question that was answered, to answer it again; 404 if it is not among the last."""
    earlier = _earlier()
    shown = next((question for question in earlier if question["slot"] == slot_id), None)
    if shown is None:
        abort(404)
    return render_template("task.html", work=None, shown=shown, names=CHOICES)


@bp.post("/slots/<int:slot_id>/answer")
def answer(slot_id: int) -> ResponseReturnValue:
    """Store an answer; the same one again changes nothing, another one is refused (409).

    Unless it comes with the next `revision`: then it takes the place of the one before.
    An answer that names another `worker` is refused (401), for browsers are shared; unless
    that one was joined to this: they are one person.
    With `go_on`, a program hears of the next task's first questions after the last of this.
    """
    if (token := login_token()) is None:
        return send_to_login()
    try:
        reply = _reply()
    except HTTPException:
        if logged_in_worker() is None:
            return send_to_login()
        raise
    receipt = page().store(token, Sender(worker_id(), slot_id, page().clock()), reply)
    if receipt is None:
        return send_to_login()
    if receipt.outcome is Outcome.FOREIGN:
        abort(404)
    return _send_receipt(receipt) if wants_json() else _turn_page(receipt)


def _reply() -> Reply:
    if not _is_meant(request.form.get("worker")):
        abort(401, "Somebody else is logged in in this browser by now. This was not saved.")
    try:
        return read_reply(request.form)
    except BadAnswer as error:
        abort(400, str(error))


def _is_meant(name: str | None) -> bool:
    if name in (None, session["name"]):
        return True
    with page().reading() as rows:
        return is_same_person(rows, worker_id(), name)


def _who() -> dict[str, Any]:
    """Return whose session this is, whose answers it may send, and a token to post by."""
    with page().reading() as rows:
        keys = outbox_keys(rows, worker_id())
    return {"worker": session["name"], "keys": keys, "csrf_token": generate_csrf()}


def _desk() -> Desk | None:
    here, me, now = page(), worker_id(), page().clock()
    with here.reading() as rows:
        desk = current_desk(rows, me, here.config, now)
    return desk or here.write(lambda rows: take_task(rows, me, here.config, now))


def _work(desk: Desk | None) -> dict[str, Any]:
    """Return all that the page needs to go on: what is asked, what was said."""
    return {**describe(desk), "earlier": _earlier()}


def _earlier() -> list[dict[str, Any]]:
    with page().reading() as rows:
        return [describe_earlier(answer) for answer in read_earlier(rows, worker_id())]


def _standing() -> Any:
    with page().reading() as rows:
        return read_standing(rows, worker_id(), page().config.verify)


def _is_warning_due() -> bool:
    return is_warning_due(_standing(), page().config.verify)


def _send_receipt(receipt: Receipt) -> ResponseReturnValue:
    upcoming = describe(receipt.desk)
    is_elsewhere = upcoming["next"] is None or request.form.get("revision", "0") != "0"
    if is_elsewhere and request.form.get("go_on"):
        upcoming = describe(None if _is_warning_due() else _desk())
    body = {
        "saved": receipt.outcome is Outcome.SAVED,
        "outcome": receipt.outcome.value,
        "stored": receipt.stored and _stored(receipt.stored),
        **upcoming,
        "done": None if upcoming["next"] else url_for("clips.show_task"),
    }
    return jsonify(body), _STATUS[receipt.outcome]


def _stored(stored: Reply) -> dict[str, Any]:
    return {
        "answer": stored.answer.value,
        "lasts_whole_clip": stored.lasts_whole_clip,
        "choice": choice_of(stored.answer, stored.lasts_whole_clip),
        "better_name": stored.better_name,
        "revision": stored.revision,
    }


def _turn_page(receipt: Receipt) -> ResponseReturnValue:
    if receipt.outcome is Outcome.CONFLICT and receipt.stored is not None:
        abort(409, f"You have answered {receipt.stored.answer.value!r} before; that stays.")
    return redirect(url_for("clips.show_task"))
