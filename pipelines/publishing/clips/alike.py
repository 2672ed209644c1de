"""Whether clips in two splits, or of two datasets, show the same, by nothing but fingerprints.

These are those of the tables of releases.

Shapes, as name suffixes: N clips that have a fingerprint.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kinetics_builder.database.bulk import batches
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.released_clips import TABLE, released_pages
from pipelines.publishing.folders.findings import Finding

if TYPE_CHECKING:
    from kinetics_builder.video.likeness.fingerprint import Fingerprint
    from kinetics_builder.video.likeness.seen import Pair

    Prints = Callable[[], Iterator[tuple["_Clip", Fingerprint]]]
    """Gives all clips with their fingerprints, each time anew."""

_AT_ONCE = 50
"""Fingerprints of which looks are made together."""
_ASKED_AT_ONCE = 1000


class _Clip(NamedTuple):
    file: str
    split: str
    """Or the other dataset that it is of: clips of one are not compared with each other."""
    is_ours: bool = True


def alike_clips(folder: Path, least: float, others: Iterable[Path] = ()) -> Iterator[Finding]:
    """Yield pairs of clips in two splits, or of two datasets, that are at least so alike.

    All are compared that look or move alike, as `kbuild deduplicate` does it, whatever a
    workspace has noted of them. Memory grows with the clips' looks, time with their pairs.

    Args:
        folder: The release.
        least: How alike, in [0, 1].
        others: Other datasets; those without a table of fingerprints are not looked at.

    Raises:
        FormatError: A table cannot be read, or one of its fingerprints.

    """
    folders = [one for one in others if (one / TABLE).is_file()]
    for pair in _alike(partial(_all_prints, folder, folders), least):
        one, other = sorted(pair[:2], key=lambda clip: not clip.is_ours)
        if one.is_ours:
            same = f"shows the same as {other.file} in {other.split}, as far as {pair[2]:.2f}"
            yield Finding("alike", TABLE, f"{one.file} in {one.split} {same}")


def _all_prints(folder: Path, others: Sequence[Path]) -> Iterator[tuple[_Clip, "Fingerprint"]]:
    yield from _prints(folder / TABLE)
    for other in others:
        for clip, one in _prints(other / TABLE):
            yield _Clip(clip.file, str(other), is_ours=False), one


@dataclass(frozen=True, slots=True)
class Side:
    """One split of a release."""

    folder: Path
    split: str

    @property
    def num_clips(self) -> int:
        """Return how many clips it has."""
        pages = released_pages(self.folder / TABLE, ["split"])
        return sum(page["split"].count(self.split) for page in pages)


def alike_between(sides: tuple[Side, Side], least: float) -> Iterator[tuple[str, str, float]]:
    """Yield the files of pairs that are at least so alike, one of each side, and how far.

    Raises as `alike_clips`.
    """

    def prints() -> Iterator[tuple[_Clip, "Fingerprint"]]:
        for number, side in reversed([*enumerate(sides)]):
            for clip, one in _prints(side.folder / TABLE):
                if clip.split == side.split:
                    yield _Clip(clip.file, str(number)), one

    for one, other, similarity in _alike(prints, least):
        yield one.file, other.file, similarity


def _alike(prints_of: "Prints", least: float) -> Iterator[tuple[_Clip, _Clip, float]]:
    """Yield pairs of clips of two splits that are at least so alike: the later one, the earlier."""
    from kinetics_builder.video.likeness.similarity import compare_all

    clips, pairs = _pairs(prints_of)
    asked = {place for pair in pairs for place in (pair.place, pair.earlier)}
    prints = {at: one for at, (_, one) in enumerate(prints_of()) if at in asked}
    compared = [(prints[one.place], prints[one.earlier], one.is_mirrored) for one in pairs]
    best: dict[tuple[int, int], float] = {}
    for pair, likeness in zip(pairs, compare_all(compared), strict=True):
        key = pair.place, pair.earlier
        best[key] = max(likeness.similarity, best.get(key, 0.0))
    for (place, earlier), similarity in sorted(best.items()):
        if similarity >= least:
            yield clips[place], clips[earlier], similarity


def _pairs(prints_of: "Prints") -> tuple[Sequence[_Clip], Sequence["Pair"]]:
    """Return the clips that have a fingerprint, and which of two splits are worth comparing."""
    from kinetics_builder.video.likeness.seen import Seeing

    lengths = [len(one.film_THW) for _, one in prints_of()]
    if not lengths:
        return [], []
    seeing, clips = Seeing(median_low(lengths)), list[_Clip]()
    for some in batches(prints_of(), _AT_ONCE):
        clips += [clip for clip, _ in some]
        seeing.add([one for _, one in some])
    seen = seeing.seen()
    splits = sorted({clip.split for clip in clips})
    split_N = np.array([splits.index(clip.split) for clip in clips], np.int64)
    blocks = batches(range(len(clips)), _ASKED_AT_ONCE)
    return clips, [pair for some in blocks for pair in seen.pairs(np.array(some), split_N)]


def _prints(path: Path) -> Iterator[tuple[_Clip, "Fingerprint"]]:
    from kinetics_builder.video.likeness.fingerprint import Fingerprint

    for page in released_pages(path, ["file", "split", "fingerprint"]):
        for file, split, data in zip(*page.values(), strict=True):
            if data is None:
                continue
            try:
                yield _Clip(file, split), Fingerprint.from_bytes(data)
            except (ValueError, IndexError) as error:
                message = f"{path}: the fingerprint of {file} is none: {error}."
                raise FormatError(message) from error
