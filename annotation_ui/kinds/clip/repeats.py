"""Clips that a worker is asked about once more, to see whether the answer is the same.

Which ones follows from the seed, worker by worker: a share of those that the worker answered
(`verify.repeats`), gold left out, each asked once more and never again. A repeat is put into a task
when the worker takes it, right behind one of its questions, and at least `verify.repeats_after`
answers after the first one. Nothing on the page marks it; but who keeps a list of clips can tell.
"""

import hashlib
import math
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, exists, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from annotation_ui.desk import Desk, Subject
from annotation_ui.kinds.clip.questions import Question, subject_of
from kinetics_builder.config import Config
from kinetics_builder.database.among import among
from kinetics_builder.database.bulk import listed
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    GoldRound,
    Label,
    TakenVideo,
    TaskSlot,
    Vote,
)
from kinetics_builder.ways import Way

_NUM_LOOKED_AT = 1000
"""Of the answers that are old enough, so many of the newest are looked at."""


def add_repeats(session: Session, desk: Desk, config: Config) -> bool:
    """Ask the worker of a task once more about clips that were answered long before.

    Call it when the task is taken first. A task has as large a share of them as the worker's clips
    shall have, rounded up; a grid those of its class alone, a round of gold none.
    Writes `task_slot`, and tells whether it did.
    """
    asked = [one for one in desk.remaining() if not one.is_gold]
    me = {"worker_id": desk.worker_id, "task_id": desk.task_id}
    if not config.verify.repeats or not asked or session.scalar(_IS_ROUND, me) is not None:
        return False
    window = {"after": config.verify.repeats_after - 1, "number": _NUM_LOOKED_AT}
    rows: Sequence[Any] = session.execute(_OLD, {**me, **window}).all()
    if desk.way is Way.GRID:
        label_ids = {one.subject[1] for one in asked}
        rows = [row for row in rows if row.label_id in label_ids]
    chosen = [row for row in rows if _is_chosen(config, desk.worker_id, row)]
    places = sorted(asked, key=lambda one: _digest(config, desk.worker_id, "place", one.slot_id))
    room = math.ceil(config.verify.repeats * len(asked))
    lowest = session.scalar(_LOWEST, me)
    new = [
        {
            **me,
            "clip_id": row.clip_id,
            "label_id": row.label_id,
            "behind_id": place.slot_id,
            "position": lowest - 1 - number,
        }
        for number, (row, place) in enumerate(zip(chosen[:room], places, strict=False))
    ]
    if new:
        session.execute(insert(TaskSlot), new)
    return bool(new)


def answered_again(
    rows: Connection, questions: Sequence[Question], worker_ids: Collection[int]
) -> Iterator[tuple[Subject, int, int]]:
    """Yield (subject, worker, slot) of what these workers answered of repeats among questions."""
    if slots := {one.slot_id for one in questions if one.is_repeat}:
        for clip_id, label_id, *by_whom in rows.execute(_ANSWERED, {"slots": listed(slots)}):
            worker_id, slot_id = by_whom
            if worker_id in worker_ids:
                yield subject_of(clip_id, label_id, 2), worker_id, slot_id


def _is_chosen(config: Config, worker_id: int, row: Any) -> bool:
    drawn = int(_digest(config, worker_id, "repeat", row.clip_id, row.label_id)[:13], 16) / 16**13
    return drawn < config.verify.repeats


def _digest(config: Config, *words: int | str) -> str:
    return hashlib.sha256(" ".join(map(str, (config.assign.seed, *words))).encode()).hexdigest()


_ME: BindParameter[int] = bindparam("worker_id")
_TASK: BindParameter[int] = bindparam("task_id")
_IS_ROUND = select(GoldRound.id).where(GoldRound.task_id == _TASK).limit(1)
_FIRST = (
    select(Vote.id, Vote.clip_id, Vote.label_id, Vote.slot_id)
    .where(Vote.worker_id == _ME, Vote.occasion == 1, Vote.revision == 0)
    .order_by(Vote.id.desc())
    .offset(bindparam("after"))
    .limit(bindparam("number"))
    .subquery()
)
_SLOT, _AGAIN = aliased(TaskSlot), aliased(TaskSlot)
_IS_REPEATED = exists(_AGAIN.id).where(
    _AGAIN.worker_id == _ME,
    _AGAIN.behind_id.is_not(None),
    _AGAIN.clip_id == _FIRST.c.clip_id,
    _AGAIN.label_id == _FIRST.c.label_id,
)
_IS_IN_TASK = exists(TaskSlot.id).where(
    TaskSlot.task_id == _TASK,
    TaskSlot.clip_id == _FIRST.c.clip_id,
    or_(TaskSlot.worker_id.is_(None), TaskSlot.worker_id == _ME),
)
_OLD: Any = (
    select(_FIRST.c.clip_id, _FIRST.c.label_id)
    .join(_SLOT, _SLOT.id == _FIRST.c.slot_id)
    .join(Clip, Clip.id == _FIRST.c.clip_id)
    .join(ClipFile, ClipFile.clip_id == Clip.id)
    .join(Label, Label.id == _FIRST.c.label_id)
    .where(
        _SLOT.gold_id.is_(None),
        ~Clip.is_withdrawn,
        ~Label.is_retired,
        TakenVideo.spares(Clip.video_id),
        ~_IS_REPEATED,
        ~_IS_IN_TASK,
    )
    .order_by(_FIRST.c.id)
)
_LOWEST: Any = select(func.coalesce(func.min(TaskSlot.position), 0)).where(
    TaskSlot.task_id == _TASK
)
_ANSWERED: Any = select(Vote.clip_id, Vote.label_id, Vote.worker_id, Vote.slot_id).where(
    among(Vote.slot_id, "slots"), Vote.is_repeat(), Vote.is_last()
)
