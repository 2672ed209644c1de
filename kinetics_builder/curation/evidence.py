"""What speaks for two classes being one: evidence by kind, and a ranking of pairs. Pure functions.

Shapes, as name suffixes: N clips, K classes, D numbers of a clip.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from kinetics_builder.curation.suspects import Floats, Ints, self_confidence

NUM_NEIGHBOURS = 10
MAX_ASKED = 20_000
"""Clips whose neighbours are looked for; of more an even share is taken."""

WEIGHTS = {
    "accepted": 0.9,
    "named": 0.9,
    "titles": 0.4,
    "confused": 0.7,
    "overlap": 0.7,
    "neighbours": 0.5,
}
"""How much each kind is believed where it says 1. They are ours: what people said counts most."""

Pair = tuple[str, str]
"""Two classes, in alphabetical order."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one kind of evidence says of a pair."""

    value: float
    """In [0, 1]."""
    said: str
    """The same for people, with the counts that it was made of."""


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """All that is known of two classes together."""

    one: str
    other: str
    suspicion: float
    """In [0, 1]: 1 minus what is left where each finding takes its weighed share away."""
    findings: Mapping[str, Finding]
    """By kind, in the order of `WEIGHTS`."""


def rank_pairs(kinds: Mapping[str, Mapping[Pair, Finding]]) -> list[PairEvidence]:
    """Return the pairs of which any kind says something, the most suspicious first.

    Equal ones stand in alphabetical order.
    """
    pairs: dict[Pair, dict[str, Finding]] = defaultdict(dict)
    for kind in WEIGHTS:
        for pair, finding in kinds.get(kind, {}).items():
            if finding.value > 0:
                pairs[pair][kind] = finding
    found = [
        PairEvidence(*pair, 1 - prod(1 - WEIGHTS[k] * f.value for k, f in said.items()), said)
        for pair, said in pairs.items()
    ]
    return sorted(found, key=lambda one: (-one.suspicion, one.one, one.other))


def shared(members: Mapping[str, Iterable[Hashable]], what: str) -> dict[Pair, Finding]:
    """Return how much each two classes share, beside the smaller of them.

    Args:
        members: What a class has.
        what: How that is called where there are several.

    """
    sets = {label: frozenset(members[label]) for label in sorted(members)}
    holders: dict[Hashable, list[str]] = defaultdict(list)
    for label, own in sets.items():
        for member in own:
            holders[member].append(label)
    counts = Counter(pair for labels in holders.values() for pair in combinations(labels, 2))
    found = {}
    for pair, num in counts.items():
        least = min(len(sets[label]) for label in pair)
        found[pair] = Finding(num / least, f"{num} of {least} {what}")
    return found


def crossed(
    given: Iterable[tuple[str, str]], sizes: Mapping[str, int], what: str
) -> dict[Pair, Finding]:
    """Return how often two classes are taken for one another, beside all that either has.

    Args:
        given: (class, what it was taken for), one for each time.
        sizes: How often a class was asked about.
        what: What was done to it, as "called".

    """
    counts = Counter(
        (min(pair), max(pair)) for pair in given if pair[0] != pair[1] and set(pair) <= sizes.keys()
    )
    found = {}
    for (one, other), num in counts.items():
        both = sizes[one] + sizes[other]
        found[one, other] = Finding(min(1.0, num / both), f"{num} of {both} {what}")
    return found


def overlaps(scores_NK: Floats, labels_N: Ints, names: Sequence[str]) -> dict[Pair, Finding]:
    """Return how many clips of two classes a classifier surely takes for the other one.

    Surely: with a probability of at least what it gives to that class's own clips on average, and
    more than to any other class of which that is so (arXiv:1911.00068, section 3).
    """
    own_N = self_confidence(scores_NK, labels_N)
    least_K = [own_N[labels_N == k].mean() if (labels_N == k).any() else 2 for k in _range(names)]
    sure_NK = np.where(scores_NK >= np.array(least_K), scores_NK, -1)
    best_N = np.where(sure_NK.max(1) > 0, sure_NK.argmax(1), labels_N)
    given = [(names[label], names[best]) for label, best in zip(labels_N, best_N, strict=True)]
    return crossed(given, _sizes(labels_N, names), "clips surely the other")


def neighbours(
    numbers_ND: Floats, labels_N: Ints, groups: Sequence[str], names: Sequence[str]
) -> dict[Pair, Finding]:
    """Return how many of the nearest clips of a class's clips are of another class.

    Those of one group, as a video, are not neighbours. Beside that share is what chance gives; the
    value is how far it is above that.
    """
    step = -(-len(labels_N) // MAX_ASKED)
    kept = slice(None, None, step or 1)
    spread_D = numbers_ND.std(0)
    near_ND = ((numbers_ND - numbers_ND.mean(0)) / np.where(spread_D, spread_D, 1))[kept]
    labels_N, groups_N = labels_N[kept], np.unique(list(groups)[kept], return_inverse=True)[1]
    squares_N = (near_ND**2).sum(1)
    counts_KK = np.zeros((len(names), len(names)))
    num_near = min(NUM_NEIGHBOURS, max(0, len(labels_N) - 1))
    for first in range(0, len(labels_N), 1000):
        some = slice(first, first + 1000)
        apart = squares_N - 2 * near_ND[some] @ near_ND.T
        apart[groups_N[some, None] == groups_N] = np.inf
        nearest = np.argsort(apart, axis=1, kind="stable")[:, :num_near]
        for label, places in zip(labels_N[some], nearest, strict=True):
            np.add.at(counts_KK[label], labels_N[places], 1)
    return _above_chance(counts_KK, labels_N, names)


def _above_chance(counts_KK: Floats, labels_N: Ints, names: Sequence[str]) -> dict[Pair, Finding]:
    size_K = np.bincount(labels_N, minlength=len(names)) / max(1, len(labels_N))
    share_KK = counts_KK / np.maximum(1, counts_KK.sum(1, keepdims=True))
    found = {}
    for one, other in combinations(_range(names), 2):
        share = (share_KK[one, other] + share_KK[other, one]) / 2
        chance = (size_K[one] + size_K[other]) / 2
        above = (share - chance) / (1 - chance) if chance < 1 else 0.0
        if above > 0:
            pair = tuple(sorted((names[one], names[other])))
            said = f"{share:.0%} of the nearest clips, by chance {chance:.0%}"
            found[pair[0], pair[1]] = Finding(float(above), said)
    return found


def _range(names: Sequence[str]) -> range:
    return range(len(names))


def _sizes(labels_N: Ints, names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(labels_N, minlength=len(names))
    return {name: int(num) for name, num in zip(names, counts, strict=True)}
