"""Coming and going of the owner."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from annotation_ui.attempts import attempts, refuse_for
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import begin_login, end_login, is_owner
from annotation_ui.security import is_owner_code


@bp.get("/login")
def show_login() -> ResponseReturnValue:
    """Show the form for the owner's code; who is in already goes on."""
    if is_owner():
        return redirect(url_for("owner.show_progress"))
    return render_template("owner/login.html", refusal=None)


@bp.post("/login")
def login() -> ResponseReturnValue:
    """Let the owner in; a worker who is logged in beside stays so."""
    code = request.form.get("code", "")
    if not is_owner_code(current_app.config["SECRET_KEY"], code):
        if seconds := attempts().fail(code):
            return refuse_for(seconds)
        refusal = "This is not the owner's code."
        return render_template("owner/login.html", refusal=refusal), 401
    begin_login(None)
    return redirect(url_for("owner.show_progress"))


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """End the owner's session alone."""
    end_login(owner=True)
    return redirect(url_for("owner.show_login"))
