"""What a clip looks like as a vector: near ones are candidates for being copies of each other.

Kinetics compared features of an image classifier, averaged over 25 frames, by their cosine
(arXiv:1705.06950, 2.4). The like without a classifier's weights: the mean picture and where it
moves, as coarse waves, the finer ones weighted more since coarse light and dark is much alike in
all pictures. Captions, crops and codecs change it little; `similarity` then judges.
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


def looks_of(fingerprints: Sequence[Fingerprint]) -> Floats:
    """Return a vector of length 1 for each fingerprint, (N, D), float32."""
    movement_NHW = np.sqrt(np.stack([f.movement_HW for f in fingerprints]).astype(np.float32))
    waves = np.concatenate([_waves(_mean_stills(fingerprints)), _waves(movement_NHW)], axis=1)
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
    other: Floats = np.where(is_turned(), -looks_ND, looks_ND)
    return other


@cache
def is_turned() -> NDArray[np.bool_]:
    """Return which values of a look change their sign when left and right are exchanged, (D,)."""
    turned: NDArray[np.bool_] = np.tile(np.arange(NUM_WAVES) % 2 == 1, 2 * NUM_WAVES)
    return turned


def _waves(pictures_NHW: Floats) -> Floats:
    """Return the coefficients of a cosine transform, weighted, each row of length 1, (N, K * K)."""
    step = STILL_SIDE // SIDE
    small = pictures_NHW.reshape(-1, SIDE, step, SIDE, step).mean((2, 4)).reshape(-1, SIDE**2)
    centred = small - np.median(small, axis=1, keepdims=True)
    levels = np.abs(centred).mean(1, keepdims=True) + 1
    even = np.clip(centred / levels, -BRIGHTEST, BRIGHTEST).reshape(-1, SIDE, SIDE)
    across, weights = cosines(NUM_WAVES), _weights()
    return _unit((across @ even @ across.T * weights).reshape(len(even), -1))


@cache
def cosines(num_waves: int) -> Floats:
    """Return the coarsest waves of a side, each of length 1, (num_waves, SIDE)."""
    waves = np.arange(num_waves)[:, None]
    values = np.cos(np.pi * waves * (np.arange(SIDE) + 0.5) / SIDE) * np.sqrt(2 / SIDE)
    values[0] /= np.sqrt(2)
    matrix: Floats = values.astype(np.float32)
    return matrix


@cache
def _weights() -> Floats:
    """Return the weight of each pair of waves (K, K)."""
    waves = np.arange(NUM_WAVES)[:, None]
    sizes = np.hypot(waves, waves.T)
    weights: Floats = (sizes * np.exp(-((sizes / (0.75 * NUM_WAVES)) ** 2))).astype(np.float32)
    return weights


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)
    return unit
