"""The bytes of clips, for those who are asked about them."""

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, or_, select

from annotation_ui.files import send
from annotation_ui.kinds.clip.earlier import read_earlier
from annotation_ui.page import logged_in_worker, page, worker_only
from kinetics_builder.database.tables import Assignment, ClipFile, Label, TaskSlot
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
    """Send a clip of the worker's task or last answers, or a range of it; 404 for any other."""
    me = logged_in_worker()
    if me is None:
        abort(404)
    who = {"clip_id": clip_id, "worker_id": me}
    with page().reading() as rows:
        found = rows.execute(_FILE, who).first()
        if found is None and clip_id in {e.clip_id for e in read_earlier(rows, me)}:
            found = rows.execute(_ANY_FILE, who).first()
    if found is None:
        abort(404)
    mark = FileMark(found.bytes, found.sha256, found.modified_ns)
    return send(found.file, found.sha256, "video/mp4", mark)


@bp.get("/class-names.json")
@worker_only
def send_class_names() -> ResponseReturnValue:
    """Send the names of the classes, of which one may be what a clip shows instead."""
    with page().reading() as rows:
        return jsonify(names=list(rows.scalars(_NAMES)))


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
