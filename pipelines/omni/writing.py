"""Verb `omni write`: what a teacher's word keeps of the web -> lists for joint training."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Label, Media, TeacherScore, Video, WebKind
from kinetics_builder.errors import StageOrderError
from kinetics_builder.formats.output import writing_folder
from kinetics_builder.formats.training.omnisource.items import ITEMS, WebRow, write_items
from kinetics_builder.formats.training.omnisource.lists import write_lists
from kinetics_builder.text.masking import masked
from kinetics_builder.workspace import Workspace
from pipelines.omni.contamination import Contaminated, find_contaminated, write_contaminated
from pipelines.omni.scored import Scored, scored_items
from pipelines.omni.target import SPLITS

LEFT_OUT = "contaminated.csv"


@dataclass(frozen=True)
class Wanted:
    """What is kept, and what is left out."""

    thresholds: Mapping[WebKind, float]
    """Least scores; kinds without one are not written."""
    targets: Sequence[Path] = ()
    """Nothing that may be in these is written."""
    splits: Sequence[str] = SPLITS
    has_lists: bool = True
    """Whether MMAction2's lists are written beside `items.csv`."""


@dataclass(frozen=True)
class WritingReport:
    """What was written, by kind."""

    folder: Path
    num_scored: dict[str, int]
    num_below: dict[str, int]
    """Below the threshold."""
    num_contaminated: dict[str, int]
    """As good as the others, and left out because they may be in the target."""
    num_written: dict[str, int]


def write_omni(workspace: Workspace, out: Path, wanted: Wanted) -> WritingReport:
    """Write a folder of lists; equal scores, thresholds and targets give equal bytes.

    Raises:
        StageOrderError: No teacher was asked.
        FormatError: A target cannot be read, or the lists cannot say what is kept.

    """
    found = find_contaminated(workspace, wanted.targets, wanted.splits).found
    bad = {(one.kind, one.file) for one in found}
    with reading(workspace.engine) as session:
        items = [one for one in scored_items(session, workspace) if one.kind in wanted.thresholds]
        if not items:
            raise StageOrderError("omni write", "omni score --teacher CHECKPOINT", "scores")
        good = [one for one in items if one.score >= wanted.thresholds[one.kind]]
        kept = [one for one in good if (one.kind, one.file) not in bad]
        known = _known(session)
        labels = sorted(session.scalars(select(Label.name).where(Label.is_retired.is_(False))))
        num_parts = _num_parts(session)
    rows = [_row(one, known) for one in kept]
    with writing_folder(out) as folder:
        write_items(folder / ITEMS, rows)
        write_contaminated(folder / LEFT_OUT, _of_kept(found, good))
        if wanted.has_lists:
            write_lists(folder, rows, labels, num_parts)
    counts = [_counted(some) for some in (items, good, kept)]
    return WritingReport(
        out,
        counts[0],
        {kind: number - counts[1].get(kind, 0) for kind, number in counts[0].items()},
        {kind: number - counts[2].get(kind, 0) for kind, number in counts[1].items()},
        counts[2],
    )


def _counted(items: Sequence[Scored]) -> dict[str, int]:
    return dict(Counter(one.kind.value for one in items))


def _of_kept(found: Sequence[Contaminated], good: Sequence[Scored]) -> list[Contaminated]:
    """Return what was found of items that are good enough."""
    files = {(one.kind, one.file) for one in good}
    return [one for one in found if (one.kind, one.file) in files]


def _known(session: Session) -> dict[str, tuple[str, str]]:
    """Return address and licence of each video."""
    rows = session.execute(
        select(Video.video_id, Video.url, Media.licence, Video.listed_licence).outerjoin(
            Media, Media.video_id == Video.id
        )
    )
    return {video_id: (_public(url), of or listed or "") for video_id, url, of, listed in rows}


def _public(url: str) -> str:
    """Return an address of the web; the path of a file on a disk is never written."""
    return masked(url) if url.lower().startswith(("http://", "https://")) else ""


def _num_parts(session: Session) -> dict[str, int]:
    rows = session.execute(select(TeacherScore.item, TeacherScore.times).order_by("teacher_id"))
    return {item: len(times) // 2 for item, times in rows if times}


def _row(one: Scored, known: Mapping[str, tuple[str, str]]) -> WebRow:
    if one.picture is not None:
        source, licence = _public(one.picture.page), one.picture.licence
    else:
        source, licence = known.get(one.video_id, ("", ""))
    times = one.start_seconds, one.end_seconds
    return WebRow(one.kind.value, one.file, one.label, *times, source, one.score, licence)
