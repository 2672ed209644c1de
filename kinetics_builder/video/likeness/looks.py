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
    stills_NHW = np.stack([f.stills_NHW.mean(0, dtype=np.float32) for f in fingerprints])
    movement_NHW = np.sqrt(np.stack([f.movement_HW for f in fingerprints]).astype(np.float32))
    waves = np.concatenate([_waves(stills_NHW), _waves(movement_NHW)], axis=1)
    looks_ND: Floats = _unit(waves).astype(np.float32)
    return looks_ND


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
    """Return the looks of the mirrored clips: half of the waves across change their sign."""
    signs = np.where(np.arange(NUM_WAVES) % 2, -1.0, 1.0).astype(np.float32)
    other: Floats = looks_ND * np.tile(signs, 2 * NUM_WAVES)
    return other


def _waves(pictures_NHW: Floats) -> Floats:
    """Return the coefficients of a cosine transform, weighted, each row of length 1, (N, K * K)."""
    step = STILL_SIDE // SIDE
    small = pictures_NHW.reshape(-1, SIDE, step, SIDE, step).mean((2, 4)).reshape(-1, SIDE**2)
    centred = small - np.median(small, axis=1, keepdims=True)
    levels = np.abs(centred).mean(1, keepdims=True) + 1
    even = np.clip(centred / levels, -BRIGHTEST, BRIGHTEST).reshape(-1, SIDE, SIDE)
    cosines, weights = _transform()
    return _unit((cosines @ even @ cosines.T * weights).reshape(len(even), -1))


@cache
def _transform() -> tuple[Floats, Floats]:
    """Return the cosines (K, SIDE) and the weight of each pair of waves (K, K)."""
    waves = np.arange(NUM_WAVES)[:, None]
    cosines = np.cos(np.pi * waves * (np.arange(SIDE) + 0.5) / SIDE) * np.sqrt(2 / SIDE)
    cosines[0] /= np.sqrt(2)
    sizes = np.hypot(waves, waves.T)
    weights = sizes * np.exp(-((sizes / (0.75 * NUM_WAVES)) ** 2))
    return cosines.astype(np.float32), weights.astype(np.float32)


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)
    return unit
