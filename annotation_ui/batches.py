"""Answers that are sent at once, and the task that comes after: for pages that show many at once.

What is stored is what single answers store. Each answer of a batch hears for itself what became
of it, as it may have been given before, in another window, or be decided by others by now.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from annotation_ui.answers import Outcome, Receipt, Sender
from annotation_ui.choosing import meant_kind
from annotation_ui.describing import describe
from annotation_ui.desk import Desk
from annotation_ui.desk_rows import Seat
from annotation_ui.handout import take_ahead, task_at
from annotation_ui.kinds.kind import BadAnswer, Kind, Reply
from annotation_ui.messages import is_message_due
from annotation_ui.outlook import (
    STATUS,
    check_sender,
    describe_receipt,
    goes_on,
    graded_in,
    kind_of_reply,
    what_follows,
)
from annotation_ui.page import login_token, page, send_to_login, worker_id, worker_only
from annotation_ui.panels.visiting import current_visit
from annotation_ui.saving import Claim, save
from annotation_ui.workers import is_warning_due
from kinetics_builder.ways import LARGEST_GRID

bp = Blueprint("batches", __name__)


@dataclass(frozen=True, slots=True)
class _Sent:
    """One answer of a batch, as it was read."""

    slot_id: int
    reply: Reply | None
    flaw: str = ""
    """Why it is no answer."""


@bp.post("/answers")
def answer_batch() -> ResponseReturnValue:
    """Store answers that were given at once, all of them in one transaction, or none.

    `answers` is a JSON list of objects with `slot` and the fields that a single answer has, see
    `annotation_ui.work.answer`, as have `worker` and `go_on`. `results` tells of each, in order,
    its `status`, the one it would have alone, and what a single answer hears.
    """
    if (token := login_token()) is None:
        return send_to_login()
    check_sender()
    kind = kind_of_reply()
    sent = list(_read_answers(kind))
    now = page().clock()
    whole = [(Sender(worker_id(), one.slot_id, now), one.reply) for one in sent if one.reply]
    stored = save(Claim(token, worker_id(), whole, goes_on(kind)))
    if stored is None:
        return send_to_login()
    receipts = iter(stored.receipts)
    taken = [(one, next(receipts) if one.reply else None) for one in sent]
    return jsonify(
        results=[_result(kind, one, receipt) for one, receipt in taken],
        **what_follows(kind, stored),
    )


@bp.get("/ahead.json")
@worker_only
def send_ahead() -> ResponseReturnValue:
    """Send the questions of a task more, which is the worker's from now on, beside that of `slot`.

    Nothing comes while the worker is to be warned or has a message to read, nor in a panel's
    session that asks so many questions and no more.
    """
    kind = meant_kind()
    beside = request.args.get("slot", "")
    if not (beside.isascii() and beside.isdigit() and len(beside) < 10):
        abort(400, f"slot={beside[:60]!r} is not the number of a slot.")
    waits = is_warning_due(kind) or is_message_due()
    return jsonify(describe(kind, None if waits else _ahead(kind, int(beside))))


def _ahead(kind: Kind, beside: int) -> Desk | None:
    here, me, now = page(), worker_id(), page().clock()
    visit = current_visit()
    if visit is not None and (visit.panel.max_answers or not visit.is_open):
        return None
    config = here.config if visit is None else visit.within(here.config)

    def take(rows: Session) -> Desk | None:
        return take_ahead(kind, rows, Seat(task_at(rows, beside), me, now), config)

    kind.look_again(here)
    return here.write(take)


def _read_answers(kind: Kind) -> Iterator[_Sent]:
    try:
        listed = json.loads(request.form.get("answers", ""))
    except ValueError:
        abort(400, "answers is no JSON: a list of objects with slot and answer is expected.")
    if not isinstance(listed, list) or not 0 < len(listed) <= LARGEST_GRID:
        abort(400, f"answers must be a list of 1 to {LARGEST_GRID} objects.")
    for one in listed:
        if not isinstance(one, dict) or not isinstance(slot := one.get("slot"), int):
            abort(400, f"answers holds {str(one)[:60]!r}: an object with a slot is expected.")
        if not 0 <= slot < 2**31:
            abort(400, f"slot={slot} is not the number of a slot.")
        yield _read(kind, slot, {name: str(value) for name, value in one.items()})


def _read(kind: Kind, slot: int, form: Mapping[str, str]) -> _Sent:
    try:
        return _Sent(slot, kind.read_reply(form))
    except BadAnswer as error:
        return _Sent(slot, None, str(error))


def _result(kind: Kind, sent: _Sent, receipt: Receipt | None) -> dict[str, Any]:
    if receipt is None:
        refused = {"saved": False, "outcome": "refused", "message": sent.flaw}
        return {"slot": sent.slot_id, "status": 400, **refused}
    is_known = receipt.is_gold and receipt.outcome is Outcome.SAVED
    graded = graded_in(kind, sent.slot_id) if is_known else None
    told = describe_receipt(kind, receipt, graded)
    return {"slot": sent.slot_id, "status": STATUS[receipt.outcome], **told}
