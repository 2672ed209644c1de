"""What a clip looks like as a vector: near ones are candidates for being copies of each other.

Kinetics compared features of an image classifier, averaged over 25 frames, by their cosine
(arXiv:1705.06950, 2.4). The like without a classifier's weights: the mean picture and where it
moves, as coarse waves, the finer ones weighted more since coarse light and dark is much alike in
all pictures. Crops and codecs change it little, and most captions; those that change it much leave
the look of the rows between them. `similarity` then judges.
Shapes: N clips, H height, W width, K waves a side, D = 2 * K * K values.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import SIDE, STILL_SIDE, Fingerprint

NUM_WAVES = 8
"""Waves across and down: a look has 2 * 8 * 8 values."""

LONGER = 1.5
"""How many times as long a clip is that is looked at by stretches, too."""

NUM_VALUES = 2 * NUM_WAVES**2

BRIGHTEST = 1.5
"""What is further from the middle than this many mean distances counts as much: captions do."""


MIDDLE = slice(SIDE // 4, SIDE - SIDE // 4)
"""Rows of a small picture that lie between captions at the top and at the bottom."""


def looks_of(fingerprints: Sequence[Fingerprint]) -> Floats:
    """Return a vector of length 1 for each fingerprint, (N, D), float32."""
    return looks_in(small_pictures(fingerprints))


def small_pictures(fingerprints: Sequence[Fingerprint]) -> Floats:
    """Return what each clip shows and where it moves, (2, N, 16, 16)."""
    movement_NHW = np.sqrt(np.stack([f.movement_HW for f in fingerprints]).astype(np.float32))
    step = STILL_SIDE // SIDE
    both = np.stack([_mean_stills(fingerprints), movement_NHW])
    small: Floats = both.reshape(2, -1, SIDE, step, SIDE, step).mean((3, 5))
    return small


def looks_in(pictures_2NHW: Floats) -> Floats:
    """Return a vector of length 1 for each two pictures, or some rows of them, (N, D), float32."""
    waves = np.concatenate([_waves(pictures_NHW) for pictures_NHW in pictures_2NHW], axis=1)
    looks_ND: Floats = _unit(waves).astype(np.float32)
    return looks_ND


def _mean_stills(fingerprints: Sequence[Fingerprint]) -> Floats:
    """Return the mean of each clip's stills, (N, H, W)."""
    counts = np.array([len(f.stills_NHW) for f in fingerprints])
    all_NHW = np.concatenate([f.stills_NHW for f in fingerprints]).astype(np.float32)
    sums = np.add.reduceat(all_NHW, np.cumsum(counts) - counts, axis=0)
    means: Floats = sums / counts.astype(np.float32)[:, None, None]
    return means


def stretches_of(one: Fingerprint, num_bins: int) -> list[Fingerprint]:
    """Return the stretches of a clip that is much longer than so many pictures, each half new.

    By their looks a clip is found in a longer one that shows other things as well.
    """
    length = len(one.film_THW)
    if length <= LONGER * num_bins:
        return []
    starts = range(0, length - num_bins + 1, max(1, num_bins // 2))
    return [one.stretch(start, start + num_bins) for start in starts]


def mirrored(looks_ND: Floats) -> Floats:
    """Return the looks of the mirrored clips."""
    other: Floats = np.where(is_turned(looks_ND.shape[-1]), -looks_ND, looks_ND)
    return other


@cache
def is_turned(num_values: int) -> NDArray[np.bool_]:
    """Return which values of a look change their sign when left and right are exchanged, (D,)."""
    turned: NDArray[np.bool_] = np.tile(np.arange(NUM_WAVES) % 2 == 1, num_values // NUM_WAVES)
    return turned


def _waves(pictures_NHW: Floats) -> Floats:
    """Return the coefficients of a cosine transform, weighted, each row of length 1, (N, K * K).

    Of fewer rows fewer waves down, as fine.
    """
    num_rows = pictures_NHW.shape[1]
    small = pictures_NHW.reshape(len(pictures_NHW), -1)
    centred = small - np.median(small, axis=1, keepdims=True)
    levels = np.abs(centred).mean(1, keepdims=True) + 1
    even = np.clip(centred / levels, -BRIGHTEST, BRIGHTEST).reshape(pictures_NHW.shape)
    weights = _weights(num_rows)
    down, across = cosines(len(weights), num_rows), cosines(NUM_WAVES)
    return _unit((down @ even @ across.T * weights).reshape(len(even), -1))


@cache
def cosines(num_waves: int, side: int = SIDE) -> Floats:
    """Return the coarsest waves of a side, each of length 1, (num_waves, side)."""
    waves = np.arange(num_waves)[:, None]
    values = np.cos(np.pi * waves * (np.arange(side) + 0.5) / side) * np.sqrt(2 / side)
    values[0] /= np.sqrt(2)
    matrix: Floats = values.astype(np.float32)
    return matrix


@cache
def _weights(num_rows: int) -> Floats:
    """Return the weight of each pair of waves of pictures of so many rows."""
    across = np.arange(NUM_WAVES)
    down = np.arange(NUM_WAVES * num_rows // SIDE)[:, None] * (SIDE / num_rows)
    sizes = np.hypot(down, across)
    weights: Floats = (sizes * np.exp(-((sizes / (0.75 * NUM_WAVES)) ** 2))).astype(np.float32)
    return weights


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)
    return unit
