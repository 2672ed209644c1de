"""Verb `omni curve`: what each threshold on the teacher's score keeps, and how much is right."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from kinetics_builder.curation.keeping import THRESHOLDS, Kept, keeping_curve
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import WebKind
from kinetics_builder.errors import StageOrderError
from kinetics_builder.formats.output import writing_text
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.omni.known import rights_by_file, rights_by_votes
from pipelines.omni.scored import Scored, scored_items


@dataclass(frozen=True)
class KindCurve:
    """The curve of items of one kind."""

    kind: WebKind
    num_items: int
    num_known: int
    """Those of which it is known whether they are right."""
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
    return [
        _curve(kind, [pair for pair in zip(items, rights, strict=True) if pair[0].kind is kind])
        for kind in WebKind
        if any(one.kind is kind for one in items)
    ]


def _curve(kind: WebKind, pairs: Sequence[tuple[Scored, bool | None]]) -> KindCurve:
    scores, rights = [one.score for one, _ in pairs], [right for _, right in pairs]
    told = sorted({one.score for one, right in pairs if right is not None})
    return KindCurve(
        kind,
        len(pairs),
        sum(right is not None for right in rights),
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
        yield f"{'at least':>9}{'kept':>9}{'share':>8}{'judged':>8}{'precision':>11}{'recall':>8}"
        for one in curve.points:
            yield (
                f"{one.threshold:>9.2f}{one.num_kept:>9,}{one.share_kept:>8.1%}{one.num_known:>8,}"
                f"{_share(one.precision):>11}{_share(one.recall):>8}"
            )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
