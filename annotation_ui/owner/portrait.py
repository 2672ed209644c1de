"""One worker before the owner."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from annotation_ui.kinds.registry import KINDS
from annotation_ui.owner.access import owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.crowd import messages
from kinetics_builder.crowd.flags.workers import read_flags
from kinetics_builder.crowd.people import find_worker
from kinetics_builder.crowd.portraits.portrait import read_portrait
from kinetics_builder.crowd.requalifying import read_rounds
from kinetics_builder.database.tables import Worker
from kinetics_builder.errors import CrowdError


@bp.get("/workers/<int:number>")
@owner_only
def show_worker(number: int) -> ResponseReturnValue:
    """Show all that is known of a worker, and what can be done about them."""
    told: dict[str, Any] = {
        "titles": {kind.name: kind.title for kind in KINDS},
        "longest": messages.LONGEST,
    }
    with page().reading() as rows:
        worker = rows.get(Worker, number)
        if worker is None:
            abort(404)
        portrait = read_portrait(rows, worker, page().config.verify)
        told["rounds"] = read_rounds(rows, number)
        told["flags"] = read_flags(rows, [number]).get(number, [])
        return render_template("owner/worker.html", who=portrait, **told)


@bp.get("/workers")
@owner_only
def show_named() -> ResponseReturnValue:
    """Go to the page of the worker of this `name`, which may be a number as `#7`."""
    try:
        with page().reading() as rows:
            number = find_worker(rows, request.args.get("name", "")).id
    except CrowdError:
        abort(404)
    return redirect(url_for("owner.show_worker", number=number))
