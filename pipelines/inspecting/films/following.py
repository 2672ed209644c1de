"""How far the stages of films have come, and which command leads on."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.actions.deciding import ACTIONS, VERIFICATION
from kinetics_builder.crowd.kinds.clip import CLIP
from kinetics_builder.crowd.links.deciding import LINKS
from kinetics_builder.database.tables import Task, Worker
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.ava.told import SOURCE, told_of, was_begun
from pipelines.inspecting.films.actions import count_actions
from pipelines.inspecting.stages import StageStatus, stage_status
from pipelines.inspecting.steps import unasked
from pipelines.stages import AVA_MODULES
from pipelines.verifying.assign_links import count_new_stretches
from pipelines.verifying.kinds import DEALINGS, are_links_asked
from pipelines.verifying.people import count_new_kind


def film_stages(session: Session, workspace: Workspace) -> list[StageStatus]:
    """Return how far each stage of AVA is; nothing where no film was asked for."""
    if not was_begun(session):
        return []
    return [stage_status(session, workspace, name) for name in AVA_MODULES]


def next_of_films(session: Session, stages: Sequence[StageStatus], config: Config) -> str | None:
    """Return the command that goes on with the films, and why; None where nothing is left."""
    for stage in stages:
        if not stage.num_items or stage.num_pending:
            left = f"{stage.stage} has {counted(stage.num_pending, 'item')} left"
            source = told_of(session).get(SOURCE, "SPEC")
            return f"`kbuild ava collect --source {source}` ({left})"
    after_links = are_links_asked(config)
    return next_of_frames(session, config) or next_of_people(session, after_links=after_links)


def next_of_frames(session: Session, config: Config) -> str | None:
    """Return the command that deals questions about boxes and links; None where there are none."""
    for one in DEALINGS:
        if one.count_new is None or one.lacking(session, config) is not None:
            continue
        if number := one.count_new(session, config):
            return f"`kbuild assign` ({unasked(number, one.thing, one.things)})"
    return None


def next_of_people(session: Session, *, after_links: bool = False) -> str | None:
    """Return the command that goes on with what persons do, and why; None where nothing waits."""
    kinds_of_people = (ACTIONS, VERIFICATION)
    counts = [count_new_kind(session, one, after_links=after_links) for one in kinds_of_people]
    if number := sum(counts):
        questions = counted(number, "question", "questions")
        are = "is" if number == 1 else "are"
        return f"`kbuild assign` ({questions} about persons can be asked that {are} not yet)"
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
    if not accepted or any(workspace.root.glob(f"releases/*/{FILMS}")):
        return None
    actions = counted(accepted, "action of persons is", "actions of persons are")
    return f"`kbuild ava release` ({actions} accepted)"


def next_of_links(session: Session, config: Config) -> str | None:
    """Return the command that asks about links over key frames whose actions are known already.

    None where there are none, or where people were never asked whose boxes are whose.
    """
    asked = select(Task.id).where(Task.kind == LINKS).limit(1)
    if not are_links_asked(config) or session.scalar(asked) is None:
        return None
    number = count_new_stretches(session, config, whatever_was_asked=True)
    if not number:
        return None
    stretches = counted(number, "stretch", "stretches")
    return (
        f"`kbuild assign --kind links` ({stretches} of key frames of which people have said "
        "what the persons do, and not whose the boxes are)"
    )


_TASKS_LEFT = (
    select(Task.kind, func.count())
    .where(~Task.is_finished, Task.kind != CLIP.name)
    .group_by(Task.kind)
)
