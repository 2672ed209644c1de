"""The text files of a release: rows, classes, README and checksums."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.curation.log import live_edits
from kinetics_builder.database.tables import Clip, ClipFile, CuratedClip, Decision, Vote
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.clips.kinetics.csv_files import write_kinetics
from kinetics_builder.formats.clips.kinetics.json_files import write_json
from kinetics_builder.formats.croissant.description import CROISSANT
from kinetics_builder.formats.datasheet.answers import Answers
from kinetics_builder.formats.datasheet.sheet import SHEET
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.manifest import ManifestRow, read_manifest, write_manifest
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.records import Clip as ClipRecord
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import (
    TABLE,
    ReleasedClip,
    read_released_clips,
    write_released,
)
from pipelines.publishing.contents import iter_rows
from pipelines.publishing.describing import hub_card, write_descriptions
from pipelines.publishing.details import VOTE_COLUMNS, VOTES, Details
from pipelines.publishing.edits import recorded_edits
from pipelines.publishing.facts import (
    EDITS,
    STATISTICS,
    TAXONOMY,
    TERM_COLUMNS,
    TERMS,
    Sums,
    taxonomy,
    terms_of,
)
from pipelines.publishing.folder import SUMS
from pipelines.publishing.gone import TAKEN_DOWN, write_taken_down
from pipelines.publishing.pseudonyms import Pseudonyms
from pipelines.publishing.readme import Counts, Placed, write_readme
from pipelines.publishing.readme import Votes as VoteCounts

SOURCES = "sources"
CUTS = "cuts.csv"
"""Of clips across cuts, where any is known: their files, and when a shot begins in them."""
TEXTS = (
    *("README.md", "classes.txt", MANIFEST, TABLE, VOTES),
    *(TAXONOMY, EDITS, STATISTICS, TERMS, SHEET, CROISSANT),
    *(f"{split}.{ending}" for split in SPLITS for ending in ("csv", "json")),
)


def write_lists(
    session: Session, config: Config, folder: Path, pseudonyms: Pseudonyms, answers: Answers
) -> None:
    """Write everything but the clips: first the manifest, then what follows from it.

    Beside `folder`, `SOURCES` then holds the path of each clip's file in the workspace, in
    the manifest's order.
    """
    manifest = folder / MANIFEST
    cuts, cut_lines = _cuts(session), list[str]()
    with (folder.parent / SOURCES).open("w", encoding="utf-8") as sources:

        def noted() -> Iterator[ManifestRow]:
            for row, source in iter_rows(session):
                sources.write(f"{source}\n")
                cut_lines.extend(f"{row.file},{moment:.3f}\n" for moment in cuts.get(source, ()))
                yield row

        write_manifest(manifest, noted(), are_sorted=True)
    counts = Counts(placed=_placed(session), faces=_faces(session))
    for row in read_manifest(manifest):
        counts.add(row)
    statistics = _write_details(session, Details(session, config, pseudonyms), folder)
    write_splits(folder)
    classes = sorted(counts.clips)
    (folder / "classes.txt").write_text("".join(f"{label}\n" for label in classes), "utf-8")
    _write_json(folder / TAXONOMY, taxonomy(session, classes))
    edits = [str(edit) for _, edit in live_edits(recorded_edits(session))]
    _write_csv(folder / EDITS, ("number", "edit"), enumerate(edits, start=1))
    counts.num_taken_down = write_taken_down(session, folder)
    readme = write_readme(counts, _votes(session), edits, config)
    (folder / "README.md").write_text(hub_card(statistics, answers) + readme, "utf-8")
    texts = [*TEXTS, TAKEN_DOWN] if counts.num_taken_down else [*TEXTS]
    if cut_lines:
        (folder / CUTS).write_text("".join(["file,seconds\n", *cut_lines]), "utf-8")
        texts.append(CUTS)
    write_descriptions(folder, statistics, answers, config)
    with (folder / SUMS).open("w", encoding="utf-8") as sums:
        sums.writelines(f"{file_sha256(folder / text)}  {text}\n" for text in texts)
        sums.writelines(f"{row.sha256}  {row.file}\n" for row in read_manifest(manifest))


def _write_details(session: Session, details: Details, folder: Path) -> dict[str, Any]:
    """Write the table of the clips, their terms, what people answered; return the sums."""
    sums = Sums()

    def counted() -> Iterator[ReleasedClip]:
        for clip in details.clips(_rows_with_sources(folder)):
            sums.add(clip)
            yield clip

    write_released(folder / TABLE, counted())
    statistics = sums.told(session)
    _write_json(folder / STATISTICS, statistics)
    clips = read_released_clips(folder / TABLE)
    _write_csv(folder / TERMS, TERM_COLUMNS, map(terms_of, clips))
    _write_csv(folder / VOTES, VOTE_COLUMNS, details.votes(_rows_with_sources(folder)))
    return statistics


def _rows_with_sources(folder: Path) -> Iterator[tuple[ManifestRow, str]]:
    with (folder.parent / SOURCES).open(encoding="utf-8") as sources:
        for row, source in zip(read_manifest(folder / MANIFEST), sources, strict=True):
            yield row, source.rstrip("\n")


def write_splits(folder: Path) -> None:
    """Write each split as Kinetics does, as CSV and as JSON."""
    for split in SPLITS:
        path = folder / f"{split}.csv"
        rows = (row for row in read_manifest(folder / MANIFEST) if row.split == split)
        write_kinetics(path, map(_record, rows), Options(), Problems(path))
        path = folder / f"{split}.json"
        clips = (clip for clip in read_released_clips(folder / TABLE) if clip.split == split)
        write_json(path, map(_with_address, clips), Options(), Problems(path))


def _with_address(clip: ReleasedClip) -> ClipRecord:
    details: dict[str, object] = {"url": clip.url}
    times = (float(clip.time_start), float(clip.time_end))
    return ClipRecord(clip.youtube_id, *times, clip.label, clip.split, details=details)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with writing_text(path) as file:
        file.write(csv_line(header))
        file.writelines(map(csv_line, rows))


def write_held_out(session: Session, path: Path) -> int:
    """Write the held-out clips as Kinetics' rows, and return how many; no file without any."""
    rows = [row for row, _ in iter_rows(session, are_held_out=True)]
    if rows:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        write_kinetics(partial, map(_record, rows), Options(), Problems(partial))
        partial.replace(path)
    return len(rows)


def _cuts(session: Session) -> dict[str, list[float]]:
    """Return the cuts of released clips that lie across any, seconds from the clip's start."""
    rows = session.execute(
        select(ClipFile.file, Clip.start_seconds, Clip.cuts)
        .join(Clip, Clip.id == ClipFile.clip_id)
        .join(CuratedClip, CuratedClip.clip_id == Clip.id)
        .where(Clip.num_cuts > 0, CuratedClip.is_public())
    )
    return {file: [cut - start for cut in cuts or ()] for file, start, cuts in rows}


def _placed(session: Session) -> Placed:
    """Return in how many of the released clips cuts were looked for, and what was found."""
    clips = select(func.count()).select_from(CuratedClip).join(Clip, Clip.id == CuratedClip.clip_id)
    clips = clips.where(CuratedClip.is_public())
    which = Clip.num_cuts.is_not(None), Clip.num_cuts > 0, Clip.was_moved
    return Placed(*(session.scalar(clips.where(one)) or 0 for one in which))


def _faces(session: Session) -> dict[str, int]:
    """Return in how many of the released clips faces were looked for, by what found them."""
    rows = session.execute(
        select(ClipFile.faces_by, func.count())
        .join(CuratedClip, CuratedClip.clip_id == ClipFile.clip_id)
        .where(ClipFile.faces_by.is_not(None), CuratedClip.is_public())
        .group_by(ClipFile.faces_by)
    )
    return {name: number for name, number in rows if name}


def _record(row: ManifestRow) -> ClipRecord:
    return ClipRecord(row.youtube_id, row.time_start, row.time_end, row.label, row.split)


def _votes(session: Session) -> VoteCounts:
    counted = (
        Decision.num_yes,
        Decision.num_no,
        Decision.num_unsure,
        Decision.num_bad,
        Decision.num_set_aside,
    )
    released = select(*map(func.sum, counted)).join(
        CuratedClip, CuratedClip.clip_id == Decision.clip_id
    )
    *answers, num_set_aside = session.execute(released.where(CuratedClip.is_public())).one()
    workers = (
        select(func.count(Vote.worker_id.distinct()))
        .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
        .join(CuratedClip, CuratedClip.clip_id == Vote.clip_id)
        .where(Vote.stands(), CuratedClip.is_public())
    )
    names = ("yes", "no", "unsure", "bad")
    by_answer = dict(zip(names, map(int, answers), strict=True))
    return VoteCounts(by_answer, int(num_set_aside), session.scalar(workers) or 0)
