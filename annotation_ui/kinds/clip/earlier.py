"""The answers about clips that a worker may still change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.desk import Subject
from annotation_ui.kinds.clip.questions import PARTS_BESIDE, subject_of
from annotation_ui.kinds.kind import NUM_EARLIER
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Label,
    TakenVideo,
    Task,
    TaskSlot,
    Vote,
)
from kinetics_builder.ways import LARGEST_GRID, Way


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question with the worker's answer to it that counts."""

    slot_id: int
    clip_id: int
    label_id: int
    label: str
    description: str | None
    example: str | None
    answer: Answer
    lasts_whole_clip: bool | None
    better_name: str | None
    revision: int
    task_id: int
    way: Way
    num_examples: int
    beside: str | None
    """See `Question.beside`."""
    occasion: int

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return subject_of(self.clip_id, self.label_id, self.occasion)


def read_earlier(session: Session, worker_id: int) -> list[Earlier]:
    """Return the worker's last `NUM_EARLIER` answers, or all of the last grid, the newest last."""
    rows: Sequence[Any] = session.execute(_EARLIER, {"worker_id": worker_id}).all()
    found = [Earlier(*row) for row in rows]
    of_last = [one for one in found if one.task_id == found[0].task_id]
    is_grid = bool(found) and found[0].way is Way.GRID
    return (of_last if is_grid else found[:NUM_EARLIER])[::-1]


_EARLIER = (
    select(
        Vote.slot_id,
        Vote.clip_id,
        Vote.label_id,
        Label.name,
        Label.description,
        Label.example,
        Vote.answer,
        Vote.lasts_whole_clip,
        Vote.better_name,
        Vote.revision,
        Task.id,
        Task.way,
        Label.num_examples,
        PARTS_BESIDE,
        Vote.occasion,
    )
    .join(TaskSlot, TaskSlot.id == Vote.slot_id)
    .join(Task, Task.id == TaskSlot.task_id)
    .join(Label, Label.id == Vote.label_id)
    .join(Clip, Clip.id == Vote.clip_id)
    .where(Vote.worker_id == bindparam("worker_id"), Vote.is_last())
    .where(TakenVideo.spares(Clip.video_id))
    .order_by(Vote.id.desc())
    .limit(LARGEST_GRID)
)
