"""How far the films of a workspace have come: counts, stage by stage, and what comes next."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.kinds.clip import CLIP
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxProposal,
    DetectedBox,
    Film,
    FilmHit,
    KeyFrame,
    LinkDecision,
    PersonAction,
    PersonBox,
    Shot,
    Task,
    Verdict,
    Worker,
)
from kinetics_builder.workspace import RELEASES_OF_FILMS, Workspace
from pipelines.ava.told import SOURCE, told_of, was_begun
from pipelines.inspecting.stages import StageStatus, stage_status
from pipelines.stages import AVA_MODULES
from pipelines.verifying.assign_frames import count_new_frames
from pipelines.verifying.people import count_new_people


def film_stages(session: Session, workspace: Workspace) -> list[StageStatus]:
    """Return how far each stage of AVA is; nothing where no film was asked for."""
    if not was_begun(session):
        return []
    return [stage_status(session, workspace, name) for name in AVA_MODULES]


def film_counts(session: Session) -> dict[str, int]:
    """Return the rows by what they are, in the order of the stages; nothing without films."""
    if not was_begun(session):
        return {}
    boxes = (
        select(KeyFrame.video_id, PersonBox.person)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .where(PersonBox.stands(), KeyFrame.is_withdrawn.is_(False))
    )
    persons = boxes.where(PersonBox.person.is_not(None)).distinct()
    counted = {
        "films listed": select(func.count(func.distinct(FilmHit.video_id))),
        "films selected": select(func.count()).select_from(Film),
        "shots": select(func.count()).select_from(Shot),
        "key frames": select(func.count()).where(KeyFrame.is_withdrawn.is_(False)),
        "boxes detected": select(func.count()).select_from(DetectedBox),
        "boxes shown": select(func.count()).select_from(boxes.subquery()),
        "persons": select(func.count()).select_from(persons.subquery()),
        "strips followed": select(func.count()).where(LinkDecision.is_decided),
        "persons with proposals": _having(BoxProposal, Verdict.ACCEPTED),
        "actions proposed": select(func.count()).select_from(ActionCandidate),
        "actions accepted": _having(PersonAction, Verdict.ACCEPTED),
        "actions rejected": _having(PersonAction, Verdict.REJECTED),
    }
    return {name: session.scalar(query) or 0 for name, query in counted.items()}


def _having(table: type[BoxProposal] | type[PersonAction], verdict: Verdict) -> Select[int]:
    return select(func.count()).select_from(table).where(table.verdict == verdict)


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
    accepted = session.scalar(_having(PersonAction, Verdict.ACCEPTED)) or 0
    if not accepted or any(workspace.root.glob(f"releases/*/{RELEASES_OF_FILMS}")):
        return None
    return f"`kbuild ava release` ({accepted} actions of persons are accepted)"


_TASKS_LEFT = (
    select(Task.kind, func.count())
    .where(~Task.is_finished, Task.kind != CLIP.name)
    .group_by(Task.kind)
)
