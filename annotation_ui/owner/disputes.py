"""Clips about which people disagree, side by side, for the owner to decide."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from annotation_ui.owner.access import reviewers_too
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.crowd.clips.disputes import (
    Which,
    count_disputed,
    list_disputed,
    list_disputed_labels,
    usual_reasons,
)

NUM_AT_ONCE = 12
"""Clips on a page."""


@bp.get("/disputes")
@reviewers_too
def show_disputes() -> ResponseReturnValue:
    """Show disputed clips, the closest vote first: those that wait, or with `decided` the others.

    `label` names a class, `page` counts from 1.
    """
    are_ruled = "decided" in request.args
    which = Which(request.args.get("label") or None, are_ruled)
    number = max(request.args.get("page", 1, int), 1)
    with page().reading() as rows:
        num_all = count_disputed(rows, which)
        num_pages = max(-(-num_all // NUM_AT_ONCE), 1)
        number = min(number, num_pages)
        clips = list_disputed(rows, which, NUM_AT_ONCE, skip=(number - 1) * NUM_AT_ONCE)
        labels = list_disputed_labels(rows, are_ruled=are_ruled)
        reasons = usual_reasons(rows)
    return render_template(
        "owner/disputes.html",
        clips=clips,
        which=which,
        labels=labels,
        reasons=reasons,
        num_all=num_all,
        number=number,
        num_pages=num_pages,
    )
