"""The owner's first page: how far the work is, and whom to look at."""

from flask import render_template
from flask.typing import ResponseReturnValue

from annotation_ui.kinds.registry import KINDS
from annotation_ui.owner.access import owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.owner.progress import read_progress
from annotation_ui.owner.unclear import unclear_classes
from annotation_ui.page import page
from kinetics_builder.crowd.panels.visits import count_outcomes


@bp.get("")
@owner_only
def show_progress() -> ResponseReturnValue:
    """Show counts by class, worker and hour."""
    return _render("owner/home.html")


@bp.get("/progress")
@owner_only
def send_progress() -> ResponseReturnValue:
    """Send the part of the page that moves, for its script."""
    return _render("owner/progress.html")


def _render(template: str) -> str:
    here = page()
    with here.reading() as rows:
        progress = read_progress(rows, here.config)
        unclear = unclear_classes().read(rows)
        panels = [
            (panel, count_outcomes(rows, panel, here.clock())) for panel in here.config.panels
        ]
    titles = {kind.name: kind.title for kind in KINDS}
    pay = here.config.page.pay_per_hour
    beside = {"titles": titles, "panels": panels, "unclear": unclear, "pay_per_hour": pay}
    return render_template(template, progress=progress, **beside)
