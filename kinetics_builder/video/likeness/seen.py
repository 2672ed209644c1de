"""Many clips, by what they look like and how they move: which of them are worth comparing.

Shapes: N clips, R looks (long clips have several), P pairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import Fingerprint
from kinetics_builder.video.likeness.looks import (
    MIDDLE,
    NUM_VALUES,
    looks_in,
    looks_of,
    small_pictures,
    stretches_of,
)
from kinetics_builder.video.likeness.movements import Series, is_still, series_of, together
from kinetics_builder.video.likeness.neighbours import QUERIES_AT_ONCE, Near, Neighbours

LIKE_LOOKS = 0.6
"""Cosine of two looks from which on it is looked at how the two move."""

LIKE_LOOKS_OF_STILLS = 0.75
"""Cosine from which on clips that hardly move are compared."""

LIKE_MOVEMENT = 0.93
"""How well the movements of two clips must go together to be compared: a part of a clip, or a
crop, looks less like it, but moves as it does."""

NEARLY_EQUAL_LOOKS = 0.75
LIKE_MOVEMENT_OF_EQUALS = 0.8
"""How well from that cosine on: a faster copy moves less like a clip, but looks as it does."""

LIKE_MIDDLES = 0.75
"""Cosine of the looks of two middles from which on it is looked at how the two move: a caption
changes the look of the whole."""

MOST_LOOKED_AT = 64
"""Earlier clips for one, the movements of which are looked at: those that look most like it."""

MOST_EACH = 16
"""Earlier clips that one is compared with, by what looks like it as a whole, and by middles."""

Places = NDArray[np.int64]


class Pair(NamedTuple):
    """A clip and an earlier one that may show the same."""

    place: int
    earlier: int
    is_mirrored: bool


class Seeing:
    """Takes clips, one after the other, for `Seen`."""

    def __init__(self, num_bins: int) -> None:
        """Take how many pictures the film of a clip mostly has."""
        self._num_bins = num_bins
        self._looks = [np.zeros((0, NUM_VALUES), np.float32)]
        self._middles = [np.zeros((0, NUM_VALUES // 2), np.float32)]
        self._of: list[int] = []
        self._own: list[int] = []
        self._series: list[Series] = []

    def add(self, prints: Sequence[Fingerprint]) -> None:
        """Add some clips, one at least."""
        pictures_2NHW = small_pictures(prints)
        self._middles.append(looks_in(pictures_2NHW[:, :, MIDDLE]))
        for place, (one, look_D) in enumerate(
            zip(prints, looks_in(pictures_2NHW), strict=True), len(self._series)
        ):
            self._own.append(len(self._of))
            parts = stretches_of(one, self._num_bins)
            self._looks += [look_D[None], looks_of(parts)] if parts else [look_D[None]]
            self._of += [place] * (1 + len(parts))
        self._series += series_of(prints)

    def seen(self) -> "Seen":
        """Return what was added."""
        looks_RD, middles_ND = map(np.concatenate, (self._looks, self._middles))
        own, of = (np.array(places, np.int64) for places in (self._own, self._of))
        still_N = np.array([is_still(series_TC) for series_TC in self._series], np.bool_)
        whole = Looks(looks_RD[own], Neighbours(looks_RD), of, LIKE_LOOKS, NEARLY_EQUAL_LOOKS)
        own = np.arange(len(middles_ND))
        middle = Looks(middles_ND, Neighbours(middles_ND), own, LIKE_MIDDLES, np.inf)
        return Seen(whole, middle, self._series, still_N)


class Looks(NamedTuple):
    """What clips look like, as a whole or in the middle."""

    looks_ND: Floats
    neighbours: Neighbours
    of_R: Places
    """Whose a look is: in order."""
    least: float
    """Cosine of two from which on it is looked at how the two move."""
    nearly_equal: float
    """Cosine from which on they need not move so much alike."""


@dataclass(frozen=True)
class Seen:
    """What clips look like and how they move."""

    whole: Looks
    middle: Looks
    series: list[Series]
    still_N: NDArray[np.bool_]
    """Which clips hardly move."""

    def pairs(self, places: Places, videos_N: Places) -> Iterator[Pair]:
        """Yield for each of some clips the earlier ones of other videos worth comparing."""
        for start in range(0, len(places), QUERIES_AT_ONCE):
            some = places[start : start + QUERIES_AT_ONCE]
            nearest = [self._nearest(looks, some, videos_N) for looks in (self.whole, self.middle)]
            movements_22P = self._movements(nearest)
            yield from dict.fromkeys(
                chain.from_iterable(
                    map(self._worth_comparing, (self.whole, self.middle), nearest, movements_22P)
                )
            )

    def _nearest(self, looks: Looks, places: Places, videos_N: Places) -> "Nearest":
        """Return the earlier clips that look most like some."""
        num_looks = int(np.searchsorted(looks.of_R, places.max()))
        near = looks.neighbours.near(looks.looks_ND[places], looks.least, num_looks)
        place, earlier = places[near.query], looks.of_R[near.place]
        is_other = (earlier < place) & (videos_N[earlier] != videos_N[place])
        if looks is self.middle:
            is_other &= ~(self.still_N[place] | self.still_N[earlier])
        return _nearest(place, earlier, near, is_other)

    def _movements(self, nearest: Sequence["Nearest"]) -> list[Floats]:
        """Return how well the movements of pairs go together, (2, P) for each of some pairs.

        What looks alike in several ways is looked at once.
        """
        num_clips = len(self.series)
        numbers = np.concatenate([pairs.place * num_clips + pairs.earlier for pairs in nearest])
        unique, which = np.unique(numbers, return_inverse=True)
        ones, others = ([self.series[at] for at in ats] for ats in np.divmod(unique, num_clips))
        found = np.stack(together(ones, others))[:, which]
        return np.split(found, np.cumsum([len(pairs.place) for pairs in nearest])[:-1], axis=1)

    def _worth_comparing(
        self, looks: Looks, pairs: "Nearest", movements_2P: Floats
    ) -> Iterator[Pair]:
        place, earlier, cosines_2P = pairs
        is_still = self.still_N[place] | self.still_N[earlier]
        is_near = cosines_2P >= looks.nearly_equal
        least = np.where(is_near, LIKE_MOVEMENT_OF_EQUALS, LIKE_MOVEMENT)
        is_like = cosines_2P >= np.where(is_still, LIKE_LOOKS_OF_STILLS, looks.least)
        is_mirrored, pair = np.nonzero(is_like & (is_still | (movements_2P >= least)))
        order = np.lexsort((-cosines_2P[is_mirrored, pair], place[pair]))
        order = order[_number_in_run(place[pair][order]) < MOST_EACH]
        for mirrored, one in zip(is_mirrored[order], pair[order], strict=True):
            yield Pair(int(place[one]), int(earlier[one]), bool(mirrored))


class Nearest(NamedTuple):
    """Pairs of clips and earlier ones that look most like them, each once."""

    place: Places
    earlier: Places
    cosines_2P: Floats
    """Of their nearest looks, straight and mirrored."""


def _nearest(place: Places, earlier: Places, near: Near, is_wanted: NDArray[np.bool_]) -> Nearest:
    """Return the pairs that are wanted, each once, of each clip those that look most like it."""
    cosines_2P = np.stack([near.straight, near.mirrored])[:, is_wanted]
    place, earlier = place[is_wanted], earlier[is_wanted]
    order = np.lexsort((-cosines_2P.max(0), earlier, place))
    place, earlier, cosines_2P = place[order], earlier[order], cosines_2P[:, order]
    is_first = (np.diff(place, prepend=-1) != 0) | (np.diff(earlier, prepend=-1) != 0)
    starts = np.flatnonzero(is_first)
    if not len(starts):
        return Nearest(place, earlier, cosines_2P)
    place, earlier = place[starts], earlier[starts]
    cosines_2P = np.maximum.reduceat(cosines_2P, starts, axis=1)
    order = np.lexsort((-cosines_2P.max(0), place))
    order = order[_number_in_run(place[order]) < MOST_LOOKED_AT]
    return Nearest(place[order], earlier[order], cosines_2P[:, order])


def _number_in_run(values: Places) -> Places:
    """Return the number of each value in its run of equal ones, from 0 on."""
    is_first = np.diff(values, prepend=-1) != 0
    starts = np.flatnonzero(is_first)
    numbers: Places = np.arange(len(values)) - np.repeat(
        starts, np.diff(np.append(starts, len(values)))
    )
    return numbers
