"""Verb `omni score`: a trained network becomes the teacher of items of the web, and is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Label, Teacher, WebKind
from kinetics_builder.errors import ModelError, StageOrderError
from kinetics_builder.workspace import Workspace
from pipelines.running.reports import Reporter, StageReport
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage

METHOD = 1
"""Counted up when equal settings would no longer give the scores that they gave before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about, and how."""

    kinds: tuple[WebKind, ...] = tuple(WebKind)
    window_seconds: float | None = None
    """Of whole videos; the length of clips without it."""
    retry_failed: bool = False


def appoint(workspace: Workspace, checkpoint: Path, asked: Asked) -> None:
    """Make a network the teacher of items of these kinds.

    Raises:
        ModelError: It is no network that can teach, or does not know a class of the workspace.

    """
    from models.evaluation.teacher import describe

    card, sha256 = describe(checkpoint)
    _check_labels(workspace, checkpoint, card.labels)
    length = asked.window_seconds or workspace.config.propose.clip_seconds
    with writing(workspace.engine) as session:
        for kind in asked.kinds:
            window = length if kind is WebKind.VIDEOS else 0.0
            known = settings_hash(METHOD, sha256, card.spec.to_json(), list(card.labels), window)
            row = _row(session, kind, known) or Teacher(kind=kind, settings_hash=known)
            row.sha256, row.network, row.window_seconds = sha256, card.spec.name, window
            row.labels, row.checkpoint = list(card.labels), str(checkpoint.resolve())
            session.execute(update(Teacher).where(Teacher.kind == kind).values(is_current=False))
            row.is_current = True
            session.add(row)


def _row(session: Session, kind: WebKind, known: str) -> Teacher | None:
    return session.scalar(
        select(Teacher).where(Teacher.kind == kind, Teacher.settings_hash == known)
    )


def _check_labels(workspace: Workspace, checkpoint: Path, labels: Sequence[str]) -> None:
    """Refuse a teacher that does not know a class of the workspace."""
    with reading(workspace.engine) as session:
        ours = set(session.scalars(select(Label.name).where(Label.is_retired.is_(False))))
    if not ours:
        raise StageOrderError("omni score", "collect --classes FILE", "classes")
    if unknown := sorted(ours - set(labels)):
        theirs = sorted(set(labels) - ours)
        others = f" It knows {_named(theirs)}, which the workspace lacks." if theirs else ""
        raise ModelError(
            f"{checkpoint} is of other classes: it does not know {_named(unknown)} of the "
            f"workspace's {len(ours)}.{others} Name a network that was trained on all of them, or "
            "rename or retire classes (`kbuild collect --classes FILE`)."
        )


def _named(labels: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(map(repr, labels[:most]))
    return shown if len(labels) <= most else f"{shown} and {len(labels) - most} more"


def score(
    workspace: Workspace, asked: Asked, reporter: Reporter | None = None
) -> list[StageReport]:
    """Ask the teachers about all items of these kinds, but for kinds of which there are none.

    Raises:
        StageOrderError: There is nothing to ask about, or no teacher was named.

    """
    reports, nothing = [], None
    for kind in asked.kinds:
        stage = build_stage(f"omni {kind.value}", workspace)
        try:
            reports.append(
                run_stage(workspace, stage, retry_failed=asked.retry_failed, reporter=reporter)
            )
        except StageOrderError as error:
            nothing = error
    if not reports and nothing is not None:
        raise nothing
    return reports
