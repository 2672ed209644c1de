"""What the owner should look at: workers who answer strangely, classes that are unclear."""

from flask import render_template
from flask.typing import ResponseReturnValue

from annotation_ui.owner.access import owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.crowd.flags.guidelines import read_unclear
from kinetics_builder.crowd.flags.workers import read_named_flags


@bp.get("/flags")
@owner_only
def show_flags() -> ResponseReturnValue:
    """Show flags with their evidence; nothing follows of them by itself."""
    with page().reading() as rows:
        workers, unclear = read_named_flags(rows), read_unclear(rows)
    return render_template("owner/flags.html", workers=workers, unclear=unclear)
