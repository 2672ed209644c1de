"""Verb `omni curve`: what each threshold on the teacher's score keeps, and how much is right."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.curation.keeping import THRESHOLDS, Kept, keeping_curve
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Teacher, WebKind
from kinetics_builder.errors import StageOrderError
from kinetics_builder.formats.output import writing_text
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.learnt.notes import learnt_of
from pipelines.omni.known import rights_by_file, rights_by_votes
from pipelines.omni.scored import Scored, scored_items


@dataclass(frozen=True)
class KindCurve:
    """The curve of items of one kind."""

    kind: WebKind
    num_items: int
    num_known: int
    """Those of which it is known whether they are right."""
    num_learnt: int
    """Those of them whose videos the teacher has learnt from: it knows what they show."""
    points: list[Kept]
    every_point: list[Kept]
    """One for each different score of an item that is known, the lowest first."""


def draw_curves(workspace: Workspace, known: Path | None = None) -> list[KindCurve]:
    """Return a curve for each kind of items that a teacher was asked about.

    Args:
        workspace: Where.
        known: A file that says what is right; by the votes without it.

    Raises:
        StageOrderError: No teacher was asked.
        FormatError: The file cannot be read.

    """
    with reading(workspace.engine) as session:
        items = list(scored_items(session, workspace))
        if not items:
            raise StageOrderError("omni curve", "omni score --teacher CHECKPOINT", "scores")
        rights = rights_by_file(known, items) if known else rights_by_votes(session, items)
        learnt = _videos_learnt(session)
    pairs = list(zip(items, rights, strict=True))
    return [
        _curve(kind, [pair for pair in pairs if pair[0].kind is kind], learnt.get(kind, set()))
        for kind in WebKind
        if any(one.kind is kind for one in items)
    ]


def _videos_learnt(session: Session) -> dict[WebKind, set[str]]:
    """Return the ids of the videos that each kind's teacher has learnt from, as far as noted."""
    teachers = session.scalars(select(Teacher).where(Teacher.is_current))
    runs = {one.kind: Path(one.checkpoint) for one in teachers}
    noted = {kind: learnt_of(run if run.is_dir() else run.parent) for kind, run in runs.items()}
    return {kind: learnt.videos for kind, learnt in noted.items() if learnt is not None}


def _curve(
    kind: WebKind, pairs: Sequence[tuple[Scored, bool | None]], learnt: set[str]
) -> KindCurve:
    scores, rights = [one.score for one, _ in pairs], [right for _, right in pairs]
    told = sorted({one.score for one, right in pairs if right is not None})
    return KindCurve(
        kind,
        len(pairs),
        sum(right is not None for right in rights),
        sum(right is not None and one.video_id in learnt for one, right in pairs),
        keeping_curve(scores, rights, THRESHOLDS),
        keeping_curve(scores, rights, told),
    )


def write_curves(path: Path, curves: Sequence[KindCurve]) -> None:
    """Write the points of all curves as CSV, one a line behind its kind."""
    with writing_text(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["kind", *(field.name for field in fields(Kept))])
        for curve in curves:
            for point in curve.points:
                writer.writerow([curve.kind.value, *map(_cell, asdict(point).values())])


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def curve_lines(curves: Sequence[KindCurve]) -> Iterator[str]:
    """Yield a table of each curve, for people."""
    for curve in curves:
        yield (
            f"{curve.kind.value}: {counted(curve.num_items, 'item')}, "
            f"{curve.num_known} of which people have judged"
        )
        if curve.num_learnt:
            yield (
                f"Warning: {curve.num_learnt} of these {curve.num_known} are of videos that the "
                "teacher has learnt from: it knows them, and the curve looks better than it is."
            )
        yield f"{'at least':>9}{'kept':>9}{'share':>8}{'judged':>8}{'precision':>11}{'recall':>8}"
        for one in curve.points:
            yield (
                f"{one.threshold:>9.2f}{one.num_kept:>9,}{one.share_kept:>8.1%}{one.num_known:>8,}"
                f"{_share(one.precision):>11}{_share(one.recall):>8}"
            )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
