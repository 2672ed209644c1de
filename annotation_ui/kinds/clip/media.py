"""The bytes of clips, for those who are asked about them."""

from flask import Blueprint, abort, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from annotation_ui.files import send
from annotation_ui.kinds.clip.earlier import read_earlier
from annotation_ui.kinds.kind import NUM_EARLIER
from annotation_ui.page import logged_in_worker, page, worker_only
from kinetics_builder.crowd.class_texts.examples import is_example, read_examples
from kinetics_builder.database.tables import (
    Assignment,
    Clip,
    ClipFile,
    Label,
    TakenVideo,
    TaskSlot,
    TreeAnswer,
)
from kinetics_builder.files import FileMark

bp = Blueprint(
    "clip",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/clip",
)


@bp.get("/clips/<int:clip_id>.mp4")
def send_clip(clip_id: int) -> ResponseReturnValue:
    """Send a clip of the worker's task or last answers, or an example of a class, or a range of it.

    404 for any other.
    """
    me = logged_in_worker()
    if me is None:
        abort(404)
    who = {"clip_id": clip_id, "worker_id": me}
    with page().reading() as rows:
        found = rows.execute(_FILE, who).first()
        if found is None and _may_see(rows, me, clip_id):
            found = rows.execute(_ANY_FILE, who).first()
    if found is None:
        abort(404)
    mark = FileMark(found.bytes, found.sha256, found.modified_ns)
    return send(found.file, found.sha256, "video/mp4", mark)


@bp.get("/classes/<int:label_id>")
@worker_only
def show_examples(label_id: int) -> ResponseReturnValue:
    """Show what is said of a class, and clips that show it, and some that don't."""
    with page().reading() as rows:
        label = rows.get(Label, label_id)
        if label is None or label.is_retired:
            abort(404)
        examples = read_examples(rows, label)
        return render_template("clip/examples.html", label=label, examples=examples)


@bp.get("/class-names.json")
@worker_only
def send_class_names() -> ResponseReturnValue:
    """Send the names of the classes, of which one may be what a clip shows instead."""
    with page().reading() as rows:
        return jsonify(names=list(rows.scalars(_NAMES)))


def _may_see(rows: Session, worker_id: int, clip_id: int) -> bool:
    """Tell whether a clip is one of the worker's last, or an example."""
    is_last = clip_id in {earlier.clip_id for earlier in read_earlier(rows, worker_id)}
    walked = rows.scalars(_WALKED, {"worker_id": worker_id})
    return is_last or clip_id in set(walked) or is_example(rows, clip_id)


_WALKED = (
    select(TreeAnswer.clip_id)
    .join(Clip, Clip.id == TreeAnswer.clip_id)
    .where(TreeAnswer.worker_id == bindparam("worker_id"), TreeAnswer.stands())
    .where(TakenVideo.spares(Clip.video_id))
    .order_by(TreeAnswer.id.desc())
    .limit(NUM_EARLIER)
)
_NAMES = select(Label.name).where(~Label.is_retired).order_by(Label.name)
_COLUMNS = ClipFile.file, ClipFile.bytes, ClipFile.sha256, ClipFile.modified_ns
_ANY_FILE = select(*_COLUMNS).where(ClipFile.clip_id == bindparam("clip_id"))
_FILE = (
    select(*_COLUMNS)
    .join(TaskSlot, TaskSlot.clip_id == ClipFile.clip_id)
    .join(Assignment, Assignment.task_id == TaskSlot.task_id)
    .where(
        Assignment.worker_id == bindparam("worker_id"),
        Assignment.submitted_at.is_(None),
        or_(TaskSlot.worker_id.is_(None), TaskSlot.worker_id == bindparam("worker_id")),
        ClipFile.clip_id == bindparam("clip_id"),
    )
    .limit(1)
)
