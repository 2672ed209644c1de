"""The paths that a worker may still change, and the newest of all for the owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import NUM_EARLIER, Recent
from annotation_ui.kinds.questionnaire.questions import Question
from annotation_ui.kinds.questionnaire.replies import Path, as_path, words_for
from kinetics_builder.crowd.trees.written import read
from kinetics_builder.database.tables import (
    Clip,
    DecisionTree,
    TakenVideo,
    TaskSlot,
    TreeAnswer,
    Video,
    Worker,
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question with the worker's answer to it that counts."""

    question: Question
    path: Path
    revision: int

    @property
    def slot_id(self) -> int:
        """Return where it was asked."""
        return self.question.slot_id

    @property
    def subject(self) -> tuple[int, ...]:
        """Return what the question is about."""
        return self.question.subject


def read_earlier(session: Session, worker_id: int) -> list[Earlier]:
    """Return the worker's last `NUM_EARLIER` answers, the newest last."""
    rows: Sequence[Any] = session.execute(_EARLIER, {"worker_id": worker_id}).all()
    return [
        Earlier(Question(*question), as_path(path), revision)
        for *question, path, revision in reversed(rows)
    ]


def read_newest(session: Session, number: int) -> list[Recent]:
    """Return so many of the newest answers."""
    rows: Any = session.execute(_NEWEST.limit(number))
    return [
        Recent(at, name or "", tree, words_for(read(told), path), title, is_gold, clip_id)
        for at, name, tree, told, path, title, is_gold, clip_id in rows
    ]


_EARLIER = (
    select(
        TreeAnswer.slot_id,
        TreeAnswer.clip_id,
        TreeAnswer.tree_id,
        TaskSlot.gold_id.is_not(None),
        DecisionTree.told,
        TreeAnswer.path,
        TreeAnswer.revision,
    )
    .join(TaskSlot, TaskSlot.id == TreeAnswer.slot_id)
    .join(DecisionTree, DecisionTree.id == TreeAnswer.tree_id)
    .join(Clip, Clip.id == TreeAnswer.clip_id)
    .where(TreeAnswer.worker_id == bindparam("worker_id"), TreeAnswer.stands())
    .where(TakenVideo.spares(Clip.video_id), ~DecisionTree.is_retired)
    .order_by(TreeAnswer.id.desc())
    .limit(NUM_EARLIER)
)
_NEWEST: Any = (
    select(
        TreeAnswer.created_at,
        Worker.name,
        DecisionTree.name,
        DecisionTree.told,
        TreeAnswer.path,
        Video.title,
        TaskSlot.gold_id.is_not(None),
        TreeAnswer.clip_id,
    )
    .join(Worker, Worker.id == TreeAnswer.worker_id)
    .join(TaskSlot, TaskSlot.id == TreeAnswer.slot_id)
    .join(DecisionTree, DecisionTree.id == TreeAnswer.tree_id)
    .join(Clip, Clip.id == TreeAnswer.clip_id)
    .join(Video, Video.id == Clip.video_id)
    .where(TreeAnswer.stands())
    .order_by(TreeAnswer.id.desc())
)
