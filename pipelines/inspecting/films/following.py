"""How far the stages of films have come, and which command leads on."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.kinds.clip import CLIP
from kinetics_builder.database.tables import Task, Worker
from kinetics_builder.workspace import RELEASES_OF_FILMS, Workspace
from pipelines.ava.told import SOURCE, told_of, was_begun
from pipelines.inspecting.films.actions import count_actions
from pipelines.inspecting.stages import StageStatus, stage_status
from pipelines.stages import AVA_MODULES
from pipelines.verifying.assign_frames import count_new_frames
from pipelines.verifying.people import count_new_people


def film_stages(session: Session, workspace: Workspace) -> list[StageStatus]:
    """Return how far each stage of AVA is; nothing where no film was asked for."""
    if not was_begun(session):
        return []
    return [stage_status(session, workspace, name) for name in AVA_MODULES]


def next_of_films(session: Session, stages: Sequence[StageStatus], config: Config) -> str | None:
    """Return the command that goes on with the films, and why; None where nothing is left."""
    for stage in stages:
        if not stage.num_items or stage.num_pending:
            left = f"{stage.stage} has {stage.num_pending} items left"
            source = told_of(session).get(SOURCE, "SPEC")
            return f"`kbuild ava collect --source {source}` ({left})"
    if config.verify.box_answers and (number := count_new_frames(session)):
        return f"`kbuild assign` ({number} key frames can be asked about that are not yet)"
    return next_of_people(session)


def next_of_people(session: Session) -> str | None:
    """Return the command that goes on with what persons do, and why; None where nothing waits."""
    if number := count_new_people(session):
        return f"`kbuild assign` ({number} questions about persons can be asked that are not yet)"
    kinds = {kind: number for kind, number in session.execute(_TASKS_LEFT)}
    if not kinds:
        return None
    left = ", ".join(f"{number} of {kind}" for kind, number in sorted(kinds.items()))
    if session.scalar(select(func.count(Worker.id))):
        return f"`kbuild annotate` (tasks that are not finished: {left})"
    return f"`kbuild annotate --invite 5`, then `kbuild annotate` (tasks wait: {left})"


def next_of_release(session: Session, workspace: Workspace) -> str | None:
    """Return the command that gives away what people confirmed; None where that was done."""
    accepted = sum(one.num_labels for one in count_actions(session).values())
    if not accepted or any(workspace.root.glob(f"releases/*/{RELEASES_OF_FILMS}")):
        return None
    return f"`kbuild ava release` ({accepted} actions of persons are accepted)"


_TASKS_LEFT = (
    select(Task.kind, func.count())
    .where(~Task.is_finished, Task.kind != CLIP.name)
    .group_by(Task.kind)
)
