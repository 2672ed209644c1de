"""The questions: show one, take its answer, show the next."""

from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from annotation_ui.answers import Outcome, Receipt, Sender, store
from annotation_ui.desk import Desk
from annotation_ui.forms import BadAnswer, read_reply
from annotation_ui.handout import current_desk, take_task
from annotation_ui.page import page, wants_json, worker_id, worker_only
from annotation_ui.workers import is_warning_due
from kinetics_builder.crowd.records import read_standing

bp = Blueprint("clips", __name__)

_STATUS = {Outcome.SAVED: 200, Outcome.CONFLICT: 409, Outcome.CLOSED: 410, Outcome.FOREIGN: 404}


@bp.get("/")
def show_start() -> ResponseReturnValue:
    """Go where the work is."""
    return redirect(url_for("clips.show_task"))


@bp.get("/task")
@worker_only
def show_task() -> ResponseReturnValue:
    """Show the current question, of a new task when none is open."""
    if not session.get("is_instructed"):
        return redirect(url_for("workers.show_instructions", screen=1))
    if _is_warning_due():
        return redirect(url_for("workers.show_warning"))
    desk = _desk()
    if desk is None:
        return render_template("empty.html", standing=_standing())
    step = request.args.get("step")
    return render_template(
        "task.html", slot=describe(desk), step=step if step in ("yes", "no") else "ask"
    )


@bp.get("/task.json")
@worker_only
def send_task() -> ResponseReturnValue:
    """Send the current question as JSON, of a new task when none is open."""
    desk = _desk()
    upcoming = desk and describe(desk)
    return jsonify(next=upcoming, csrf_token=generate_csrf(), worker=session["name"])


@bp.post("/slots/<int:slot_id>/answer")
@worker_only
def answer(slot_id: int) -> ResponseReturnValue:
    """Store an answer; the same one again changes nothing, another one is refused (409)."""
    if request.form.get("step") == "ask" and request.form.get("answer") in ("yes", "no"):
        return redirect(url_for("clips.show_task", step=request.form["answer"]))
    try:
        reply = read_reply(request.form)
    except BadAnswer as error:
        abort(400, str(error))
    sender = Sender(worker_id(), slot_id, page().clock())
    verify = page().config.verify
    receipt = page().write(lambda rows: store(rows, sender, reply, verify))
    if receipt.outcome is Outcome.FOREIGN:
        abort(404)
    return _send_receipt(receipt) if wants_json() else _turn_page(receipt)


@bp.get("/thanks")
@worker_only
def show_thanks() -> ResponseReturnValue:
    """Thank for a finished task and offer the next one."""
    return render_template("thanks.html", standing=_standing())


def describe(desk: Desk) -> dict[str, Any] | None:
    """Return the next question of a task as the page and its script show it."""
    remaining = desk.remaining()
    if not remaining:
        return None
    question, num_answered = remaining[0], desk.num_answered()
    following = remaining[1].clip_id if len(remaining) > 1 else None
    return {
        "slot": question.slot_id,
        "clip": question.clip_id,
        "label": question.label,
        "description": question.description,
        "example": question.example,
        "video": question.video_id,
        "start": question.start_seconds,
        "end": question.end_seconds,
        "position": num_answered + 1,
        "total": num_answered + len(remaining),
        "following": following,
    }


def _desk() -> Desk | None:
    here, me, now = page(), worker_id(), page().clock()
    with here.reading() as rows:
        desk = current_desk(rows, me, here.config, now)
    return desk or here.write(lambda rows: take_task(rows, me, here.config, here.finished, now))


def _standing() -> Any:
    with page().reading() as rows:
        return read_standing(rows, worker_id(), page().config.verify)


def _is_warning_due() -> bool:
    return is_warning_due(_standing(), page().config.verify)


def _send_receipt(receipt: Receipt) -> ResponseReturnValue:
    upcoming = receipt.desk and describe(receipt.desk)
    body = {
        "saved": receipt.outcome is Outcome.SAVED,
        "outcome": receipt.outcome.value,
        "stored": _stored(receipt),
        "next": upcoming,
        "done": None if upcoming else url_for("clips.show_thanks"),
    }
    return jsonify(body), _STATUS[receipt.outcome]


def _stored(receipt: Receipt) -> dict[str, Any] | None:
    if receipt.stored is None:
        return None
    stored = receipt.stored
    return {"answer": stored.answer.value, "lasts_whole_clip": stored.lasts_whole_clip}


def _turn_page(receipt: Receipt) -> ResponseReturnValue:
    if receipt.outcome is Outcome.CONFLICT and receipt.stored is not None:
        abort(409, f"You have answered {receipt.stored.answer.value!r} before; that stays.")
    done = receipt.desk is None or not receipt.desk.remaining()
    return redirect(url_for("clips.show_thanks" if done else "clips.show_task"))
