"""Dealing films out to train, validate and test, so that each has its share of every action.

Films are dealt one by one, those with most of what is rare first, each to the split whose
shares come nearest by it: least squares, every action weighing the same. (Iterative
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
    """The films that were dealt, and what each split still lacks."""

    def __init__(self, films: Mapping[str, Mapping[int, int]], config: ReleaseConfig) -> None:
        totals = sum(map(Counter, films.values()), Counter[int]())
        self.dealt: dict[str, Split] = {}
        self._seed = config.seed
        self._shares = {
            film: {action: number / totals[action] for action, number in counts.items() if number}
            for film, counts in films.items()
        }
        self._lacking = {
            Split(name): dict.fromkeys(totals, share)
            for name, share in config.shares.items()
            if share > 0
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
        """Take a film's shares off what its split lacks."""
        self.dealt[film] = split
        lacking = self._lacking.setdefault(split, {})
        for action, share in self._shares[film].items():
            lacking[action] = lacking.get(action, 0.0) - share

    def choose(self, film: str, num_left: int) -> Split:
        """Return the split whose shares come nearest by a film, of `num_left` that wait."""
        filled = set(self.dealt.values())
        empty = [split for split in _ORDER if split in self._lacking and split not in filled]
        if num_left <= len(empty):
            return empty[0]
        return max(
            (split for split in _ORDER if split in self._lacking),
            key=lambda split: (self._gain(film, split), self._digest(f"{film} {split.value}")),
        )

    def _gain(self, film: str, split: Split) -> float:
        """Return by how much the squared error falls, but for what is equal in all splits."""
        lacking = self._lacking[split]
        shares = self._shares[film].items()
        weights = {KEY_FRAMES: _WEIGHT_OF_KEY_FRAMES}
        gains = (
            weights.get(action, 1) * share * lacking.get(action, 0.0) for action, share in shares
        )
        return round(sum(gains), 9)

    def _digest(self, text: str) -> str:
        return hashlib.sha256(f"{self._seed}\n{text}".encode()).hexdigest()


def count_films(dealt: Iterable[Split]) -> dict[Split, int]:
    """Return how many films each split has, in the order of the splits."""
    counted = Counter(dealt)
    return {split: counted[split] for split in _ORDER}
