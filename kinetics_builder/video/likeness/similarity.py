"""How alike two fingerprints are, whatever was done to one of them on its way.

A re-upload may be rescaled, cropped, captioned, brighter, grey, shifted in time, a little faster.
So the two are first laid over each other in space (what they show and where they move), then in
time. What is then left between them is weighed: what two recordings of one room, or two people
doing the same thing, have in common is much, but nothing is left between a recording and its copy
but what was drawn over it. Weights were fitted to the demo's copies and to what
`benchmarks/duplicates.py` makes of real clips.
Shapes: T time, H height, W width, C cells.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.alignment import Alignment, align, by_chance, changes_alike
from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import (
    BIN_SECONDS,
    COLOUR_SIDE,
    MOVEMENT_SCALE,
    SIDE,
    STILL_SIDE,
    Fingerprint,
)
from kinetics_builder.video.likeness.looks import looks_of, stretches_of
from kinetics_builder.video.likeness.registration import (
    Placing,
    View,
    best_placing,
    fit,
    overlay,
    pictures_alike,
)

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

CHROMA_FREE = 16.0
"""Distance of colours, of 255 levels, that a crop, a shift and a codec may explain."""

CHROMA_LEVELS = 40.0
"""Distance beyond `CHROMA_FREE` at which likeness has fallen to 1/e."""

GREY_LEVELS = 4.0
"""Colour of a clip, of 255 levels, below which it is grey: then colours say nothing."""


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
    return max(compare(a, b), compare_mirrored(a, b)).similarity


def compare_mirrored(a: Fingerprint, b: Fingerprint) -> Likeness:
    """Return how alike one clip is to the other's mirror image."""
    return compare(a, b.mirrored())._replace(is_mirrored=True)


def compare(a: Fingerprint, b: Fingerprint) -> Likeness:
    """Return how alike two clips are, not mirrored."""
    if np.array_equal(a.film_THW, b.film_THW):
        return Likeness(_coloured(1.0, a, b))
    is_swapped = a.to_bytes() > b.to_bytes()
    if is_swapped:
        a, b = b, a
    if a.is_coarse is not b.is_coarse:
        a, b = (one if one.is_coarse else one.coarser() for one in (a, b))
    views = _views(a, b)
    placing = best_placing(*views)
    common = overlay(placing, STILL_SIDE)
    scene = pictures_alike(common.of_one(views[0].picture), common.of_other(views[1].picture))
    if scene < SAME_SCENE:
        return Likeness(round(max(0.0, scene) ** 4, 4))
    laid = _laid_better(a, b, _laid(a, b, placing))
    num_bins = min(len(a.film_THW), len(b.film_THW))
    chance = CHANCE_STRAIN * float(by_chance(len(laid.films.one_TC), num_bins))
    likeness = float(np.exp(-(_strain(laid, scene) + chance) / STRAIN_LEVELS))
    seconds = laid.films.shift_bins * BIN_SECONDS * (-1 if is_swapped else 1)
    share = len(laid.films.one_TC) / max(len(a.film_THW), len(b.film_THW))
    return Likeness(_coloured(likeness, a, b, min(1.0, share)), seconds)


def _views(a: Fingerprint, b: Fingerprint) -> list[View]:
    """Return what two clips are laid over each other by: of a longer one the fitting stretch."""
    shorter, longer = sorted((a, b), key=lambda one: len(one.film_THW))
    if parts := stretches_of(longer, len(shorter.film_THW)):
        looks_ND = looks_of([shorter.stretch(0, len(shorter.film_THW)), *parts])
        longer = parts[int(np.argmax(looks_ND[1:] @ looks_ND[0]))]
    return [_view(shorter if one is shorter else longer) for one in (a, b)]


def _view(fingerprint: Fingerprint) -> View:
    picture = fingerprint.stills_NHW.mean(0, dtype=np.float32)
    return View(picture, fingerprint.movement_HW.astype(np.float32))


class _Laid(NamedTuple):
    """Two films laid over each other in space and time."""

    placing: Placing
    films: Alignment
    shape: tuple[int, ...]
    """Rows and columns of what both show."""


def _laid(a: Fingerprint, b: Fingerprint, placing: Placing) -> _Laid:
    common = overlay(placing, SIDE)
    one_THW = common.of_one(a.film_THW.astype(np.float32))
    other_THW = common.of_other(b.film_THW.astype(np.float32))
    films = align(one_THW.reshape(len(one_THW), -1), other_THW.reshape(len(other_THW), -1))
    return _Laid(placing, films, one_THW.shape[1:])


def _laid_better(a: Fingerprint, b: Fingerprint, laid: _Laid) -> _Laid:
    """Lay films over each other anew by the stretch of time that both show alone."""
    shift, num_bins = laid.films.shift_bins, len(laid.films.one_TC)
    if abs(shift) < 1:
        return laid
    starts = max(0, int(-shift)), max(0, int(shift))
    one, other = (
        _view_of(film.film_THW[start : start + num_bins])
        for film, start in zip((a, b), starts, strict=True)
    )
    again = _laid(a, b, fit(one, other, laid.placing))
    return again if again.films.movement > laid.films.movement + 0.005 else laid


def _view_of(film_THW: NDArray[np.uint8]) -> View:
    mean_HW, spread_HW = film_THW.mean(0, dtype=np.float32), film_THW.std(0, dtype=np.float32)
    return View(mean_HW, MOVEMENT_SCALE * spread_HW)


def _strain(laid: _Laid, scene: float) -> float:
    """Return what speaks against one being a copy of the other; 0 for what fits wholly."""
    placing, films = laid.placing, laid.films
    mean_a, mean_b = (film.mean(0).reshape(laid.shape) for film in (films.one_TC, films.other_TC))
    scene = max(scene, pictures_alike(mean_a, mean_b))
    var_a, var_b = films.one_TC.var(0), films.other_TC.var(0)
    together = 2 * np.sqrt(var_a * var_b).sum()
    energy = float(together / (var_a.sum() + var_b.sum() + 0.2 * len(var_a)))
    levels = float(np.sqrt(max(var_a.mean(), var_b.mean())))
    moves = 1 - float(np.exp(-((levels / STILL_LEVELS) ** 2)))
    changes, off_speed = changes_alike(films.one_TC, films.other_TC), abs(films.speed - 1)
    best, worst = max(films.movement, changes), min(films.movement, changes)
    # Nothing was cropped, sped up or slowed down: then little may be left between them. So two
    # recordings of one camera are told apart.
    same_camera = (1 - worst) * np.exp(-placing.distance / 0.035 - off_speed / 0.02)
    moving = 6 * (1 - best) + 40 * max(0.0, LIKE_ENOUGH - best)
    moving += 10 * (1 - energy) + 80 * float(same_camera)
    cropped = 50 * max(0.0, placing.distance - FREE_CROP) + 6 * (not placing.is_crop)
    return 90 * (1 - scene) + moves * moving + cropped + 10 * off_speed


def _coloured(likeness: float, a: Fingerprint, b: Fingerprint, share: float = 1.0) -> float:
    """Return likeness less what the colours speak against it."""
    return round(min(1.0, max(0.0, likeness) * _colours_alike(a, b, share)), 4)


def _colours_alike(a: Fingerprint, b: Fingerprint, share: float) -> float:
    """Return the likeness of the colours, brightness left out, in (0, 1]; 1 if one is grey.

    Of most cells, and of most of what moves: captions cover few, and do not move. Colours are
    known of whole clips alone: the smaller the share of the longer one that both show, the less
    they say.
    """
    chroma_a, chroma_b = (
        f.colours_HWC - f.colours_HWC.mean(2, keepdims=True, dtype=np.float32) for f in (a, b)
    )
    if min(float(np.linalg.norm(c, axis=2).mean()) for c in (chroma_a, chroma_b)) < GREY_LEVELS:
        return 1.0
    apart = np.linalg.norm(chroma_a - chroma_b, axis=2).ravel()
    moving = np.sqrt(_movement_by_colours(a) * _movement_by_colours(b)) + 1e-3
    distance = share * max(float(np.median(apart)), _weighted_median(apart, moving))
    return float(np.exp(-max(0.0, distance - CHROMA_FREE) / CHROMA_LEVELS))


def _movement_by_colours(one: Fingerprint) -> Floats:
    """Return how much a clip moves in each cell of its colours: most walls are grey."""
    step = STILL_SIDE // COLOUR_SIDE
    cells = one.movement_HW.reshape(COLOUR_SIDE, step, COLOUR_SIDE, step)
    means: Floats = cells.mean((1, 3), dtype=np.float32).ravel()
    return means


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])
