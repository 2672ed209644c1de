"""What whoever answers hears: what became of an answer, how it was graded, what comes next."""

from collections.abc import Collection
from typing import Any

from flask import abort, render_template, request, session, url_for

from annotation_ui.answers import Outcome, Receipt
from annotation_ui.choosing import named_kind
from annotation_ui.describing import describe
from annotation_ui.desk import Desk
from annotation_ui.going_on import Going
from annotation_ui.handout import current_desk, take_task
from annotation_ui.kinds.kind import Kind
from annotation_ui.kinds.registry import kind_named
from annotation_ui.languages.words import gettext
from annotation_ui.messages import is_message_due
from annotation_ui.outbox import is_same_person
from annotation_ui.own_gold import slot_at
from annotation_ui.page import page, worker_id
from annotation_ui.panels.visiting import current_visit
from annotation_ui.practice import Graded, read_graded
from annotation_ui.saving import Stored
from annotation_ui.workers import is_warning_due, warned_in

STATUS = {Outcome.SAVED: 200, Outcome.CONFLICT: 409, Outcome.CLOSED: 410, Outcome.FOREIGN: 404}
"""What a program hears as the status of an answer."""


def check_sender() -> None:
    """Refuse an answer (401) that names another `worker`, who is not the same person."""
    name = request.form.get("worker")
    if name in (None, session["name"]):
        return
    with page().reading() as rows:
        is_same = is_same_person(rows, worker_id(), name)
    if not is_same:
        abort(
            401, gettext("Somebody else is logged in in this browser by now. This was not saved.")
        )


def kind_of_reply() -> Kind:
    """Return the kind that an answer names, the first if none; 400 if there is none such."""
    kind = kind_named(request.form.get("kind"))
    if kind is None:
        abort(400, f"kind={request.form['kind']!r} is no kind of task here.")
    return kind


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
    if desk is None:
        kind.look_again(here)
        desk = here.write(lambda rows: take_task(kind, rows, me, config, now))
    return desk if visit is None else visit.limit(desk)


def goes_on(kind: Kind, holds: Collection[int] = ()) -> Going | None:
    """Return how a program that wants to `go_on` does so in the transaction of its answers.

    None where it does not: what it `holds` lies before it, a panel's session may end first, or an
    answer was changed that is of another task.
    """
    if not request.form.get("go_on") or holds or _is_elsewhere() or current_visit() is not None:
        return None
    here = page()
    kind.look_again(here)
    return Going(kind, worker_id(), warned_in(kind), here.clock(), here.config)


def what_follows(kind: Kind, stored: Stored, holds: Collection[int] = ()) -> dict[str, Any]:
    """Return what comes next: of the task, or of the next one where a program wants to `go_on`."""
    visit = current_visit()
    upcoming = describe(kind, visit.limit(stored.desk) if visit else stored.desk, holds)
    if stored.is_laid:
        upcoming = describe(kind, stored.laid)
    elif (upcoming["next"] is None or _is_elsewhere()) and request.form.get("go_on"):
        waits = is_warning_due(kind) or is_message_due()
        upcoming = describe(kind, None if waits else lay_desk(kind))
    done = None if upcoming["next"] else url_for("work.show_task", kind=named_kind())
    return {**upcoming, "done": done}


def _is_elsewhere() -> bool:
    return request.form.get("revision", "0") != "0"


def describe_receipt(kind: Kind, receipt: Receipt, graded: Graded | None) -> dict[str, Any]:
    """Return what became of an answer, as a program hears it."""
    return {
        "saved": receipt.outcome is Outcome.SAVED,
        "outcome": receipt.outcome.value,
        "stored": receipt.stored and kind.describe_reply(receipt.stored),
        "graded": graded and _describe_graded(kind, graded),
    }


def graded_in(kind: Kind, slot_id: int) -> Graded | None:
    """Return the worker's practice answer in a slot beside the truth; None if it is none."""
    with page().reading() as rows:
        slot_id = slot_at(rows, worker_id(), slot_id)
        return read_graded(kind, rows, worker_id(), slot_id, page().config.verify)


def as_shown(kind: Kind, graded: Graded) -> dict[str, Any]:
    """Return what `grade.html` needs."""
    return {"graded": graded, "shown": kind.describe(graded.question), **graded.grade.details}


def _describe_graded(kind: Kind, graded: Graded) -> dict[str, Any]:
    return {
        "is_right": graded.grade.is_right,
        "words": graded.grade.words,
        "html": render_template("grade.html", kind=kind, **as_shown(kind, graded)),
    }
