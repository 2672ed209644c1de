"""Coming and going: login, instructions, the warning, logout."""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal

from annotation_ui.admission import (
    MAX_NAME,
    Refused,
    WrongCode,
    admit,
    has_read_instructions,
    note_instructions_read,
)
from annotation_ui.attempts import attempts, refuse_for
from annotation_ui.choosing import meant_kind, named_kind, waiting_kinds, waiting_ways
from annotation_ui.going_on import Warned, is_due
from annotation_ui.kinds.kind import Kind
from annotation_ui.kinds.registry import KINDS
from annotation_ui.languages.words import gettext
from annotation_ui.page import (
    begin_login,
    end_login,
    logged_in_worker,
    page,
    worker_id,
    worker_only,
)
from kinetics_builder.crowd.records import read_standing
from kinetics_builder.crowd.standing import Standing

bp = Blueprint("workers", __name__)


@bp.get("/login")
def show_login() -> ResponseReturnValue:
    """Show the form for name and invitation code, to who is logged in only `as` another."""
    if "as" not in request.args and logged_in_worker() is not None:
        return redirect(url_for("work.show_task"))
    words = session.pop("words_at_login", None)
    return _show_form(name="", refusal=None, words=words)


@bp.post("/login")
def login() -> ResponseReturnValue:
    """Let a worker in; 401 says why not, 429 when to try again."""
    name, code = request.form.get("name", ""), request.form.get("code", "")
    if seconds := attempts().seconds_barred(code):
        return refuse_for(seconds)
    try:
        admitted = page().write(lambda rows: admit(rows, name, code))
    except Refused as refusal:
        if isinstance(refusal, WrongCode) and (seconds := attempts().fail(code)):
            return refuse_for(seconds)
        return _show_form(name=name, refusal=refusal), 401
    begin_login(admitted.worker_id)
    session["name"] = admitted.name
    return redirect(url_for("work.show_task"))


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session, and say what is saved."""
    words = gettext("You are logged out.")
    if (me := logged_in_worker()) is not None:
        with page().reading() as rows:
            verify = page().config.verify
            num_saved = sum(read_standing(rows, me, verify, kind.crowd).num_votes for kind in KINDS)
        number = format_decimal(num_saved)
        saved = gettext("Saved answers of yours: %(number)s. Thank you.", number=number)
        words = f"{words} {saved}"
    end_login(owner=False)
    session["words_at_login"] = words
    return redirect(url_for("workers.show_login"))


@bp.get("/instructions/<int:screen>")
@worker_only
def show_instructions(screen: int) -> ResponseReturnValue:
    """Show one of the screens of a kind's instructions."""
    kind = meant_kind()
    if not 1 <= screen <= kind.num_screens:
        abort(404)
    template = f"{kind.name}/instructions_{screen}.html"
    told = {"verify": page().config.verify, "ways": waiting_ways(kind), **kind.page()}
    return render_template(template, screen=screen, kind=kind, **told)


@bp.post("/instructions")
@worker_only
def accept_instructions() -> ResponseReturnValue:
    """Note that all screens were read."""
    me, kind = worker_id(), meant_kind()
    page().write(lambda rows: note_instructions_read(rows, me, kind.name))
    _note_instructed(kind)
    return redirect(url_for("work.show_task", kind=named_kind()))


@bp.get("/warning")
@worker_only
def show_warning() -> ResponseReturnValue:
    """Tell a worker that many known answers were wrong."""
    kind = meant_kind()
    return render_template(f"{kind.name}/warning.html", standing=standing_in(kind), kind=kind)


@bp.post("/warning")
@worker_only
def accept_warning() -> ResponseReturnValue:
    """Note that the warning was read; it comes back, see `is_warning_due`."""
    kind = meant_kind()
    standing = standing_in(kind)
    seen = {kind.name: [standing.num_gold, standing.num_votes]}
    session["warned"] = {**session.get("warned", {}), **seen}
    return redirect(url_for("work.show_task", kind=named_kind()))


def _show_form(**what: object) -> str:
    """Show the login, and what the work is where there is but one kind of it."""
    waiting = waiting_kinds() or KINDS[:1]
    asks = waiting[0].asks if len(waiting) == 1 else None
    asks = asks or gettext("You answer questions about clips and films.")
    return render_template("login.html", max_name=MAX_NAME, asks=asks, **what)


def standing_in(kind: Kind) -> Standing:
    """Return how the worker who is asking stands."""
    with page().reading() as rows:
        return read_standing(rows, worker_id(), page().config.verify, kind.crowd)


def is_instructed(kind: Kind) -> bool:
    """Tell whether the worker who is asking has read the instructions."""
    if kind.name in session.get("instructed", []):
        return True
    with page().reading() as rows:
        has_read = has_read_instructions(rows, worker_id(), kind.name)
    if has_read:
        _note_instructed(kind)
    return has_read


def is_warning_due(kind: Kind) -> bool:
    """Tell whether the worker, whose answers are set aside, has not read that lately."""
    return is_due(standing_in(kind), warned_in(kind), page().config.verify)


def warned_in(kind: Kind) -> Warned:
    """Return when the worker who is asking has read a warning last; zeros if never."""
    num_gold, num_votes = session.get("warned", {}).get(kind.name, (0, 0))
    return num_gold, num_votes


def _note_instructed(kind: Kind) -> None:
    session["instructed"] = sorted({*session.get("instructed", []), kind.name})
