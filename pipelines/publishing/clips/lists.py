"""The text files of a release: rows, classes, README and checksums."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.class_edits import recorded_edits
from kinetics_builder.curation.log import live_edits
from kinetics_builder.database.tables import Clip, ClipFile, CuratedClip, Decision
from kinetics_builder.formats.clips.kinetics.columns import COLUMNS, writing_kinetics
from kinetics_builder.formats.croissant.description import CROISSANT
from kinetics_builder.formats.datasheet.answers import Answers
from kinetics_builder.formats.datasheet.sheet import SHEET
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.parquet import as_batch
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE, columns
from pipelines.publishing.clips.completing import Some
from pipelines.publishing.clips.contents import pages
from pipelines.publishing.clips.cuts import CUTS, Cuts
from pipelines.publishing.clips.described import describe_clips
from pipelines.publishing.clips.details import Details
from pipelines.publishing.clips.given import VOTES
from pipelines.publishing.clips.gone import TAKEN_DOWN, write_taken_down
from pipelines.publishing.clips.heard import Heard
from pipelines.publishing.clips.readme import Counts, Placed, write_readme
from pipelines.publishing.clips.readme import Votes as VoteCounts
from pipelines.publishing.clips.sums import Sums
from pipelines.publishing.clips.terms import TERMS
from pipelines.publishing.clips.texts import (
    CLIP_SUMS,
    SPLIT_FILES,
    ClipsBeside,
    Take,
    writing_clips,
)
from pipelines.publishing.folders.describing import hub_card, write_descriptions
from pipelines.publishing.folders.facts import EDITS, STATISTICS, TAXONOMY, taxonomy, write_json
from pipelines.publishing.folders.folder import SUMS
from pipelines.publishing.folders.pseudonyms import Pseudonyms

TEXTS = (
    *("README.md", "classes.txt", MANIFEST, TABLE, VOTES),
    *(TAXONOMY, EDITS, STATISTICS, TERMS, SHEET, CROISSANT),
    *SPLIT_FILES,
)

HELD_OUT = "held_out"
"""The folder of a workspace with the rows of clips that no release holds."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What the lists of a release say beside what the database does."""

    config: Config
    pseudonyms: Pseudonyms
    answers: Answers
    """Of its makers."""
    is_sharded: bool = False
    """Whether the clips are part of it as shards, too."""


def write_lists(
    session: Session, lists: Lists, folder: Path, beside: ClipsBeside | None = None
) -> dict[str, Any]:
    """Write everything but the clips; return the sums. A process may do its part `beside`.

    Beside `folder`, `SOURCES` and `CLIP_SUMS` lie then.
    """
    config, answers = lists.config, lists.answers
    details, heard = Details(session, config), Heard.of(session, lists.pseudonyms)
    sums = Sums()
    counts = Counts(
        sums.clips,
        sums.seconds,
        placed=_placed(session),
        faces=_faces(session),
        is_sharded=lists.is_sharded,
    )
    clips, cuts = [np.empty(0, np.int64)], Cuts.of(session)
    with _taking(folder, lists.pseudonyms, beside) as take:
        take(heard)
        for page in details.pages():
            take(Some.of(page, details.beside))
            for add in (counts.add, sums.add, cuts.add):
                add(page)
            clips.append(np.array(page["clip_id"], np.int64))
    statistics = sums.told(session)
    write_json(folder / STATISTICS, statistics)
    edits = _write_classes(session, folder, sorted(counts.clips))
    counts.num_taken_down = write_taken_down(session, folder)
    num_workers = heard.num_workers(np.concatenate(clips))
    readme = write_readme(counts, _votes(session, num_workers), edits, config)
    description = describe_clips(folder, statistics, config)
    (folder / "README.md").write_text(hub_card(description, answers) + readme, "utf-8")
    texts = [*TEXTS, TAKEN_DOWN] if counts.num_taken_down else [*TEXTS]
    texts += [CUTS] if cuts.write(folder / CUTS) else []
    hashes = write_descriptions(folder, description, answers)
    with (folder / SUMS).open("w", encoding="utf-8") as file:
        file.writelines(f"{hashes[text]}  {text}\n" for text in texts)
        with (folder.parent / CLIP_SUMS).open(encoding="utf-8") as of_clips:
            shutil.copyfileobj(of_clips, file, 1 << 20)
    return statistics


@contextmanager
def _taking(folder: Path, pseudonyms: Pseudonyms, beside: ClipsBeside | None) -> Iterator[Take]:
    """Give what writes table and texts: the process beside, else whoever asks."""
    if beside is not None:
        yield beside.take
        beside.process.finish()
        return
    with writing_clips(folder, pseudonyms) as take:
        yield take


def _write_classes(session: Session, folder: Path, classes: Sequence[str]) -> list[str]:
    """Write what is said of the classes and how they were edited; return the edits."""
    (folder / "classes.txt").write_text("".join(f"{label}\n" for label in classes), "utf-8")
    write_json(folder / TAXONOMY, taxonomy(session, classes))
    edits = [str(edit) for _, edit in live_edits(recorded_edits(session))]
    _write_edits(folder / EDITS, edits)
    return edits


def _write_edits(path: Path, edits: Sequence[str]) -> None:
    with writing_text(path) as file:
        file.write(csv_line(("number", "edit")))
        file.writelines(map(csv_line, enumerate(edits, start=1)))


def write_held_out(session: Session, path: Path) -> int:
    """Write the held-out clips as Kinetics' rows, and return how many; no file without any."""
    found = list(pages(session, are_held_out=True))
    if found:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with writing_kinetics(path) as add:
            kinds = {name: columns()[name] for name in COLUMNS}
            for page in found:
                add(as_batch(page, kinds))
    return sum(len(page["label"]) for page in found)


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


def _votes(session: Session, num_workers: int) -> VoteCounts:
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
    names = ("yes", "no", "unsure", "bad")
    by_answer = dict(zip(names, map(int, answers), strict=True))
    return VoteCounts(by_answer, int(num_set_aside), num_workers)
