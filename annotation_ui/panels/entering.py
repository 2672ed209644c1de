"""Coming in from a panel: the platform's address, what is agreed to, a session of the page.

Whoever only asks for the address changes nothing; agreeing to take part begins the session.
"""

from typing import Any

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from annotation_ui.attempts import attempts, refuse_for
from annotation_ui.choosing import kinds_of, waiting_kinds
from annotation_ui.languages.words import gettext
from annotation_ui.page import begin_login, logged_in_worker, page
from annotation_ui.panels.tickets import read_ticket, write_ticket, write_token
from annotation_ui.panels.visiting import panel_named
from kinetics_builder.crowd import logins
from kinetics_builder.crowd.panels.arrival import STATUS, Arrival, BadArrival
from kinetics_builder.crowd.panels.people import find_person, worker_of
from kinetics_builder.crowd.panels.registry import platform_of
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.crowd.panels.visits import check, enter
from kinetics_builder.database.tables import PanelVisit

bp = Blueprint(
    "panels",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
    url_prefix="/panel",
)


@bp.get("/<name>")
def show_entry(name: str) -> ResponseReturnValue:
    """Show what taking part means, to whom the platform has sent."""
    panel = _panel(name)
    arrival = platform_of(panel).read(request.args.to_dict(flat=False), panel)
    if arrival.is_preview:
        return render_template("panels/preview.html", **_what_is_asked(panel))
    return _show_agreement(arrival, panel)


def _what_is_asked(panel: PanelConfig) -> dict[str, Any]:
    kinds = waiting_kinds(panel) or kinds_of(panel)[:1]
    return {"panel": panel, "platform": platform_of(panel), "kinds": kinds}


def _show_agreement(arrival: Arrival, panel: PanelConfig) -> str:
    """Show the form by which a session begins, or goes on."""
    here, me = page(), logged_in_worker()
    with here.reading() as rows:
        visit = check(rows, panel, arrival, here.clock())
        person = find_person(rows, panel, arrival.participant)
        is_other = me is not None and (person is None or me != worker_of(rows, person).id)
        is_known = visit is not None
        has_ended = visit is not None and visit.ended_at is not None
    return render_template(
        "panels/consent.html",
        consent=here.workspace.consent_of(panel),
        ticket=write_ticket(panel, arrival),
        action="panels.accept" if panel.is_framed else "panels.agree",
        other=session.get("name") if is_other else None,
        is_known=is_known,
        has_ended=has_ended,
        **_what_is_asked(panel),
    )


@bp.post("/<name>/agree")
def agree(name: str) -> ResponseReturnValue:
    """Begin a session, or go on with it, in this browser's cookie."""
    panel = _panel(name)
    if panel.is_framed:
        abort(404)
    visit, worker_id, title = _enter(panel)
    begin_login(worker_id)
    session["name"], session["visit"] = title, visit
    return redirect(url_for("work.show_task"))


@bp.post("/<name>/accept")
def accept(name: str) -> ResponseReturnValue:
    """Begin a session, or go on with it, in a frame: in the addresses from here on.

    The ticket in the form is what no other site can write.
    """
    panel = _panel(name)
    if not panel.is_framed:
        abort(404)
    here = page()
    visit, worker_id, title = _enter(panel)

    def begin(rows: Session) -> str:
        logins.end_all(rows, worker_id)
        return logins.begin(rows, worker_id, here.clock())

    token = write_token(here.write(begin), worker_id, title, visit)
    path = url_for("work.show_task").removeprefix(request.script_root)
    return redirect(f"/in/{token}{path}")


@bp.get("/<name>/stopped")
def show_stopped(name: str) -> ResponseReturnValue:
    """Say how to go on, to somebody who has stopped before the end."""
    panel = _panel(name)
    return render_template("panels/stopped.html", panel=panel, platform=platform_of(panel))


@bp.errorhandler(BadArrival)
def refuse(error: BadArrival) -> ResponseReturnValue:
    """Say why somebody is not let in, and what to do."""
    panel = _panel((request.view_args or {}).get("name", ""))
    shown = {"refusal": error.refusal.name, "parameter": error.parameter}
    page = render_template("panels/refused.html", panel=panel, platform=platform_of(panel), **shown)
    return page, STATUS.get(error.refusal, 400)


def _panel(name: str) -> PanelConfig:
    panel = panel_named(name)
    if panel is None:
        abort(404, gettext("There is no panel of this name. Check the address at the platform."))
    return panel


def _enter(panel: PanelConfig) -> tuple[int, int, str]:
    """Return the visit, the worker and the worker's name whom the form's ticket lets in."""
    here, now = page(), page().clock()
    arrival = read_ticket(panel, request.form.get("ticket", ""))
    with here.reading() as rows:
        is_new = check(rows, panel, arrival, now) is None
    if is_new and (seconds := attempts().newcomer()):
        abort(make_response(refuse_for(seconds)))

    def work(rows: Session) -> tuple[int, int, str]:
        visit: PanelVisit = enter(rows, panel, arrival, now)
        worker = worker_of(rows, visit.person)
        return visit.id, worker.id, worker.name or ""

    return here.write(work)
