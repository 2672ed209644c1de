"""Which labels are suspect: scores of a classifier that had not seen the clip, and its votes.

After the confident learning of arXiv:1911.00068, whose self-confidence is what ranks here: the
probability that the classifier gives to the label that a clip has. A margin to the best other
label ranked worse where two classes are each other played backwards: right labels are close calls
there. Shapes, as name suffixes: N clips, K classes.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST = 1e-6
"""Probabilities are not believed nearer to 0 and 1 than this."""


def self_confidence(scores_NK: Floats, labels_N: Ints) -> Floats:
    """Return the probability of each clip's own label, in [0, 1].

    >>> self_confidence(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1])).tolist()
    [0.9, 0.2]
    """
    own: Floats = scores_NK[np.arange(len(labels_N)), labels_N]
    return own


def normalised_margin(scores_NK: Floats, labels_N: Ints) -> Floats:
    """Return how far each clip's own label is ahead of the best other one, scaled to [0, 1].

    >>> normalised_margin(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1])).round(2).tolist()
    [0.9, 0.2]
    """
    own = self_confidence(scores_NK, labels_N)
    others_NK = scores_NK.copy()
    others_NK[np.arange(len(labels_N)), labels_N] = -1
    margin: Floats = (own - others_NK.max(1) + 1) / 2
    return margin


def trust(own_N: Floats, num_yes_N: Ints, num_votes_N: Ints) -> Floats:
    """Return how far each label is to be trusted, in log-odds: the suspect ones are the lowest.

    Classifier and people are taken for independent witnesses: the log-odds of what either says are
    added up. Of people it is the share of yes, with one yes and one no added.

    Args:
        own_N: The self-confidence; NaN where the classifier says nothing.
        num_yes_N: Answers that the label is right.
        num_votes_N: All answers.

    """
    own = np.clip(own_N, _LEAST, 1 - _LEAST)
    seen: Floats = np.nan_to_num(np.log(own / (1 - own)), nan=0.0)
    return seen + np.log((num_yes_N + 1) / (num_votes_N - num_yes_N + 1))


def ranked(trust_N: Floats) -> list[int]:
    """Return the places of the clips, the least trusted first; of equals the earlier one."""
    return [int(place) for place in np.argsort(trust_N, kind="stable")]


def alike_adjacent(order: Sequence[int], alike: Iterable[tuple[int, int]]) -> list[int]:
    """Return the same places with each one's likes right behind the first of them.

    >>> alike_adjacent([0, 1, 2, 3], [(3, 0), (3, 2)])
    [0, 3, 2, 1]
    """
    near: Mapping[int, list[int]] = {place: [] for place in order}
    for one, other in alike:
        if one in near and other in near:
            near[one].append(other)
            near[other].append(one)
    rank = {place: number for number, place in enumerate(order)}
    placed: dict[int, None] = {}
    for first in order:
        waiting = [first]
        while waiting:
            place = waiting.pop()
            if place not in placed:
                placed[place] = None
                waiting += sorted(near[place], key=lambda one: -rank[one])
    return list(placed)
