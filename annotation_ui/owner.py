"""The owner's page: how far the work is, whom to look at, and one action about a worker."""

from collections.abc import Callable

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from annotation_ui.attempts import attempts, refuse_for
from annotation_ui.kinds.registry import KINDS
from annotation_ui.page import begin_login, end_login, is_owner, owner_only, page
from annotation_ui.progress import read_progress
from annotation_ui.security import is_owner_code
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd import people
from kinetics_builder.crowd.panels.visits import count_outcomes
from kinetics_builder.database.tables import Worker
from kinetics_builder.errors import CrowdError

bp = Blueprint("owner", __name__, url_prefix="/owner")


@bp.get("/login")
def show_login() -> ResponseReturnValue:
    """Show the form for the owner's code; who is in already goes on."""
    if is_owner():
        return redirect(url_for("owner.show_progress"))
    return render_template("owner_login.html", refusal=None)


@bp.post("/login")
def login() -> ResponseReturnValue:
    """Let the owner in; a worker who is logged in beside stays so."""
    code = request.form.get("code", "")
    if not is_owner_code(current_app.config["SECRET_KEY"], code):
        if seconds := attempts().fail(code):
            return refuse_for(seconds)
        refusal = "This is not the owner's code."
        return render_template("owner_login.html", refusal=refusal), 401
    begin_login(None)
    return redirect(url_for("owner.show_progress"))


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """End the owner's session alone."""
    end_login(owner=True)
    return redirect(url_for("owner.show_login"))


@bp.get("")
@owner_only
def show_progress() -> ResponseReturnValue:
    """Show counts by class, worker and hour."""
    return _render("owner.html")


@bp.get("/progress")
@owner_only
def send_progress() -> ResponseReturnValue:
    """Send the part of the page that moves, for its script."""
    return _render("owner_progress.html")


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


def _render(template: str) -> str:
    here = page()
    with here.reading() as rows:
        progress = read_progress(rows, here.config)
        panels = [
            (panel, count_outcomes(rows, panel, here.clock())) for panel in here.config.panels
        ]
    titles = {kind.name: kind.title for kind in KINDS}
    return render_template(template, progress=progress, titles=titles, panels=panels)


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
