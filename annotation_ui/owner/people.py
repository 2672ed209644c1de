"""What the owner does about one worker."""

from collections.abc import Callable

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from annotation_ui.owner.blueprint import bp
from annotation_ui.page import owner_only, page
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd import people
from kinetics_builder.database.tables import Worker
from kinetics_builder.errors import CrowdError


@bp.post("/workers/<int:number>/exclude")
@owner_only
def exclude(number: int) -> ResponseReturnValue:
    """Set a worker's votes aside and end the worker's sessions."""
    return _do(number, lambda rows, worker, verify: people.exclude(rows, worker, verify))


@bp.post("/workers/<int:number>/readmit")
@owner_only
def readmit(number: int) -> ResponseReturnValue:
    """Take an exclusion back."""
    return _do(number, lambda rows, worker, verify: people.readmit(rows, worker, verify))


def _do(
    number: int, what: Callable[[Session, Worker, VerifyConfig], object]
) -> ResponseReturnValue:
    def work(rows: Session) -> bool:
        worker = rows.get(Worker, number)
        if worker is not None:
            what(rows, worker, page().config.verify)
        return worker is not None

    try:
        is_known = page().write(work)
    except CrowdError as error:
        abort(409, str(error))
    if not is_known:
        abort(404)
    return redirect(url_for("owner.show_progress"))
