"""What the owner does about one class."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from annotation_ui.owner.access import asker, owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.crowd.clips.opening import open_class
from kinetics_builder.errors import CrowdError


@bp.post("/classes/<int:label_id>/open")
@owner_only
def open_closed(label_id: int) -> ResponseReturnValue:
    """Have the open clips of a class that was closed asked about again."""
    by, why = asker().name, request.form.get("why", "")
    try:
        page().write(lambda rows: open_class(rows, label_id, by=by, why=why))
    except CrowdError as error:
        abort(409, str(error))
    return redirect(url_for("owner.show_progress"))
