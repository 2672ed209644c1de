"""Stage that `deduplicate` asks for where clips are listened to, sounds: which sound the same.

All are looked up at once, by their landmarks. What sounds the same is compared by what it shows;
sound makes sure where that is in doubt, and nothing else.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.changes import note_change
from kinetics_builder.database.tables import AlikeSounds, Clip, ClipFile, ClipSound
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.candidates import Candidate, Known, listed_clips
from pipelines.running.paging import Page
from pipelines.running.stage import Stage, one_by_one

if TYPE_CHECKING:
    from kinetics_builder.video.likeness.sounds.agreement import Agreement

METHOD = 1
"""Counted up when equal landmarks would no longer be found to agree as before."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """All clips that were listened to."""

    key: str
    sounds: tuple[tuple[int, int, bytes], ...] = ()
    """Row of the clip, row of its video, landmarks; in the order of clips."""


Heard = tuple[int, int, "Agreement"]
"""Two clips, the later first, and how they sound the same."""


def stage(workspace: Workspace) -> Stage[Sounds, list[Heard]]:
    """Return the stage: its one item is all clips. Reads `clip_sound`; writes `alike_sounds`."""
    return Stage(
        name="deduplicate sounds",
        needs="deduplicate listen",
        what="clips that were listened to",
        settings_hash=settings_hash(method=METHOD),
        items=_items,
        load=_filled,
        work=compare_sounds,
        save=one_by_one(_save),
        in_children=False,
        forgets=True,
    )


def compare_sounds(clips: Sounds) -> list[Heard]:
    """Return the clips of different videos that sound the same."""
    from kinetics_builder.video.likeness.sounds.agreement import agree
    from kinetics_builder.video.likeness.sounds.index import SoundIndex
    from kinetics_builder.video.likeness.sounds.landmarks import Landmarks

    sounds = [Landmarks.from_bytes(data) for _, _, data in clips.sounds]
    found = []
    for place, earlier in SoundIndex(sounds).pairs():
        one, other = clips.sounds[place], clips.sounds[earlier]
        if one[1] != other[1] and (agreement := agree(sounds[place], sounds[earlier])):
            found.append((one[0], other[0], agreement))
    return found


def heard_candidates(session: Session, clip_ids: Sequence[int]) -> list[Candidate]:
    """Return the earlier clips that sound as these do, to be compared by what they show."""
    found = []
    for some in chunks(list(clip_ids)):
        query = select(AlikeSounds.clip_id, AlikeSounds.other_id)
        query = query.where(AlikeSounds.clip_id.in_(some))
        for clip_id, other in session.execute(query.order_by(*query.selected_columns)):
            found += [
                Candidate(clip_id, Known(other), is_mirrored) for is_mirrored in (False, True)
            ]
    return found


def heard_shifts(session: Session) -> dict[frozenset[int], tuple[int, float]]:
    """Return of pairs that sound the same one clip, and by how much later the other does."""
    columns = AlikeSounds.clip_id, AlikeSounds.other_id, AlikeSounds.shift_seconds
    return {
        frozenset((one, other)): (one, shift)
        for one, other, shift in session.execute(select(*columns))
    }


def heard_digest(session: Session) -> bytes:
    """Return bytes that change with what sounds the same."""
    digest = hashlib.sha256()
    query = select(AlikeSounds.clip_id, AlikeSounds.other_id)
    for one, other in session.execute(query.order_by(*query.selected_columns)):
        digest.update(f"{one} {other}\n".encode())
    return digest.digest()


def _items(session: Session, _page: Page) -> Sequence[tuple[str, Sounds]]:
    digest, number = hashlib.sha256(), 0
    rows = listed_clips(ClipFile.clip_id, ClipFile.sha256)
    rows = rows.join(ClipSound, ClipSound.clip_id == ClipFile.clip_id)
    for clip_id, sha256 in session.execute(rows):
        digest.update(f"{clip_id} {sha256}\n".encode())
        number += 1
    key = f"{number} clips {digest.hexdigest()[:16]}"
    return [(key, Sounds(key))] if number else []


def _filled(session: Session, clips: Sounds) -> Sounds:
    rows = listed_clips(ClipFile.clip_id, Clip.video_id, ClipSound.landmarks)
    rows = rows.join(ClipSound, ClipSound.clip_id == ClipFile.clip_id)
    return Sounds(clips.key, tuple((*row,) for row in session.execute(rows)))


def _save(session: Session, _clips: Sounds, heard: Sequence[Heard]) -> None:
    session.execute(delete(AlikeSounds))
    if heard:
        rows = [
            {"clip_id": one, "other_id": other, **agreement._asdict()}
            for one, other, agreement in heard
        ]
        session.execute(insert(AlikeSounds), rows)
    note_change(session, ClipFile.__tablename__)  # `deduplicate` lists by these too
