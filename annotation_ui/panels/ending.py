"""Going back to the platform: no code before the end, and the same code whenever it is asked."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from annotation_ui.choosing import waiting_kinds
from annotation_ui.outlook import lay_desk
from annotation_ui.page import end_login, page, worker_id, worker_only
from annotation_ui.panels.tickets import write_ticket
from annotation_ui.panels.visiting import Visit, current_visit, read_visit
from annotation_ui.security import allow
from kinetics_builder.crowd.panels.phase import Phase
from kinetics_builder.crowd.panels.registry import platform_of
from kinetics_builder.crowd.panels.visits import end, free_questions
from kinetics_builder.database.tables import Outcome, PanelVisit

bp = Blueprint("panel_end", __name__, template_folder="templates", url_prefix="/finish")


@bp.get("")
@worker_only
def show_end() -> ResponseReturnValue:
    """Show the way back to a session that has ended, else how to end it, or what is left."""
    visit = current_visit()
    if visit is None:
        return redirect(url_for("work.show_task"))
    if visit.phase is Phase.ENDED:
        return _show_way_back(visit)
    shown = {"visit": visit, "platform": platform_of(visit.panel), "outcome": _outcome(visit)}
    if shown["outcome"] is not None:
        return render_template("panels/finish.html", **shown)
    if visit.phase is Phase.LATE:
        ticket = write_ticket(visit.panel, visit.arrival)
        action = "panels.accept" if visit.panel.is_framed else "panels.agree"
        return render_template("panels/late.html", ticket=ticket, action=action, **shown)
    return render_template("panels/not_yet.html", **shown), 409


@bp.post("")
@worker_only
def finish() -> ResponseReturnValue:
    """End the session, if all was answered that it asks for."""
    visit = current_visit()
    outcome = None if visit is None else _outcome(visit)
    if visit is not None and outcome is not None:
        page().write(lambda rows: _end(rows, visit.number, outcome))
    return redirect(url_for("panel_end.show_end"))


@bp.post("/stop")
@worker_only
def stop() -> ResponseReturnValue:
    """Leave before the end: questions go to others, and the session may be gone on with."""
    visit, me = current_visit(), worker_id()
    page().write(lambda rows: free_questions(rows, me, page().clock()))
    end_login(owner=False)
    if visit is None:
        return redirect(url_for("workers.show_login"))
    return redirect(url_for("panels.show_stopped", name=visit.panel.name))


def _outcome(visit: Visit) -> Outcome | None:
    """Return how the session would end now; None while something is left to do in it."""
    if visit.phase is Phase.SCREENED_OUT:
        return Outcome.SCREENED_OUT
    if visit.phase is Phase.ENOUGH:
        return Outcome.COMPLETE
    if visit.phase is not Phase.OPEN or any(lay_desk(kind) for kind in waiting_kinds()):
        return None
    return Outcome.COMPLETE if visit.given.num_answers else Outcome.NO_WORK


def _end(rows: Session, number: int, outcome: Outcome) -> None:
    visit = read_visit(rows, number)
    row = rows.get(PanelVisit, number)
    if visit is not None and row is not None:
        end(rows, row, outcome, page().clock())


def _show_way_back(visit: Visit) -> str:
    outcome = visit.outcome or Outcome.COMPLETE
    platform = platform_of(visit.panel)
    back = platform.way_back(visit.panel, outcome, visit.arrival)
    if back.fields:
        parts = urlsplit(back.url)
        allow(forms_to=f"{parts.scheme}://{parts.netloc}")
    return render_template(
        "panels/done.html", visit=visit, platform=platform, back=back, outcome=outcome
    )
