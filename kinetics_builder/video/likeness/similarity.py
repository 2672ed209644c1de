"""How alike two fingerprints are, whatever was done to one of them on its way.

A re-upload may be rescaled, cropped, captioned, brighter, grey, shifted in time, a little faster.
So the two are first laid over each other in space (what they show and where they move), then in
time. What is then left between them is weighed: what two recordings of one room, or two people
doing the same thing, have in common is much, but nothing is left between a recording and its copy
but what was drawn over it. Weights were fitted to the demo's copies and to what
`benchmarks/duplicates.py` makes of real clips.
Shapes: P pairs, V views, T time, H height, W width, C cells.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.database.bulk import batches
from kinetics_builder.video.likeness.alignment import (
    Alignment,
    align,
    align_again,
    changes_alike,
)
from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.colours import colours_alike
from kinetics_builder.video.likeness.fingerprint import (
    BIN_SECONDS,
    MOVEMENT_SCALE,
    SIDE,
    STILL_SIDE,
    Fingerprint,
)
from kinetics_builder.video.likeness.looks import looks_of, stretches_of
from kinetics_builder.video.likeness.pictures import Parts, pictures_alike
from kinetics_builder.video.likeness.placings import (
    Placings,
    distances,
    may_be_crops,
    overlays,
)
from kinetics_builder.video.likeness.registration import best_placings, fit
from kinetics_builder.video.likeness.shifts import by_chance

SAME_SCENE = 0.55
"""Likeness of the mean pictures below which nothing else is compared."""

STILL_LEVELS = 2.0
"""Grey levels of movement around which it begins to count: below, it is mostly noise."""

STRAIN_LEVELS = 26.0
"""Strain at which likeness has fallen to 1/e."""

FREE_CROP = 0.12
"""Crop, as a share of a side, that costs nothing."""

CHANCE_STRAIN = 24.0
"""Strain of what both show being so short that it says nothing."""

LIKE_ENOUGH = 0.85
"""Likeness of movement that codecs and captions leave of that of a copy, at least."""


class Likeness(NamedTuple):
    """How alike two clips are, and how one lies on the other."""

    similarity: float
    """In [0, 1]: 1 for equal fingerprints."""
    shift_seconds: float = 0.0
    """By how much later the second shows what both show."""
    is_mirrored: bool = False


def similarity(a: Fingerprint, b: Fingerprint) -> float:
    """Return how alike two clips are, in [0, 1]: 1 for equal fingerprints, symmetric.

    Left and right may be exchanged.
    """
    return max(compare_all([(a, b, False), (a, b, True)])).similarity


def compare(a: Fingerprint, b: Fingerprint) -> Likeness:
    """Return how alike two clips are, not mirrored."""
    return compare_all([(a, b, False)])[0]


def compare_mirrored(a: Fingerprint, b: Fingerprint) -> Likeness:
    """Return how alike one clip is to the other's mirror image, whichever is mirrored."""
    return compare_all([(a, b, True)])[0]


def compare_all(pairs: Sequence[tuple[Fingerprint, Fingerprint, bool]]) -> list[Likeness]:
    """Return how alike the two clips of each pair are, the second as it is or mirrored.

    Many at once take half the time or less that they take one by one, and are as alike.
    """
    likenesses = [Likeness(0.0)] * len(pairs)
    ordered = [_in_order(*pair) for pair in pairs]
    by_lengths = sorted(range(len(pairs)), key=lambda at: ordered[at].lengths)
    for some in batches(by_lengths, _AT_ONCE):
        for at, likeness in zip(some, _compared([ordered[at] for at in some]), strict=True):
            likenesses[at] = likeness._replace(is_mirrored=pairs[at][2])
    return likenesses


_AT_ONCE = 12
"""Pairs that are compared together: the pictures of many more would not stay beside a core."""


class _Pair(NamedTuple):
    """Two clips in the order of their bytes, whichever is then mirrored: likeness is symmetric."""

    one: Fingerprint
    other: Fingerprint
    is_swapped: bool

    @property
    def lengths(self) -> tuple[int, int]:
        """Pictures of the two films: pairs of equal ones are laid over each other together."""
        return len(self.one.film_THW), len(self.other.film_THW)

    @property
    def is_equal(self) -> bool:
        """Whether both show the very same film."""
        return np.array_equal(self.one.film_THW, self.other.film_THW)

    def coloured(self, likeness: float, share: float = 1.0) -> float:
        """Return likeness less what the colours speak against it."""
        alike = colours_alike(self.one, self.other, share)
        return round(min(1.0, max(0.0, likeness) * alike), 4)


def _in_order(a: Fingerprint, b: Fingerprint, is_mirrored: bool) -> _Pair:
    is_swapped = a.to_bytes() > b.to_bytes()
    one, other = (b, a) if is_swapped else (a, b)
    other = other.mirrored() if is_mirrored else other
    if one.is_coarse is not other.is_coarse and not np.array_equal(one.film_THW, other.film_THW):
        one, other = (film if film.is_coarse else film.coarser() for film in (one, other))
    return _Pair(one, other, is_swapped)


def _compared(pairs: Sequence[_Pair]) -> list[Likeness]:
    found = {at: Likeness(pair.coloured(1.0)) for at, pair in enumerate(pairs) if pair.is_equal}
    rest = [at for at in range(len(pairs)) if at not in found]
    if rest:
        found |= zip(rest, _different([pairs[at] for at in rest]), strict=True)
    return [found[at] for at in range(len(pairs))]


def _different(pairs: Sequence[_Pair]) -> list[Likeness]:
    """Return the likeness of pairs of different films."""
    views = [_views(pair.one, pair.other) for pair in pairs]
    one_PVHW, other_PVHW = (np.stack(some) for some in zip(*views, strict=True))
    placings_P4 = best_placings(one_PVHW, other_PVHW)
    common = overlays(placings_P4, STILL_SIDE)
    one_P1N, other_P1N = (
        views[:, :1].reshape(len(pairs), 1, -1) for views in (common.of_ones(one_PVHW), other_PVHW)
    )
    scenes_P = pictures_alike(one_P1N, other_P1N, Parts(common.within_PHW))[:, 0]
    found = [Likeness(round(max(0.0, scene) ** 4, 4)) for scene in scenes_P.tolist()]
    if alike := np.flatnonzero(scenes_P >= SAME_SCENE).tolist():
        like_pairs = [pairs[at] for at in alike]
        laid = _laid_better(like_pairs, _laid(like_pairs, placings_P4[alike]))
        strains = _strains(laid, scenes_P[alike])
        for at, one, strain in zip(alike, laid, strains.tolist(), strict=True):
            found[at] = _likeness(pairs[at], one.films, strain)
    return found


def _likeness(pair: _Pair, films: Alignment, strain: float) -> Likeness:
    num_shared, lengths = len(films.one_TC), pair.lengths
    chance = CHANCE_STRAIN * float(by_chance(num_shared, min(lengths)))
    likeness = float(np.exp(-(strain + chance) / STRAIN_LEVELS))
    seconds = films.shift_bins * BIN_SECONDS * (-1 if pair.is_swapped else 1)
    share = min(1.0, num_shared / max(lengths))
    return Likeness(pair.coloured(likeness, share), seconds)


def _views(a: Fingerprint, b: Fingerprint) -> list[Floats]:
    """Return what two clips are laid over each other by: of a longer one the fitting stretch."""
    shorter, longer = sorted((a, b), key=lambda one: len(one.film_THW))
    if parts := stretches_of(longer, len(shorter.film_THW)):
        looks_ND = looks_of([shorter.stretch(0, len(shorter.film_THW)), *parts])
        longer = parts[int(np.argmax(looks_ND[1:] @ looks_ND[0]))]
    return [_view(shorter if one is shorter else longer) for one in (a, b)]


def _view(one: Fingerprint) -> Floats:
    """Return what a clip shows and where it moves, (2, 32, 32)."""
    return np.stack([one.stills_NHW.mean(0, dtype=np.float32), one.movement_HW], dtype=np.float32)


class _Laid(NamedTuple):
    """Two films laid over each other in space and time."""

    placing: Placings
    """(4,)."""
    films: Alignment
    is_within_C: NDArray[np.bool_]
    """Which cells of the other both show."""


def _laid(
    pairs: Sequence[_Pair], placings_P4: Placings, before: Sequence[_Laid] | None = None
) -> list[_Laid]:
    """Lay the films of pairs over each other, those of equal lengths together.

    Where they lay before, they are laid at the same speed again, and about as much later.
    """
    within_PC = overlays(placings_P4, SIDE).within_PHW.reshape(len(pairs), -1)
    found: list[_Laid] = []
    numbered = groupby(enumerate(pairs), key=lambda numbered: numbered[1].lengths)
    for some in ([at for at, _ in group] for _, group in numbered):
        alone = within_PC[some][:, None]
        one, other = (
            np.stack([films.film_THW for films in side], dtype=np.float32, casting="unsafe")
            for side in ([pairs[at].one for at in some], [pairs[at].other for at in some])
        )
        one = overlays(placings_P4[some], SIDE).of_ones(one)
        one_PTC, other_PTC = (x.reshape(*x.shape[:2], -1) * alone for x in (one, other))
        num_cells_P = alone.sum((1, 2)).astype(np.float32)
        if before is None:
            films = align(one_PTC, other_PTC, num_cells_P)
        else:
            known = [before[at].films for at in some]
            films = align_again(one_PTC, other_PTC, num_cells_P, known)
        found += map(_Laid, placings_P4[some], films, within_PC[some])
    return found


def _laid_better(pairs: Sequence[_Pair], laid: list[_Laid]) -> list[_Laid]:
    """Lay films over each other anew by the stretch of time that both show alone."""
    shifted = [at for at, one in enumerate(laid) if abs(one.films.shift_bins) >= 1]
    if not shifted:
        return laid
    views = [_shared_views(pairs[at], laid[at].films) for at in shifted]
    one_PVHW, other_PVHW = (np.stack(some) for some in zip(*views, strict=True))
    before = [laid[at] for at in shifted]
    placings_P4 = fit(one_PVHW, other_PVHW, np.stack([one.placing for one in before]))
    better = list(laid)
    again = _laid([pairs[at] for at in shifted], placings_P4, before)
    for at, one in zip(shifted, again, strict=True):
        if one.films.movement > laid[at].films.movement + 0.005:
            better[at] = one
    return better


def _shared_views(pair: _Pair, films: Alignment) -> list[Floats]:
    """Return the views of the stretch that both show, (2, 16, 16) each."""
    num_bins, shift = len(films.one_TC), films.shift_bins
    starts = max(0, int(-shift)), max(0, int(shift))
    parts = (
        one.film_THW[start : start + num_bins].astype(np.float32)
        for one, start in zip(pair[:2], starts, strict=True)
    )
    return [np.stack([part.mean(0), MOVEMENT_SCALE * part.std(0)]) for part in parts]


def _strains(laid: Sequence[_Laid], scenes_P: Floats) -> Floats:
    """Return what speaks against one being a copy of the other; 0 for what fits wholly, (P,)."""
    placings_P4 = np.stack([one.placing for one in laid])
    means_a, means_b = (
        np.stack([film.mean(0) for film in films])[:, None]
        for films in ([one.films.one_TC for one in laid], [one.films.other_TC for one in laid])
    )
    parts = Parts(np.stack([one.is_within_C for one in laid]))
    scenes_P = np.maximum(scenes_P, pictures_alike(means_a, means_b, parts)[:, 0])
    far_P, crops_P = distances(placings_P4), may_be_crops(placings_P4)
    cropped_P = 50 * np.maximum(0.0, far_P - FREE_CROP) + 6 * ~crops_P
    moving_P = [_moving(one, far) for one, far in zip(laid, far_P.tolist(), strict=True)]
    strains_P: Floats = 90 * (1 - scenes_P) + moving_P + cropped_P
    return strains_P


def _moving(laid: _Laid, distance: float) -> float:
    """Return what speaks against it in how the two move."""
    films, num_cells = laid.films, int(laid.is_within_C.sum())
    var_a, var_b = films.one_TC.var(0), films.other_TC.var(0)
    together = 2 * np.sqrt(var_a * var_b).sum()
    energy = float(together / (var_a.sum() + var_b.sum() + 0.2 * num_cells))
    levels = float(np.sqrt(max(var_a.sum(), var_b.sum()) / num_cells))
    moves = 1 - float(np.exp(-((levels / STILL_LEVELS) ** 2)))
    changes = changes_alike(films.one_TC, films.other_TC, num_cells)
    best, worst, off_speed = *sorted((films.movement, changes))[::-1], abs(films.speed - 1)
    # Nothing was cropped, sped up or slowed down: then little may be left between them. So two
    # recordings of one camera are told apart.
    same_camera = (1 - worst) * np.exp(-distance / 0.035 - off_speed / 0.02)
    moving = 6 * (1 - best) + 40 * max(0.0, LIKE_ENOUGH - best)
    moving += 10 * (1 - energy) + 80 * float(same_camera)
    return moves * moving + 10 * off_speed
