"""How often small movements, which are learnt from the clips themselves, come in each of them.

Little pieces of the fingerprints' films are grouped, and the middle of a group is a word. A clip is
told by how much of each word there is in each quarter of its time, wherever in the picture: so a
thing is found again in another place, and its order in time is kept. (Words from k-means on
whitened patches: Coates and Ng, Learning Feature Representations with K-means, 2012.)
Shapes, as name suffixes: V = 2 views (as it is, mirrored), N clips or pieces, D values, K words,
T = 32 times, H and W = 16 cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import Fingerprint
from kinetics_builder.video.likeness.motion_numbers import TIMES, resampled

_PIECE = (8, 6, 6)
"""Times, cells down, cells across."""
_STRIDE = 2
_PIECES_OF_A_CLIP = 20
"""That are learnt from, drawn by how much there is to be seen in them."""
_MAX_LEARNT = 20_000
_DIRECTIONS = 80
_WORDS = 300
_ROUNDS = 5
_LEAST = 1.0
"""How like a word a piece must be to count."""
_QUARTERS = 4


@dataclass(frozen=True, eq=False)
class MotionWords:
    """What pieces are compared with."""

    words_DK: Floats
    offset_K: Floats

    @classmethod
    def learnt_from(cls, prints: Sequence[Fingerprint], *, seed: int = 0) -> Self:
        """Return the words of some clips, one at least; equal clips and seeds give equal words."""
        random = np.random.default_rng(seed)
        each = max(1, min(_PIECES_OF_A_CLIP, _MAX_LEARNT // len(prints)))
        places = range(0, len(prints), -(-len(prints) // _MAX_LEARNT))
        drawn = np.concatenate([_drawn(_film(prints[n]), each, random) for n in places])
        mean_D = drawn.mean(0)
        values, vectors = np.linalg.eigh(np.cov(drawn.T))
        best = np.argsort(values)[::-1][:_DIRECTIONS]
        evened = vectors[:, best] / np.sqrt(values[best] + 0.05 * values.max() + 1e-12)
        words_DK = evened @ _grouped(_unit((drawn - mean_D) @ evened), random).T
        return cls(words_DK, mean_D @ words_DK)

    def told(self, print_: Fingerprint) -> Floats:
        """Return how much there is of each word in each quarter of a clip, and at most at once."""
        pieces = _pieces(_film(print_), _STRIDE)
        like = np.maximum(pieces @ self.words_DK - self.offset_K - _LEAST, 0)
        quarters = [part.mean((0, 1, 2)) for part in np.array_split(like, _QUARTERS)]
        told: Floats = np.sqrt(np.concatenate([*quarters, like.max((0, 1, 2))]))
        return told


def _film(print_: Fingerprint) -> Floats:
    """Return what differs from the background, scaled to a deviation of 1."""
    film_THW = resampled(print_.film_THW.astype(float), TIMES)
    apart_THW = film_THW - np.median(film_THW, 0)
    scaled: Floats = apart_THW / (apart_THW.std() + 1e-6)
    return scaled


def _pieces(film_THW: Floats, stride: int) -> Floats:
    """Return all pieces of a film, by their place in time, down and across."""
    windows = sliding_window_view(film_THW, _PIECE)[::stride, ::stride, ::stride]
    pieces: Floats = windows.reshape(*windows.shape[:3], -1)
    return pieces


def _drawn(film_THW: Floats, number: int, random: np.random.Generator) -> Floats:
    pieces_ND = _pieces(film_THW, 1).reshape(-1, int(np.prod(_PIECE)))
    weights_N = (pieces_ND**2).sum(1) + 1e-12
    drawn: Floats = pieces_ND[random.choice(len(pieces_ND), number, p=weights_N / weights_N.sum())]
    return drawn


def _unit(vectors_ND: Floats) -> Floats:
    units: Floats = vectors_ND / (np.linalg.norm(vectors_ND, axis=1, keepdims=True) + 1e-9)
    return units


def _grouped(units_ND: Floats, random: np.random.Generator) -> Floats:
    """Return the directions of the groups, by k-means of directions."""
    num_words = min(_WORDS, len(units_ND))
    words_KD = units_ND[random.choice(len(units_ND), num_words, replace=False)]
    for _ in range(_ROUNDS):
        nearest_N = (units_ND @ words_KD.T).argmax(1)
        sums_KD = np.zeros_like(words_KD)
        np.add.at(sums_KD, nearest_N, units_ND)
        is_used_K = np.bincount(nearest_N, minlength=num_words) > 0
        words_KD = np.where(is_used_K[:, None], _unit(sums_KD), words_KD)
    return words_KD
