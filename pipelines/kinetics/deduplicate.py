"""Stage 7, deduplicate: clips -> which of them are kept, held in reserve, or duplicates.

All clips are compared with all earlier ones, whatever their classes, and with those of older
datasets: a block of clips is an item. Then each class is gone through, in one transaction.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import SelectBase, delete, func, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.bulk import batches, chunks
from kinetics_builder.database.changes import note_change
from kinetics_builder.database.tables import (
    AlikeClips,
    AlikeOlder,
    Clip,
    ClipFile,
    Label,
    OlderClip,
)
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.candidates import Block, Candidate, Candidates, Known, listed_clips
from pipelines.kinetics.placing import ALIKE, place
from pipelines.kinetics.sounds import heard_candidates, heard_digest
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage, one_by_one

if TYPE_CHECKING:
    from kinetics_builder.video.likeness.similarity import Likeness

METHOD = 5
"""Counted up when equal fingerprints would no longer be found as alike as before: what an older
method found is compared anew."""

TIMEOUT_SECONDS = 3600.0
"""For a block of clips."""

NUM_CLIPS = 250
"""In a block: as many as are best looked for together, few enough that a thousand clips keep all
cores busy."""

LEAST_NOTED = 0.5
"""Similarity below which two clips are not noted: settings may ask for any above."""

_MOST_LABELS = 1_000_000_000

Found = tuple[Candidate, "Likeness"]


def stage(workspace: Workspace) -> Stage[Block, list[Found]]:
    """Return the stage: an item is a block of clips, compared with all that were made earlier.

    Reads `clip`, `clip_file`, `older_clip`; writes `alike_clips` and `alike_older`, and when all
    are compared `clip_place` by them, `media` and `pair_word`.
    """
    has_audio = workspace.config.deduplicate.audio
    return Stage(
        name="deduplicate",
        needs="cut",
        what="cut clips",
        settings_hash=settings_hash(*(["audio"] if has_audio else []), method=METHOD),
        items=partial(_items, has_audio=has_audio),
        listed=_listed,
        paging=Paging(Label.name, num_names=_MOST_LABELS, reads=(Label, Clip, ClipFile, OlderClip)),
        load=Candidates(also=heard_candidates if has_audio else None).of,
        work=deduplicate,
        save=one_by_one(_save),
        timeout_seconds=TIMEOUT_SECONDS,
        forgets=True,
        after=partial(place, config=workspace.config.deduplicate),
    )


def deduplicate(block: Block) -> list[Found]:
    """Return how alike the candidates of a block are, those that are not at all left out."""
    from kinetics_builder.video.likeness.fingerprint import Fingerprint
    from kinetics_builder.video.likeness.similarity import compare_all

    films = {known: Fingerprint.from_bytes(data) for known, data in block.prints.items()}
    likenesses = compare_all(
        [
            (films[Known(one.clip_id)], films[one.earlier], one.is_mirrored)
            for one in block.candidates
        ]
    )
    found = zip(block.candidates, likenesses, strict=True)
    return [(one, likeness) for one, likeness in found if likeness.similarity >= LEAST_NOTED]


def _listed() -> SelectBase:
    place = func.row_number().over(order_by=ClipFile.clip_id).label("place")
    clips = listed_clips(place).order_by(None).subquery()
    return select(clips.c.place).where(clips.c.place % NUM_CLIPS == 1)


def _items(session: Session, _page: Page, *, has_audio: bool) -> Sequence[tuple[str, Block]]:
    """Return the blocks, without what is to be compared.

    A block's key changes with any clip in it or before it, and with what sounds the same.
    """
    digest = hashlib.sha256(heard_digest(session) if has_audio else b"")
    for dataset, name, sha256 in session.execute(
        select(OlderClip.dataset, OlderClip.name, OlderClip.sha256)
        .where(OlderClip.fingerprint.is_not(None))
        .order_by(OlderClip.id)
    ):
        digest.update(f"{dataset}/{name} {sha256}\n".encode())
    rows = session.execute(listed_clips(ClipFile.clip_id, ClipFile.sha256))
    return [(block.key, block) for block in _blocks(rows, digest)]


def _blocks(rows: Iterable[Sequence[Any]], digest: "hashlib._Hash") -> Iterator[Block]:
    for some in batches(rows, NUM_CLIPS):
        for clip_id, sha256 in some:
            digest.update(f"{clip_id} {sha256}\n".encode())
        clip_ids = tuple(clip_id for clip_id, _ in some)
        yield Block(f"clips from {clip_ids[0]} on {digest.hexdigest()[:16]}", clip_ids)


def _save(session: Session, block: Block, found: Sequence[Found]) -> None:
    note_change(session, ALIKE)
    for table in (AlikeClips, AlikeOlder):
        for chunk in chunks(block.clip_ids):
            session.execute(delete(table).where(table.clip_id.in_(chunk)))
    best: dict[tuple[int, Known], Likeness] = {}
    for one, likeness in found:
        pair = one.clip_id, one.earlier
        best[pair] = max(likeness, best.get(pair, likeness))
    for table, name, is_older in ((AlikeClips, "other_id", False), (AlikeOlder, "older_id", True)):
        rows = [
            {"clip_id": clip_id, name: earlier.row, **likeness._asdict()}
            for (clip_id, earlier), likeness in best.items()
            if earlier.is_older is is_older
        ]
        if rows:
            session.execute(insert(table), rows)
