"""Many clips, by what they look like and how they move: which of them are worth comparing.

Shapes: N clips, R looks (long clips have several), P pairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import Fingerprint
from kinetics_builder.video.likeness.looks import NUM_VALUES, looks_of, stretches_of
from kinetics_builder.video.likeness.movements import is_still, series_of, together
from kinetics_builder.video.likeness.neighbours import Near, Neighbours

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

MOST_LOOKED_AT = 64
"""Earlier clips for one, the movements of which are looked at: those that look most like it."""

MOST_EACH = 16
"""Earlier clips that one is compared with."""

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
        self._of: list[int] = []
        self._own: list[int] = []
        self._series: list[Floats] = []

    def add(self, prints: Sequence[Fingerprint]) -> None:
        """Add some clips, one at least."""
        for place, (one, look_D) in enumerate(
            zip(prints, looks_of(prints), strict=True), len(self._series)
        ):
            self._own.append(len(self._of))
            parts = stretches_of(one, self._num_bins)
            self._looks += [look_D[None], looks_of(parts)] if parts else [look_D[None]]
            self._of += [place] * (1 + len(parts))
        self._series += series_of(prints)

    def seen(self) -> "Seen":
        """Return what was added."""
        looks_RD = np.concatenate(self._looks)
        own, of = (np.array(places, np.int64) for places in (self._own, self._of))
        still_N = np.array([is_still(series_TC) for series_TC in self._series], np.bool_)
        return Seen(looks_RD[own], Neighbours(looks_RD), of, self._series, still_N)


@dataclass(frozen=True)
class Seen:
    """What clips look like and how they move."""

    looks_ND: Floats
    neighbours: Neighbours
    of_R: Places
    """Whose a look is: in order."""
    series: list[Floats]
    still_N: NDArray[np.bool_]
    """Which clips hardly move."""

    def pairs(self, places: Places, videos_N: Places) -> Iterator[Pair]:
        """Yield for each of some clips the earlier ones of other videos worth comparing."""
        if not len(places):
            return
        num_looks = int(np.searchsorted(self.of_R, places.max()))
        for near in self.neighbours.near(self.looks_ND[places], LIKE_LOOKS, num_looks):
            place, earlier = places[near.query], self.of_R[near.place]
            is_other = (earlier < place) & (videos_N[earlier] != videos_N[place])
            yield from self._worth_comparing(*_nearest(place, earlier, near, is_other))

    def _worth_comparing(
        self, place: Places, earlier: Places, cosines_2P: Floats
    ) -> Iterator[Pair]:
        found = together([self.series[one] for one in place], [self.series[one] for one in earlier])
        is_still = self.still_N[place] | self.still_N[earlier]
        is_near = cosines_2P >= NEARLY_EQUAL_LOOKS
        least = np.where(is_near, LIKE_MOVEMENT_OF_EQUALS, LIKE_MOVEMENT)
        is_like = cosines_2P >= np.where(is_still, LIKE_LOOKS_OF_STILLS, LIKE_LOOKS)
        is_mirrored, pair = np.nonzero(is_like & (is_still | (np.stack(found) >= least)))
        order = np.lexsort((-cosines_2P[is_mirrored, pair], place[pair]))
        order = order[_number_in_run(place[pair][order]) < MOST_EACH]
        for mirrored, one in zip(is_mirrored[order], pair[order], strict=True):
            yield Pair(int(place[one]), int(earlier[one]), bool(mirrored))


def _nearest(
    place: Places, earlier: Places, near: Near, is_wanted: NDArray[np.bool_]
) -> tuple[Places, Places, Floats]:
    """Return pairs, each once, and the cosines of their nearest looks, straight and mirrored."""
    cosines_2P = np.stack([near.straight, near.mirrored])[:, is_wanted]
    place, earlier = place[is_wanted], earlier[is_wanted]
    order = np.lexsort((-cosines_2P.max(0), earlier, place))
    place, earlier, cosines_2P = place[order], earlier[order], cosines_2P[:, order]
    is_first = (np.diff(place, prepend=-1) != 0) | (np.diff(earlier, prepend=-1) != 0)
    starts = np.flatnonzero(is_first)
    if not len(starts):
        return place, earlier, cosines_2P
    place, earlier = place[starts], earlier[starts]
    cosines_2P = np.maximum.reduceat(cosines_2P, starts, axis=1)
    order = np.lexsort((-cosines_2P.max(0), place))
    order = order[_number_in_run(place[order]) < MOST_LOOKED_AT]
    return place[order], earlier[order], cosines_2P[:, order]


def _number_in_run(values: Places) -> Places:
    """Return the number of each value in its run of equal ones, from 0 on."""
    is_first = np.diff(values, prepend=-1) != 0
    starts = np.flatnonzero(is_first)
    numbers: Places = np.arange(len(values)) - np.repeat(
        starts, np.diff(np.append(starts, len(values)))
    )
    return numbers
