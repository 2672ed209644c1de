"""Coming and going of the owner."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from annotation_ui.attempts import attempts, refuse_for
from annotation_ui.owner.access import find_asker
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import begin_login, end_login, page
from annotation_ui.security import is_owner_code
from kinetics_builder.crowd.reviewers import find_by_code


@bp.get("/login")
def show_login() -> ResponseReturnValue:
    """Show the form for the code; the owner, or a reviewer, who is in already goes on."""
    if found := find_asker():
        return _go_on(is_owner=found.is_owner)
    return render_template("owner/login.html", refusal=None)


@bp.post("/login")
def login() -> ResponseReturnValue:
    """Let the owner or a reviewer in; a worker who is logged in beside stays so."""
    code = request.form.get("code", "")
    if is_owner_code(current_app.config["SECRET_KEY"], code):
        begin_login(None)
        return _go_on(is_owner=True)
    with page().reading() as rows:
        reviewer = find_by_code(rows, code)
    if reviewer is not None:
        begin_login(None, reviewer)
        return _go_on(is_owner=False)
    if seconds := attempts().fail(code):
        return refuse_for(seconds)
    refusal = "This is not the owner's code, nor a reviewer's."
    return render_template("owner/login.html", refusal=refusal), 401


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """End the owner's, or the reviewer's, session alone."""
    end_login(owner=True)
    return redirect(url_for("owner.show_login"))


def _go_on(*, is_owner: bool) -> ResponseReturnValue:
    return redirect(url_for("owner.show_progress" if is_owner else "owner.show_disputes"))
