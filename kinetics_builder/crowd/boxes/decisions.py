"""Answers about key frames -> `box_decision`, and `person_box`: the boxes that stand."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.actions.deciding import note_boxes
from kinetics_builder.crowd.boxes.policy import Drawn, merge
from kinetics_builder.crowd.finishing import Finishing, verdict_column
from kinetics_builder.crowd.links.deciding import LINK_TASKS, stretches_of
from kinetics_builder.database.tables import (
    BoxAnswer,
    BoxDecision,
    DrawnBox,
    KeyFrame,
    PersonBox,
    TalliedSlot,
    Task,
    TaskSlot,
    Verdict,
    WorkerStanding,
)

KIND = "boxes"
_FRAMES_AT_ONCE = 200


def decide_frames(session: Session, frame_ids: Collection[int], config: VerifyConfig) -> None:
    """Decide these key frames from the answers that count.

    With `boxes_to_decide` of them or more, the boxes of `merge` stand: one that a detector found
    and nobody moved stays that row; one that was moved is a new row that `replaces_id` the old;
    what nobody drew again `is_dropped`. With fewer, the detector's boxes stand.
    """
    session.flush()
    connection = session.connection()
    ordered = sorted(frame_ids)
    for start in range(0, len(ordered), _FRAMES_AT_ONCE):
        _decide(connection, ordered[start : start + _FRAMES_AT_ONCE], config)
    FRAME_TASKS.note(connection, ordered)
    session.expire_all()


def remake_frames(session: Session, config: VerifyConfig) -> None:
    """Decide all key frames anew about which anybody has said something."""
    said = select(BoxAnswer.key_frame_id).union(select(BoxDecision.key_frame_id))
    decide_frames(session, set(session.scalars(said)), config)
    FRAME_TASKS.note_all(session.connection())


def read_drawn(connection: Connection, answer_ids: Collection[int]) -> dict[int, list[Drawn]]:
    """Return the boxes of these answers; those without boxes are left out."""
    found: dict[int, list[Drawn]] = defaultdict(list)
    ordered = sorted(answer_ids)
    for start in range(0, len(ordered), _FRAMES_AT_ONCE):
        some = {"answers": ordered[start : start + _FRAMES_AT_ONCE]}
        rows: Iterable[Any] = connection.execute(_DRAWN, some)
        for answer_id, *box in rows:
            found[answer_id].append(Drawn._make(box))
    return dict(found)


def are_boxes_open(frame_id: Any) -> ColumnElement[bool]:
    """Return the condition that people are still asked who is to be seen at a key frame."""
    return exists(
        select(TaskSlot.id)
        .join(Task, Task.id == TaskSlot.task_id)
        .outerjoin(BoxDecision, BoxDecision.key_frame_id == TaskSlot.key_frame_id)
        .where(
            TaskSlot.key_frame_id == frame_id,
            TaskSlot.gold_id.is_(None),
            Task.kind == KIND,
            or_(BoxDecision.is_decided.is_(None), ~BoxDecision.is_decided),
        )
        .correlate(KeyFrame)
    )


def _decide(connection: Connection, frame_ids: Sequence[int], config: VerifyConfig) -> None:
    frames = {"frames": list(frame_ids)}
    counted: dict[int, list[int]] = defaultdict(list)
    set_aside: dict[int, int] = defaultdict(int)
    for frame_id, answer_id, is_set_aside in connection.execute(_ANSWERS, frames):
        if is_set_aside:
            set_aside[frame_id] += 1
        else:
            counted[frame_id].append(answer_id)
    drawn = read_drawn(connection, [number for ids in counted.values() for number in ids])
    known: Iterable[Any] = connection.execute(_KNOWN, frames)
    was_decided = {frame_id: is_decided for frame_id, is_decided in known}
    boxes: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_BOXES, frames):
        boxes[row.key_frame_id].append(row)
    connection.execute(_FORGET, frames)
    rows = []
    for frame_id in frame_ids:
        answers = [drawn.get(number, []) for number in counted[frame_id]]
        is_decided = len(answers) >= config.boxes_to_decide
        if is_decided or was_decided.get(frame_id):
            stand = merge(answers, config.box_overlap) if is_decided else None
            _stand(connection, frame_id, boxes[frame_id], stand)
        if answers or set_aside[frame_id]:
            counts = {"num_answers": len(answers), "num_set_aside": set_aside[frame_id]}
            rows.append({"key_frame_id": frame_id, **counts, "is_decided": is_decided})
    if rows:
        connection.execute(insert(BoxDecision), rows)


def _stand(
    connection: Connection,
    frame_id: int,
    boxes: Iterable[Any],
    stand: Sequence[Drawn] | None,
) -> None:
    """Let these boxes stand and no others; None lets those of the detector stand."""
    found = {row.id: row for row in boxes if row.detected_box_id is not None}
    derived = {
        (row.replaces_id, row.x1, row.y1, row.x2, row.y2): row.id
        for row in boxes
        if row.detected_box_id is None
    }
    standing, new = (set(found), []) if stand is None else (set(), [])
    for box in stand or ():
        base = None if box.began_as is None else found.get(box.began_as)
        if base is not None and (base.x1, base.y1, base.x2, base.y2) == box[:4]:
            standing.add(base.id)
        elif (key := (base.id if base else None, *box[:4])) in derived:
            standing.add(derived[key])
        else:
            new.append(_row(frame_id, *key))
    changed = [row.id for row in boxes if row.is_dropped != (row.id not in standing)]
    if changed:
        dropped = [{"box": number, "dropped": number not in standing} for number in changed]
        connection.execute(_DROP, dropped)
        note_boxes(connection, changed)
    if new:
        connection.execute(insert(PersonBox), new)
    if changed or new:
        LINK_TASKS.note(connection, stretches_of(connection, frame_id))


def _row(
    frame_id: int, replaces_id: int | None, x1: float, y1: float, x2: float, y2: float
) -> dict[str, Any]:
    corners = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return {"key_frame_id": frame_id, "replaces_id": replaces_id, **_STANDS, **corners}


_STANDS = {"is_dropped": False, "is_withdrawn": False}
_FRAMES: Any = bindparam("frames", expanding=True)
_ANSWERS = (
    select(BoxAnswer.key_frame_id, BoxAnswer.id, func.coalesce(WorkerStanding.is_warned, false()))
    .outerjoin(WorkerStanding, WorkerStanding.of(KIND, BoxAnswer.worker_id))
    .where(BoxAnswer.key_frame_id.in_(_FRAMES), BoxAnswer.stands())
)
_DRAWN = (
    select(
        DrawnBox.answer_id,
        DrawnBox.x1,
        DrawnBox.y1,
        DrawnBox.x2,
        DrawnBox.y2,
        DrawnBox.began_as_id,
    )
    .where(DrawnBox.answer_id.in_(bindparam("answers", expanding=True)))
    .order_by(DrawnBox.answer_id, DrawnBox.number)
)
_KNOWN = select(BoxDecision.key_frame_id, BoxDecision.is_decided).where(
    BoxDecision.key_frame_id.in_(_FRAMES)
)
_BOX: Any = PersonBox.__table__
_BOXES = select(*_BOX.columns).where(_BOX.c.key_frame_id.in_(_FRAMES)).order_by(_BOX.c.id)
_DECISION: Any = BoxDecision.__table__
_FORGET = delete(_DECISION).where(_DECISION.c.key_frame_id.in_(_FRAMES))
_DROP = update(_BOX).where(_BOX.c.id == bindparam("box")).values(is_dropped=bindparam("dropped"))
_VERDICT = type_coerce(
    case(
        (BoxDecision.is_decided, Verdict.ACCEPTED.value),
        (BoxDecision.key_frame_id.is_not(None), Verdict.OPEN.value),
    ),
    TalliedSlot.verdict.type,
)
FRAME_TASKS = Finishing(
    kind=KIND,
    thing="key_frame_id",
    asked=select(
        TaskSlot.id,
        literal(0),
        verdict_column(_VERDICT),
        func.coalesce(BoxDecision.num_answers + BoxDecision.num_set_aside, 0),
        literal(0),
    )
    .join(KeyFrame, KeyFrame.id == TaskSlot.key_frame_id)
    .outerjoin(BoxDecision, BoxDecision.key_frame_id == TaskSlot.key_frame_id)
    .where(TaskSlot.gold_id.is_(None), ~KeyFrame.is_withdrawn),
    verdict=_VERDICT,
)
"""Which tasks about boxes are finished. A key frame that was withdrawn keeps none open."""
