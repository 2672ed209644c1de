"""What one more answer is worth: about which clip, and of which worker.

Shapes, as name suffixes: N clips, W workers, K difficulties, T truth, L looks, O outcomes of
asking several workers (how many of them say yes).
"""

from collections.abc import Iterator
from math import comb

import numpy as np

from kinetics_builder.crowd.policies.answered import Floats
from kinetics_builder.crowd.policies.chances import NO_L, YES_L, level_weights

MOST_AHEAD = 6
"""So many answers about a clip are looked ahead."""
_TINY = 1e-300


def worth_of_clips(truth_looks_NTL: Floats, yes_L: Floats, threshold: float) -> Floats:
    """Return what an answer about each clip is expected to gain, in right decisions (N).

    Accepting a clip of probability p gains p - threshold, rejecting it nothing. Asked are one to
    `MOST_AHEAD` workers, of whom each says yes with probability `yes_L`; the best number
    counts, its gain divided by it: one answer alone often changes no decision where two do.
    """
    right_NL = truth_looks_NTL[:, 1]
    all_NL = truth_looks_NTL.sum(axis=1)
    now_N = np.maximum(0, right_NL.sum(axis=1) - threshold)
    best_N = np.zeros(len(now_N))
    for num, chance_LO in _outcomes(yes_L):
        gain_NO = right_NL @ chance_LO - threshold * (all_NL @ chance_LO)
        best_N = np.maximum(best_N, (np.maximum(0, gain_NO).sum(axis=1) - now_N) / num)
    return best_N


def _outcomes(yes_L: Floats) -> Iterator[tuple[int, Floats]]:
    """Yield numbers of workers, and the chance that none, one, ... of them says yes."""
    for num in range(1, MOST_AHEAD + 1):
        ways_O = np.array([comb(num, yes) for yes in range(num + 1)])
        yes_O = np.arange(num + 1)
        yes, no = yes_L[:, None] ** yes_O, (1 - yes_L[:, None]) ** (num - yes_O)
        yield num, ways_O * yes * no


def worth_of_workers(yes_WL: Floats, spread: float) -> Floats:
    """Return how many bits an answer of each worker tells of a clip of even odds (W)."""
    level_K = level_weights(spread)
    of_no_W, of_yes_W = yes_WL[:, NO_L] @ level_K, yes_WL[:, YES_L] @ level_K
    told_W = _bits((of_no_W + of_yes_W) / 2) - (_bits(of_no_W) + _bits(of_yes_W)) / 2
    return np.maximum(0, told_W)


def _bits(chance: Floats) -> Floats:
    """Return the entropy of yes and no."""
    found: Floats = -chance * np.log2(chance + _TINY) - (1 - chance) * np.log2(1 - chance + _TINY)
    return found
