"""How far the films of a workspace have come: counts, stage by stage, and what comes next."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    DetectedBox,
    Film,
    FilmHit,
    KeyFrame,
    LinkEdit,
    PersonBox,
    Shot,
)
from kinetics_builder.workspace import Workspace
from pipelines.ava.told import SOURCE, told_of, was_begun
from pipelines.inspecting.stages import StageStatus, stage_status
from pipelines.stages import AVA_MODULES


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
        "links corrected": select(func.count()).select_from(LinkEdit),
    }
    return {name: session.scalar(query) or 0 for name, query in counted.items()}


def next_of_films(session: Session, stages: Sequence[StageStatus]) -> str | None:
    """Return the command that goes on with the films, and why; None where nothing is left."""
    for stage in stages:
        if not stage.num_items or stage.num_pending:
            left = f"{stage.stage} has {stage.num_pending} items left"
            source = told_of(session).get(SOURCE, "SPEC")
            return f"`kbuild ava collect --source {source}` ({left})"
    return None
