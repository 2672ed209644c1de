"""What the owner does about one worker: each time with a reason, which the log keeps."""

from typing import Protocol

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from annotation_ui.owner.access import asker, owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd import people
from kinetics_builder.crowd.messages import write_message
from kinetics_builder.crowd.requalifying import requalify
from kinetics_builder.database.tables import Worker
from kinetics_builder.errors import CrowdError


@bp.post("/workers/<int:number>/exclude")
@owner_only
def exclude(number: int) -> ResponseReturnValue:
    """Set a worker's votes aside and end the worker's sessions."""
    return _do(number, people.exclude)


@bp.post("/workers/<int:number>/suspend")
@owner_only
def suspend(number: int) -> ResponseReturnValue:
    """Let a worker in no more; the votes count on."""
    return _do(number, _revoke)


@bp.post("/workers/<int:number>/readmit")
@owner_only
def readmit(number: int) -> ResponseReturnValue:
    """Take an exclusion or a suspension back."""
    return _do(number, people.readmit)


@bp.post("/workers/<int:number>/requalify")
@owner_only
def ask_again(number: int) -> ResponseReturnValue:
    """Have a worker who is set aside answer a round of known questions."""
    return _do(number, requalify)


@bp.post("/workers/<int:number>/message")
@owner_only
def send_message(number: int) -> ResponseReturnValue:
    """Write to a worker, who reads it before the next task."""
    return _do(number, _write)


class _Deed(Protocol):
    """Something that is done about a worker, by somebody, for a reason."""

    def __call__(
        self, rows: Session, worker: Worker, config: VerifyConfig, /, *, by: str, why: str
    ) -> object:
        """Do it."""


def _revoke(rows: Session, worker: Worker, _: VerifyConfig, /, *, by: str, why: str) -> object:
    return people.revoke(rows, worker, by=by, why=why)


def _write(rows: Session, worker: Worker, _: VerifyConfig, /, *, by: str, why: str) -> None:
    write_message(rows, worker, why, by)


def _do(number: int, deed: _Deed) -> ResponseReturnValue:
    by, why = asker().name, request.form.get("why", "").strip()
    if not why:
        abort(400, "Say why: nothing was done.")

    def work(rows: Session) -> bool:
        worker = rows.get(Worker, number)
        if worker is not None:
            deed(rows, worker, page().config.verify, by=by, why=why)
        return worker is not None

    try:
        is_known = page().write(work)
    except CrowdError as error:
        abort(409, str(error))
    if not is_known:
        abort(404)
    return redirect(url_for("owner.show_worker", number=number))
