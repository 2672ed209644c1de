"""Which of many clips may sound the same: landmarks -> clips, looked up and not compared.

Shapes: N clips, L landmarks of all clips.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.sounds.agreement import LEAST_AGREEING
from kinetics_builder.video.likeness.sounds.landmarks import Landmarks

MOST_EACH = 16
"""Earlier clips that one is compared with: those with which most landmarks agree."""

MOST_OF_A_HASH = 500
"""A landmark that so many clips have says nothing."""

_WIDTH = 2
"""Moments that one cell of shifts holds: of what agrees half at least is in one of them."""


class SoundIndex:
    """All clips by their landmarks, 8 bytes each, beside one number for each landmark."""

    def __init__(self, sounds: Sequence[Landmarks]) -> None:
        """Take the clips, in the order in which they are compared."""
        self._sounds = sounds
        empty = np.zeros(0, np.uint32)
        hashes = np.concatenate([empty, *(one.hashes_N for one in sounds)])
        clips = np.repeat(np.arange(len(sounds), dtype=np.uint32), [len(one) for one in sounds])
        moments = np.concatenate([empty, *(one.moments_N.astype(np.uint32) for one in sounds)])
        order = np.argsort(hashes, kind="stable")
        self._hashes_L, self._clips_L = hashes[order], clips[order]
        self._moments_L = moments[order].astype(np.uint16)

    def earlier(self, place: int) -> NDArray[np.int64]:
        """Return the earlier clips that may sound as one does, the likeliest first."""
        one = self._sounds[place]
        hashes, which = np.unique(one.hashes_N, return_index=True)
        moments = one.moments_N[which].astype(np.int64)
        first = np.searchsorted(self._hashes_L, hashes, "left")
        number = np.searchsorted(self._hashes_L, hashes, "right") - first
        number[number > MOST_OF_A_HASH] = 0
        starts = np.cumsum(number) - number
        at = np.repeat(first - starts, number) + np.arange(int(number.sum()))
        clips = self._clips_L[at].astype(np.int64)
        later = self._moments_L[at].astype(np.int64) - np.repeat(moments, number)
        is_earlier = clips < place
        return _likeliest(clips[is_earlier], later[is_earlier] // _WIDTH)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield all clips with the earlier ones that may sound the same."""
        for place in range(len(self._sounds)):
            yield from ((place, int(other)) for other in self.earlier(place))


def _likeliest(clips: NDArray[np.int64], cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the clips of which enough landmarks are in one cell of shifts, the most first."""
    keys, counts = np.unique((clips << 20) + (cells + (1 << 19)), return_counts=True)
    is_enough = 2 * counts >= LEAST_AGREEING
    found, counts = (keys >> 20)[is_enough], counts[is_enough]
    order = np.lexsort((found, -counts))
    unique, first = np.unique(found[order], return_index=True)
    likeliest: NDArray[np.int64] = unique[np.argsort(first, kind="stable")][:MOST_EACH]
    return likeliest
