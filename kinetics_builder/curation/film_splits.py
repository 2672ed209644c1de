"""Dealing films out to train, validate and test, so that each has its share of every action.

Source: iterative stratification (Sechidis, Tsoumakas, Vlahavas: "On the Stratification of
Multi-Label Data", ECML PKDD 2011), of films in the place of examples.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kinetics_builder.ava.settings import ReleaseConfig
from kinetics_builder.database.tables.values import Split

_ORDER = (Split.TRAIN, Split.VALIDATE, Split.TEST)
"""Which split gets one of too few films first."""

KEY_FRAMES = 0
"""Counted beside the actions, whose numbers begin with 1."""


def deal_films(
    films: Mapping[str, Mapping[int, int]], known: Mapping[str, Split], config: ReleaseConfig
) -> dict[str, Split]:
    """Return the split of each film.

    Those in `known` stay where they are. The others are dealt so that train, validate and test
    come near their shares of each action and of the key frames, the rarest action first; no
    split that is wanted stays empty where there are films enough. The order of `films` does not
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
    while dealing.waiting:
        rarest = dealing.rarest()
        for film in dealing.with_action(rarest):
            dealing.give(film, dealing.choose(film, rarest))
    return dict(sorted(dealing.dealt.items()))


@dataclass
class _Dealing:
    films: Mapping[str, Mapping[int, int]]
    config: ReleaseConfig
    dealt: dict[str, Split] = field(default_factory=dict)
    waiting: set[str] = field(init=False)
    wanted: dict[Split, dict[int, float]] = field(init=False)
    """How many examples of each action a split still lacks."""

    def __post_init__(self) -> None:
        self.waiting = set(self.films)
        totals = sum(map(Counter, self.films.values()), Counter[int]())
        shares = self.config.shares
        self.wanted = {
            Split(name): {action: share * number for action, number in totals.items()}
            for name, share in shares.items()
            if share > 0
        }

    def give(self, film: str, split: Split) -> None:
        """Take a film's examples off what its split lacks."""
        self.dealt[film] = split
        self.waiting.discard(film)
        lacking = self.wanted.setdefault(split, {})
        for action, number in self.films[film].items():
            lacking[action] = lacking.get(action, 0.0) - number

    def rarest(self) -> int | None:
        """Return the action with the fewest examples left; None where films have none."""
        left: Counter[int] = Counter()
        for film in self.waiting:
            left.update(self.films[film])
        actions = [one for one in left if one != KEY_FRAMES] or list(left)
        return min(actions, key=lambda one: (left[one], one), default=None)

    def with_action(self, action: int | None) -> list[str]:
        """Return the films that wait and have an action, those with the most of it first."""
        found = [film for film in self.waiting if action is None or self.films[film].get(action)]
        return sorted(
            found, key=lambda film: (-self._number(film, action), self._digest(film), film)
        )

    def choose(self, film: str, action: int | None) -> Split:
        """Return the split that lacks the action most, then key frames most."""
        empty = self._empty()
        if 0 < len(self.waiting) <= len(empty):
            return empty[0]
        return max(
            self.wanted,
            key=lambda split: (
                round(self.wanted[split].get(action or KEY_FRAMES, 0.0), 6),
                round(self.wanted[split].get(KEY_FRAMES, 0.0), 6),
                self._digest(f"{film} {split.value}"),
            ),
        )

    def _empty(self) -> list[Split]:
        """Return the splits that are wanted and have no film, in the order of `_ORDER`."""
        filled = set(self.dealt.values())
        return [split for split in _ORDER if split in self.wanted and split not in filled]

    def _number(self, film: str, action: int | None) -> int:
        return 0 if action is None else self.films[film].get(action, 0)

    def _digest(self, text: str) -> str:
        return hashlib.sha256(f"{self.config.seed}\n{text}".encode()).hexdigest()


def count_films(dealt: Iterable[Split]) -> dict[Split, int]:
    """Return how many films each split has, in the order of the splits."""
    counted = Counter(dealt)
    return {split: counted[split] for split in _ORDER}
