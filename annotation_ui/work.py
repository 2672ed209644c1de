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
from annotation_ui.kinds.kind import BadAnswer, Described, Kind, Reply
from annotation_ui.kinds.registry import KINDS, kind_of
from annotation_ui.languages.words import gettext
from annotation_ui.messages import is_message_due
from annotation_ui.outbox import outbox_keys
from annotation_ui.outlook import (
    STATUS,
    as_shown,
    check_sender,
    describe_receipt,
    goes_on,
    graded_in,
    kind_of_reply,
    lay_desk,
    what_follows,
)
from annotation_ui.own_gold import addresses_of
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
from annotation_ui.practice import Graded, read_changeable
from annotation_ui.saving import Claim, Stored, save
from annotation_ui.workers import is_instructed, is_warning_due, standing_in
from kinetics_builder.ways import Way

bp = Blueprint("work", __name__)


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

    Where work of several kinds is waiting and none was chosen, show the choice. With `way=clip`
    one question is shown at a time, for browsers without scripts.
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
    if is_message_due():
        return redirect(url_for("messages.show", kind=named_kind()))
    desk = lay_desk(kind)
    work = _work(kind, desk)
    if desk is None or work["next"] is None:
        others = [other for other in waiting_kinds() if other is not kind]
        if visit is not None and not others:
            return redirect(url_for("panel_end.show_end"))
        beside = {"standing": standing_in(kind), "others": others}
        return render_template("empty.html", work=work, kind=kind, **beside)
    way = Way.CLIP if request.args.get("way") == Way.CLIP else desk.way
    return _question(kind, work["next"], way, work=work, keys=_who()["keys"])


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
        if (graded := graded_in(kind, slot_id)) is not None:
            return render_template("graded.html", kind=kind, **as_shown(kind, graded))
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
    holds, kind = _holds(), kind_of(reply.kind)
    sender = Sender(worker_id(), slot_id, page().clock(), holds)
    stored = save(Claim(token, worker_id(), [(sender, reply)], goes_on(kind, holds)))
    if stored is None:
        return send_to_login()
    (receipt,) = stored.receipts
    if receipt.outcome is Outcome.FOREIGN:
        abort(404)
    graded = graded_in(kind, slot_id) if receipt.is_gold else None
    if wants_json():
        return _send_receipt(kind, stored, graded, holds)
    if graded is not None and receipt.outcome is Outcome.SAVED:
        return redirect(url_for("work.show_graded", slot_id=slot_id, kind=named_kind()))
    return _turn_page(kind, receipt)


def _reply() -> Reply:
    check_sender()
    try:
        return kind_of_reply().read_reply(request.form)
    except BadAnswer as error:
        abort(400, str(error))


def _holds() -> frozenset[int]:
    slots = [slot for slot in request.form.get("holds", "").split(",") if slot]
    if not all(slot.isascii() and slot.isdigit() for slot in slots):
        told = request.form["holds"][:60]
        abort(400, f"holds={told!r} is not a list of numbers of slots with commas between.")
    return frozenset(map(int, slots))


def _who() -> dict[str, Any]:
    """Return whose session this is, whose answers it may send, and a token to post by."""
    with page().reading() as rows:
        keys = outbox_keys(rows, worker_id())
    return {"worker": session["name"], "keys": keys, "csrf_token": generate_csrf()}


def _question(kind: Kind, shown: Described, way: Way = Way.CLIP, **more: Any) -> str:
    beside = {"work": None, **more, **kind.page()}
    return render_template(kind.template(way), kind=kind, shown=shown, **beside)


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


def _send_receipt(
    kind: Kind, stored: Stored, graded: Graded | None, holds: Collection[int]
) -> ResponseReturnValue:
    (receipt,) = stored.receipts
    upcoming = what_follows(kind, stored, holds)
    return jsonify(**describe_receipt(kind, receipt, graded), **upcoming), STATUS[receipt.outcome]


def _turn_page(kind: Kind, receipt: Receipt) -> ResponseReturnValue:
    if receipt.outcome is Outcome.CONFLICT and receipt.stored is not None:
        said = kind.words_of(receipt.stored)
        abort(409, gettext("You have answered %(said)s before; that stays.", said=said))
    return redirect(url_for("work.show_task", kind=named_kind()))
