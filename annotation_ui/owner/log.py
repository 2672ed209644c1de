"""What was done by the owner and by reviewers, the newest first."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from annotation_ui.owner.access import owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.crowd.acts import count_acts, list_acts

NUM_AT_ONCE = 100
"""Acts on a page."""


@bp.get("/log")
@owner_only
def show_log() -> ResponseReturnValue:
    """Show who did what, when, about whom or what, and why; `page` counts from 1."""
    number = max(request.args.get("page", 1, int), 1)
    with page().reading() as rows:
        num_pages = max(-(-count_acts(rows) // NUM_AT_ONCE), 1)
        number = min(number, num_pages)
        acts = list_acts(rows, NUM_AT_ONCE, skip=(number - 1) * NUM_AT_ONCE)
        return render_template("owner/log.html", acts=acts, number=number, num_pages=num_pages)
