"""Stage 7, deduplicate: clips -> which of them are kept, held in reserve, or duplicates."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import SelectBase, select
from sqlalchemy.orm import Session

from kinetics_builder.config import DeduplicateConfig, settings_hash
from kinetics_builder.curation.duplicates import Place, ProposedClip, place_clips
from kinetics_builder.database.tables import Clip, ClipFile, ClipPlace, Label, Media, Video
from kinetics_builder.video.fingerprint import Fingerprint
from kinetics_builder.video.similarity import alike_pairs
from kinetics_builder.workspace import Workspace
from pipelines.paging import Page, Paging
from pipelines.stage import Stage, one_by_one

METHOD = 1
"""Counted up when equal settings would no longer give the places that they gave before: what an
older method gave is judged anew."""

TIMEOUT_SECONDS = 3600.0
"""For the clips of one label: time goes with the square of their number."""


@dataclass(frozen=True, slots=True)
class CutFile:
    """A clip with what its file is known by."""

    clip: ProposedClip
    sha256: str
    video_sha256: str
    fingerprint: bytes = b""
    """Empty in a label that only tells what there is."""


@dataclass(frozen=True, slots=True)
class LabelClips:
    """All clips of one label."""

    label: str
    files: tuple[CutFile, ...]

    @property
    def key(self) -> str:
        """Return a key that changes with anything the result depends on."""
        text = "\n".join(
            f"{file.sha256} {file.video_sha256} {file.clip}"
            for file in sorted(self.files, key=lambda file: file.clip.clip_id)
        )
        return f"{self.label} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def stage(workspace: Workspace) -> Stage[LabelClips, list[Place]]:
    """Return the stage: an item is a label with all its clips.

    Reads `clip`, `clip_file`, `media`; writes `clip_place`.
    """
    config = workspace.config.deduplicate
    return Stage(
        name="deduplicate",
        needs="cut",
        what="cut clips",
        settings_hash=settings_hash(config, method=METHOD),
        items=_items,
        listed=_listed,
        paging=Paging(Label.name, num_names=10, reads=(Label, Clip, ClipFile, Video, Media)),
        load=_filled,
        work=partial(deduplicate, config=config),
        save=one_by_one(_save),
        timeout_seconds=TIMEOUT_SECONDS,
        forgets=True,
    )


def deduplicate(label: LabelClips, *, config: DeduplicateConfig) -> list[Place]:
    """Return the place of each clip of a label."""
    files = label.files
    films = [Fingerprint.from_bytes(file.fingerprint) for file in files]
    alike = {
        _pair(files[i], files[j]): likeness
        for (i, j), likeness in alike_pairs(films, config.min_similarity).items()
    }
    for one, other in combinations(files, 2):
        if one.video_sha256 == other.video_sha256 or one.sha256 == other.sha256:
            alike[_pair(one, other)] = 1.0
    return place_clips([file.clip for file in files], alike, max_per_video=config.max_per_video)


def _pair(one: CutFile, other: CutFile) -> frozenset[int]:
    return frozenset((one.clip.clip_id, other.clip.clip_id))


def _listed() -> SelectBase:
    cut = (
        select(Clip.id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Media, Media.video_id == Clip.video_id)
        .where(Clip.label_id == Label.id, Clip.is_withdrawn.is_(False))
        .where(ClipFile.fingerprint.is_not(None))
    )
    return select(Label.id).where(Label.is_retired.is_(False), cut.exists())


def _items(session: Session, page: Page) -> Sequence[tuple[str, LabelClips]]:
    """Return the labels, without fingerprints: those of few labels at a time are looked at."""
    rows = session.execute(
        select(
            Label.name,
            Clip.id,
            Video.video_id,
            Clip.start_seconds,
            Clip.rank,
            Media.width * Media.height,
            Media.duration_seconds,
            Media.upload_date,
            ClipFile.sha256,
            Media.sha256,
        )
        .join(Clip, Clip.label_id == Label.id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Media, Media.video_id == Clip.video_id)
        .join(Video, Video.id == Clip.video_id)
        .where(Clip.is_withdrawn.is_(False), Label.is_retired.is_(False))
        .where(ClipFile.fingerprint.is_not(None), page.holds(Label.name))
        .order_by(Label.name, Video.video_id, Clip.start_seconds, Clip.end_seconds)
    )
    return [
        (item.key, item)
        for label, group in groupby(rows, key=lambda row: row[0])
        for item in [LabelClips(label, tuple(_file(row[1:]) for row in group))]
    ]


def _filled(session: Session, label: LabelClips) -> LabelClips:
    clips = select(Clip.id).join(Label, Label.id == Clip.label_id).where(Label.name == label.label)
    rows = session.execute(
        select(ClipFile.clip_id, ClipFile.fingerprint).where(ClipFile.clip_id.in_(clips))
    )
    known = {clip_id: fingerprint for clip_id, fingerprint in rows}
    files = (replace(file, fingerprint=known[file.clip.clip_id] or b"") for file in label.files)
    return replace(label, files=tuple(files))


def _file(row: Sequence[Any]) -> CutFile:
    clip_id, video_id, start, rank, num_pixels, duration, upload_date, *known = row
    clip = ProposedClip(
        clip_id=clip_id,
        video_id=video_id,
        start_seconds=start,
        rank=rank,
        num_pixels=num_pixels,
        duration_seconds=round(duration, 1),
        upload_date=upload_date,
    )
    return CutFile(clip, *known)


def _save(session: Session, label: LabelClips, places: Sequence[Place]) -> None:
    for place in places:
        session.merge(
            ClipPlace(
                clip_id=place.clip_id,
                standing=place.standing,
                duplicate_of_id=place.duplicate_of,
                similarity=place.similarity,
            )
        )
