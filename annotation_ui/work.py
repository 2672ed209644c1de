"""The work: which kind, the question now, its answer, the next question. For every kind."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException

from annotation_ui.answers import Outcome, Receipt, Sender
from annotation_ui.choosing import chosen_kind, meant_kind, named_kind, waiting_kinds
from annotation_ui.describing import describe
from annotation_ui.desk import Desk
from annotation_ui.handout import current_desk, take_task
from annotation_ui.kinds.kind import BadAnswer, Described, Kind, Reply
from annotation_ui.kinds.registry import KINDS, kind_named, kind_of
from annotation_ui.outbox import is_same_person, outbox_keys
from annotation_ui.own_gold import addresses_of, slot_at
from annotation_ui.page import (
    logged_in_worker,
    login_token,
    page,
    send_to_login,
    wants_json,
    worker_id,
    worker_only,
)
from annotation_ui.panels.visiting import current_visit
from annotation_ui.practice import Graded, read_changeable, read_graded
from annotation_ui.saving import save
from annotation_ui.workers import is_instructed, is_warning_due, standing_in

bp = Blueprint("work", __name__)

_STATUS = {Outcome.SAVED: 200, Outcome.CONFLICT: 409, Outcome.CLOSED: 410, Outcome.FOREIGN: 404}


@bp.get("/")
def show_start() -> ResponseReturnValue:
    """Go where the work is."""
    return redirect(url_for("work.show_task" if "worker_id" in session else "workers.show_login"))


@bp.get("/work")
@worker_only
def show_choice() -> ResponseReturnValue:
    """Show the kinds of work that are waiting; go on where there is no choice."""
    kinds = waiting_kinds()
    if len(kinds) < 2:
        return redirect(url_for("work.show_task"))
    return render_template("choice.html", kinds=kinds)


@bp.get("/task")
@worker_only
def show_task() -> ResponseReturnValue:
    """Show the current question, of a new task when none is open.

    Where work of several kinds is waiting and none was chosen, show the choice.
    """
    visit = current_visit()
    if visit is not None and not visit.is_open:
        return redirect(url_for("panel_end.show_end"))
    kind = chosen_kind()
    if kind is None:
        return redirect(url_for("work.show_choice"))
    if not is_instructed(kind):
        return redirect(url_for("workers.show_instructions", screen=1, kind=named_kind()))
    if is_warning_due(kind):
        return redirect(url_for("workers.show_warning", kind=named_kind()))
    work = _work(kind, lay_desk(kind))
    if work["next"] is None:
        others = [other for other in waiting_kinds() if other is not kind]
        if visit is not None and not others:
            return redirect(url_for("panel_end.show_end"))
        beside = {"standing": standing_in(kind), "others": others}
        return render_template("empty.html", work=work, kind=kind, **beside)
    return _question(kind, work["next"], work=work, keys=_who()["keys"])


@bp.get("/task.json")
@worker_only
def send_task() -> ResponseReturnValue:
    """Send the current question as JSON, of a new task when none is open."""
    kind = meant_kind()
    return jsonify(**_work(kind, lay_desk(kind)), **_who())


@bp.get("/session.json")
@worker_only
def send_session() -> ResponseReturnValue:
    """Tell a script whose session this browser is in, with a token to post by."""
    return jsonify(_who())


@bp.get("/earlier")
@worker_only
def show_earlier() -> ResponseReturnValue:
    """List the last answers, each of which may be changed."""
    kind = meant_kind()
    return render_template("earlier.html", earlier=_earlier(kind)[::-1], kind=kind)


@bp.get("/earlier/<int:slot_id>")
@worker_only
def show_answered(slot_id: int) -> ResponseReturnValue:
    """Show a question that was answered, to answer it again; 404 if it is not among the last."""
    for kind in KINDS:
        for shown in _earlier(kind):
            if shown["slot"] == slot_id:
                return _question(kind, shown)
    abort(404)


@bp.get("/graded/<int:slot_id>")
@worker_only
def show_graded(slot_id: int) -> ResponseReturnValue:
    """Show a practice answer beside the truth; 404 if it is none."""
    for kind in KINDS:
        if (graded := _graded(kind, slot_id)) is not None:
            return render_template("graded.html", kind=kind, **_as_shown(kind, graded))
    abort(404)


@bp.post("/slots/<int:slot_id>/answer")
def answer(slot_id: int) -> ResponseReturnValue:
    """Store an answer; the same one again changes nothing, another one is refused (409).

    Unless it comes with the next `revision`: then it takes the place of the one before.
    An answer that names another `worker` is refused (401), for browsers are shared; unless
    that one was joined to this: they are one person.
    With `go_on`, a program hears of the next task's first questions after the last of this;
    of questions that it `holds` (numbers of slots with commas between) it hears no more than
    that they come.
    """
    if (token := login_token()) is None:
        return send_to_login()
    try:
        reply = _reply()
    except HTTPException:
        if logged_in_worker() is None:
            return send_to_login()
        raise
    holds = _holds()
    receipt = save(token, Sender(worker_id(), slot_id, page().clock(), holds), reply)
    if receipt is None:
        return send_to_login()
    if receipt.outcome is Outcome.FOREIGN:
        abort(404)
    kind = kind_of(reply.kind)
    graded = _graded(kind, slot_id) if receipt.is_gold else None
    if wants_json():
        return _send_receipt(kind, receipt, graded, holds)
    if graded is not None and receipt.outcome is Outcome.SAVED:
        return redirect(url_for("work.show_graded", slot_id=slot_id, kind=named_kind()))
    return _turn_page(kind, receipt)


def _reply() -> Reply:
    if not _is_meant(request.form.get("worker")):
        abort(401, "Somebody else is logged in in this browser by now. This was not saved.")
    try:
        return _kind_of_reply().read_reply(request.form)
    except BadAnswer as error:
        abort(400, str(error))


def _kind_of_reply() -> Kind:
    kind = kind_named(request.form.get("kind"))
    if kind is None:
        abort(400, f"kind={request.form['kind']!r} is no kind of task here.")
    return kind


def _holds() -> frozenset[int]:
    slots = [slot for slot in request.form.get("holds", "").split(",") if slot]
    if not all(slot.isascii() and slot.isdigit() for slot in slots):
        told = request.form["holds"][:60]
        abort(400, f"holds={told!r} is not a list of numbers of slots with commas between.")
    return frozenset(map(int, slots))


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


def lay_desk(kind: Kind) -> Desk | None:
    """Return the task that lies before the worker who is asking, taken now where none does.

    None where nothing is waiting, or the session of a panel asks no more.
    """
    here, me, now = page(), worker_id(), page().clock()
    visit = current_visit()
    if visit is not None and not visit.is_open:
        return None
    config = here.config if visit is None else visit.within(here.config)
    with here.reading() as rows:
        desk = current_desk(kind, rows, me, config, now)
    desk = desk or here.write(lambda rows: take_task(kind, rows, me, config, now))
    return desk if visit is None else visit.limit(desk)


def _question(kind: Kind, shown: Described, **more: Any) -> str:
    beside = {"work": None, **more, **kind.page()}
    return render_template(f"{kind.name}/task.html", kind=kind, shown=shown, **beside)


def _work(kind: Kind, desk: Desk | None) -> dict[str, Any]:
    """Return all that the page needs to go on: what is asked, what was said."""
    return {**describe(kind, desk), "earlier": _earlier(kind)}


def _earlier(kind: Kind) -> list[Described]:
    with page().reading() as rows:
        earlier = read_changeable(kind, rows, worker_id(), page().config.verify)
        addresses = addresses_of(rows, [one.slot_id for one in earlier])
        return [
            {**kind.describe_earlier(one), "slot": addresses.get(one.slot_id, one.slot_id)}
            for one in earlier
        ]


def _graded(kind: Kind, slot_id: int) -> Graded | None:
    with page().reading() as rows:
        slot_id = slot_at(rows, worker_id(), slot_id)
        return read_graded(kind, rows, worker_id(), slot_id, page().config.verify)


def _as_shown(kind: Kind, graded: Graded) -> dict[str, Any]:
    return {"graded": graded, "shown": kind.describe(graded.question), **graded.grade.details}


def _send_receipt(
    kind: Kind, receipt: Receipt, graded: Graded | None, holds: Collection[int]
) -> ResponseReturnValue:
    visit = current_visit()
    upcoming = describe(kind, visit.limit(receipt.desk) if visit else receipt.desk, holds)
    is_elsewhere = upcoming["next"] is None or request.form.get("revision", "0") != "0"
    if is_elsewhere and request.form.get("go_on"):
        upcoming = describe(kind, None if is_warning_due(kind) else lay_desk(kind))
    body = {
        "saved": receipt.outcome is Outcome.SAVED,
        "outcome": receipt.outcome.value,
        "stored": receipt.stored and kind.describe_reply(receipt.stored),
        "graded": graded and _describe_graded(kind, graded),
        **upcoming,
        "done": None if upcoming["next"] else url_for("work.show_task", kind=named_kind()),
    }
    return jsonify(body), _STATUS[receipt.outcome]


def _describe_graded(kind: Kind, graded: Graded) -> dict[str, Any]:
    return {
        "is_right": graded.grade.is_right,
        "words": graded.grade.words,
        "html": render_template("grade.html", kind=kind, **_as_shown(kind, graded)),
    }


def _turn_page(kind: Kind, receipt: Receipt) -> ResponseReturnValue:
    if receipt.outcome is Outcome.CONFLICT and receipt.stored is not None:
        abort(409, f"You have answered {kind.words_of(receipt.stored)} before; that stays.")
    return redirect(url_for("work.show_task", kind=named_kind()))
