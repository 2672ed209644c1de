"""Which clips and pictures of ours show what clips of a target show, by fingerprints alone.

Shapes, as name suffixes: P pictures, T frames, D = 256 cells, H height, W width.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import batches, chunks
from kinetics_builder.database.tables import ClipFile
from pipelines.kinetics.candidates import listed_clips

if TYPE_CHECKING:
    from kinetics_builder.video.likeness.fingerprint import Fingerprint
    from kinetics_builder.video.likeness.seen import Seen

MIN_PICTURE = 0.97
"""Correlation of a picture's 16 by 16 grey cells with those of a frame from which on they are of
one recording."""

_LEAST_CONTRAST = 8.0
"""Grey levels, as a standard deviation: what is flatter is like anything else that is flat."""
_EVERY = 4
"""Of eight pictures a second of a film two are compared."""
_AT_ONCE = 50
_ASKED_AT_ONCE = 1000


class AlikeClip(NamedTuple):
    """A clip of ours and one of the target that may show the same."""

    clip_id: int
    other: str
    similarity: float


def alike_clips(session: Session, prints: Mapping[str, bytes], least: float) -> list[AlikeClip]:
    """Return our clips that are at least so alike to one of the target's, with the most alike one.

    Those are compared that look or move alike, as `deduplicate` does it.
    """
    from kinetics_builder.video.likeness.fingerprint import Fingerprint
    from kinetics_builder.video.likeness.similarity import compare_all

    names = list(prints)
    ours, seen = _seen(session, [Fingerprint.from_bytes(prints[name]) for name in names])
    group_N = np.array([0] * len(names) + [1] * len(ours), np.int64)
    places = batches(range(len(names), len(group_N)), _ASKED_AT_ONCE)
    pairs = (
        [pair for some in places for pair in seen.pairs(np.array(some), group_N)] if seen else []
    )
    best: dict[int, AlikeClip] = {}
    for some in batches(pairs, _ASKED_AT_ONCE):
        known = _prints(session, {ours[pair.place - len(names)] for pair in some})
        compared = [
            (
                known[ours[pair.place - len(names)]],
                Fingerprint.from_bytes(prints[names[pair.earlier]]),
                pair.is_mirrored,
            )
            for pair in some
        ]
        for pair, likeness in zip(some, compare_all(compared), strict=True):
            clip_id, name = ours[pair.place - len(names)], names[pair.earlier]
            found = AlikeClip(clip_id, name, likeness.similarity)
            if found.similarity >= max(least, best.get(clip_id, found).similarity):
                best[clip_id] = found
    return [best[clip_id] for clip_id in sorted(best)]


def _seen(session: Session, theirs: Sequence["Fingerprint"]) -> "tuple[list[int], Seen | None]":
    """Return the ids of our clips, and what they and the target's, which come first, look like."""
    from kinetics_builder.video.likeness.fingerprint import Fingerprint
    from kinetics_builder.video.likeness.seen import Seeing

    ours: list[int] = []
    if not theirs:
        return ours, None
    seeing = Seeing(median_low([len(one.film_THW) for one in theirs]))
    for known in batches(theirs, _AT_ONCE):
        seeing.add(known)
    query = listed_clips(ClipFile.clip_id, ClipFile.fingerprint)
    rows = session.execute(query.execution_options(yield_per=_AT_ONCE))
    for some in batches(rows, _AT_ONCE):
        seeing.add([Fingerprint.from_bytes(data) for _, data in some])
        ours += [clip_id for clip_id, _ in some]
    return ours, seeing.seen()


def _prints(session: Session, clip_ids: Iterable[int]) -> "dict[int, Fingerprint]":
    from kinetics_builder.video.likeness.fingerprint import Fingerprint

    found = {}
    for chunk in chunks(sorted(clip_ids)):
        query = select(ClipFile.clip_id, ClipFile.fingerprint).where(ClipFile.clip_id.in_(chunk))
        for clip_id, data in session.execute(query):
            found[clip_id] = Fingerprint.from_bytes(data or b"")
    return found


def alike_pictures(
    files: Sequence[Path], prints: Mapping[str, bytes]
) -> Iterator[tuple[Path, str, float]]:
    """Yield pictures that are frames of the target's clips, with the clip and the correlation.

    A picture that is cropped, mirrored, or has a frame around it is not found.
    """
    from kinetics_builder.video.likeness.fingerprint import Fingerprint

    known = [(file, cells) for file in files if (cells := _cells_of(file)) is not None]
    if not known or not prints:
        return
    pictures_PD = _normal(np.stack([cells for _, cells in known]))
    best_P, of_P = np.zeros(len(known)), [""] * len(known)
    for name, data in prints.items():
        film_TD = Fingerprint.from_bytes(data).film_THW[::_EVERY].reshape(-1, pictures_PD.shape[1])
        frames_TD = film_TD[film_TD.std(axis=1) >= _LEAST_CONTRAST].astype(np.float32)
        if not len(frames_TD):
            continue
        found_P = (pictures_PD @ _normal(frames_TD).T).max(axis=1)
        for place in np.flatnonzero(found_P > best_P):
            best_P[place], of_P[place] = found_P[place], name
    for place in np.flatnonzero(best_P >= MIN_PICTURE):
        yield known[place][0], of_P[place], float(best_P[place])


def _cells_of(path: Path) -> NDArray[np.float32] | None:
    """Return a picture's grey cells; None for one that is flat or cannot be read."""
    from kinetics_builder.video.likeness.fingerprint import SIDE

    try:
        with Image.open(path) as image:
            small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    cells_D = np.asarray(small, np.float32).ravel()
    return cells_D if cells_D.std() >= _LEAST_CONTRAST else None


def _normal(cells_ND: NDArray[np.float32]) -> NDArray[np.float32]:
    centred_ND = cells_ND - cells_ND.mean(axis=1, keepdims=True)
    normal_ND: NDArray[np.float32] = centred_ND / np.linalg.norm(centred_ND, axis=1, keepdims=True)
    return normal_ND
