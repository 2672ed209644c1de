"""Which tasks about clips are finished, and which are still to be done."""

from collections.abc import Sequence

from sqlalchemy import Connection, case, func, or_, select

from kinetics_builder.crowd.clips.gating import clips_of, is_closed
from kinetics_builder.crowd.clips.parts import is_asked_by_parts
from kinetics_builder.crowd.finishing import Finishing, overruled_column, verdict_column
from kinetics_builder.crowd.trees.walked import TREE_TASKS
from kinetics_builder.database.tables import Clip, ClipBelief, Decision, Label, TaskSlot, Verdict

_OTHERS = Decision.num_no + Decision.num_unsure + Decision.num_bad
CLIP_TASKS = Finishing(
    kind="clip",
    thing="clip_id",
    asked=select(
        TaskSlot.id,
        Clip.label_id,
        verdict_column(Decision.verdict),
        func.coalesce(Decision.num_yes + _OTHERS + Decision.num_set_aside, 0),
        overruled_column(Decision.verdict, by_yes=_OTHERS, by_no=Decision.num_yes),
    )
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .join(Label, Label.id == TaskSlot.label_id)
    .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
    .outerjoin(ClipBelief, ClipBelief.clip_id == TaskSlot.clip_id)
    .where(TaskSlot.gold_id.is_(None), TaskSlot.worker_id.is_(None), ~Clip.is_withdrawn),
    verdict=case(
        (
            or_(is_closed(Clip.label_id), Label.is_full, is_asked_by_parts(Clip.id)),
            Verdict.REJECTED.value,
        ),
        (ClipBelief.worth > 0, Verdict.OPEN.value),
        else_=Decision.verdict,
    ),
)
"""Which tasks about clips are finished: a clip about which another answer is worth something keeps
one open, decided or not. None is kept open by a clip that was withdrawn, whose class is closed
or full, or of which is asked by now which part of its class it is;
a task of one worker is finished for all others."""


def finish_classes(connection: Connection, label_ids: Sequence[int]) -> None:
    """Bring the tasks up to date that ask about clips of classes: those closed, opened, or full."""
    clips = clips_of(connection, label_ids)
    for tasks in (CLIP_TASKS, TREE_TASKS):
        tasks.finish(connection, clips)
