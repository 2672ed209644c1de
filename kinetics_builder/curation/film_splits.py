"""Dealing films out to train, validate and test, so that each has its share of every action.

Films are dealt one by one, those with most of what is rare first, each to the split that is
furthest behind its shares of what was dealt, every action weighing the same. (Iterative
stratification, Sechidis et al., ECML PKDD 2011, looks at one action at a time, which fails where
every film has every action.)
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from kinetics_builder.ava.settings import ReleaseConfig
from kinetics_builder.database.tables.values import Split

_ORDER = (Split.TRAIN, Split.VALIDATE, Split.TEST)
"""Which split gets one of too few films first."""

KEY_FRAMES = 0
"""Counted beside the actions, whose numbers begin with 1."""

_WEIGHT_OF_KEY_FRAMES = 10
"""Of one action; so splits have their shares of films, too, where there are many actions."""


def deal_films(
    films: Mapping[str, Mapping[int, int]], known: Mapping[str, Split], config: ReleaseConfig
) -> dict[str, Split]:
    """Return the split of each film.

    Those in `known` stay where they are. The others are dealt so that train, validate and test
    come near their shares of each action and of the key frames; no split that is wanted stays
    empty where there are films enough. The order of `films` does not
    matter; what is equal is decided by a hash of `config.seed` and the film's name.

    Args:
        films: How often each action is done in a film, and under `KEY_FRAMES` the number of its
            key frames; a film may stand for all its copies.
        known: Splits of films that were dealt before.
        config: The shares and the seed.

    """
    dealing = _Dealing(films, config)
    for film in sorted(known.keys() & films.keys()):
        dealing.give(film, known[film])
    waiting = dealing.in_order(films.keys() - known.keys())
    for place, film in enumerate(waiting):
        dealing.give(film, dealing.choose(film, num_left=len(waiting) - place))
    return dict(sorted(dealing.dealt.items()))


class _Dealing:
    """The films that were dealt, and what each split has."""

    def __init__(self, films: Mapping[str, Mapping[int, int]], config: ReleaseConfig) -> None:
        totals = sum(map(Counter, films.values()), Counter[int]())
        self.dealt: dict[str, Split] = {}
        self._seed = config.seed
        self._wanted = {Split(name): share for name, share in config.shares.items() if share > 0}
        self._shares = {
            film: {action: number / totals[action] for action, number in counts.items() if number}
            for film, counts in films.items()
        }
        self._waiting: dict[int, float] = dict.fromkeys(totals, 1.0)
        self._had: dict[Split, dict[int, float]] = {
            split: dict.fromkeys(totals, 0.0) for split in _ORDER
        }

    def in_order(self, films: Iterable[str]) -> list[str]:
        """Return the films, those with the greatest shares of all there is of actions first."""
        return sorted(
            films,
            key=lambda film: (
                -round(sum(self._shares[film].values()), 9),
                self._digest(film),
                film,
            ),
        )

    def give(self, film: str, split: Split) -> None:
        """Take a film's shares off what waits, and put them to what its split has."""
        self.dealt[film] = split
        for action, share in self._shares[film].items():
            self._waiting[action] -= share
            self._had[split][action] += share

    def choose(self, film: str, num_left: int) -> Split:
        """Return the split that a film is dealt to, of `num_left` films that wait."""
        filled = set(self.dealt.values())
        empty = [split for split in _ORDER if split in self._wanted and split not in filled]
        if num_left <= len(empty):
            return empty[0]
        return max(
            (split for split in _ORDER if split in self._wanted),
            key=lambda split: (self._need(film, split), self._digest(f"{film} {split.value}")),
        )

    def _need(self, film: str, split: Split) -> float:
        """Return how far a split is behind in what a film has, were the film dealt elsewhere.

        Behind is what it lacks of its share of all that will then have been dealt. What it
        lacks of all there is would fill the greatest split first: there is enough to come of
        what is common.
        """
        had, wanted = self._had[split], self._wanted[split]
        behind = (
            (action, share, wanted * (1 - self._waiting[action] + share) - had[action])
            for action, share in self._shares[film].items()
        )
        weights = {KEY_FRAMES: _WEIGHT_OF_KEY_FRAMES}
        return round(sum(weights.get(action, 1) * share * by for action, share, by in behind), 9)

    def _digest(self, text: str) -> str:
        return hashlib.sha256(f"{self._seed}\n{text}".encode()).hexdigest()


def count_films(dealt: Iterable[Split]) -> dict[Split, int]:
    """Return how many films each split has, in the order of the splits."""
    counted = Counter(dealt)
    return {split: counted[split] for split in _ORDER}
