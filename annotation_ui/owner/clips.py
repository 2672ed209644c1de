"""One clip before the owner: what was said about it, the owner's word, gold of it."""

from collections.abc import Callable

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.files import send
from annotation_ui.owner.access import asker, owner_only, reviewers_too
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page, wants_json
from kinetics_builder.crowd.clips.disputes import read_judged, usual_reasons
from kinetics_builder.crowd.clips.known import make_gold
from kinetics_builder.crowd.clips.ruling import rule
from kinetics_builder.database.tables import Answer, ClipFile, Ruling, Verdict
from kinetics_builder.errors import CrowdError
from kinetics_builder.files import FileMark


@bp.get("/clips/<int:clip_id>")
@reviewers_too
def show_clip(clip_id: int) -> ResponseReturnValue:
    """Show a clip about which people have answered, with all that they said."""
    with page().reading() as rows:
        found, reasons = read_judged(rows, [clip_id]), usual_reasons(rows)
    if not found:
        abort(404)
    return render_template("owner/clip.html", clip=found[0], reasons=reasons)


@bp.get("/clips/<int:clip_id>.mp4")
@reviewers_too
def send_clip(clip_id: int) -> ResponseReturnValue:
    """Send the bytes of any clip, or a range of them."""
    with page().reading() as rows:
        file = rows.execute(_FILE, {"clip_id": clip_id}).first()
    if file is None:
        abort(404)
    mark = FileMark(file.bytes, file.sha256, file.modified_ns)
    return send(file.file, file.sha256, "video/mp4", mark)


@bp.post("/clips/<int:clip_id>/rule")
@reviewers_too
def rule_clip(clip_id: int) -> ResponseReturnValue:
    """Decide a clip whatever the votes say (`accepted`, `rejected`), or take that back (`open`).

    Where a tree of questions tells several classes apart, `label` says which it is accepted as.
    """
    verdict, reason = request.form.get("verdict", ""), request.form.get("reason", "")
    if verdict not in list(Verdict):
        abort(400, f"verdict={verdict!r} is not one of {', '.join(Verdict)}.")
    as_class = request.form.get("label", type=int) if verdict == Verdict.ACCEPTED else None
    ruling = Ruling(clip_id=clip_id, verdict=Verdict(verdict), reason=reason, label_id=as_class)
    ruling.ruled_by = asker().name
    return _do(clip_id, lambda rows: rule(rows, ruling, page().config.verify))


@bp.post("/clips/<int:clip_id>/gold")
@owner_only
def make_clip_gold(clip_id: int) -> ResponseReturnValue:
    """Make a clip a question whose answer is known: yes or no."""
    answer = request.form.get("answer", "")
    if answer not in (Answer.YES, Answer.NO):
        abort(400, f"answer={answer!r} is neither yes nor no.")
    by = asker().name
    return _do(clip_id, lambda rows: make_gold(rows, clip_id, Answer(answer), by))


def _do(clip_id: int, work: Callable[[Session], object]) -> ResponseReturnValue:
    """Do something about a clip; show how it stands then, to a script the part that changes."""
    try:
        page().write(work)
    except CrowdError as error:
        abort(409, str(error))
    if not wants_json():
        return redirect(url_for("owner.show_clip", clip_id=clip_id))
    with page().reading() as rows:
        (clip,) = read_judged(rows, [clip_id])
    return jsonify(card=render_template("owner/card_of_clip.html", clip=clip))


_COLUMNS = ClipFile.file, ClipFile.bytes, ClipFile.sha256, ClipFile.modified_ns
_FILE = select(*_COLUMNS).where(ClipFile.clip_id == bindparam("clip_id"))
