"""The ways of reading a title: its words as they stand there, joined, and in parts.

"jet skiing" is read as "jetskiing" too, "handwashing" as "hand washing", #ArmWrestling as "arm
wrestling", "breakdancing69" as "breakdancing".
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from kinetics_builder.text.matching.titles import Halves, Title, TitleWords

PARTED = 0.92
"""The title has in one word what the name has in several, or digits beside it."""
SHORTEST_PIECE = 4
"""Letters beside digits that are looked at as a word."""

_MIXED_WORD = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
_LETTERS = re.compile(r"[^\W\d_]+")


class Reading(NamedTuple):
    """One way of reading a title."""

    words: TitleWords
    weight: float
    """What finds in it count, beside those in the words as they stand there."""


class Readings:
    """What the words of titles may be joined to, and parted into."""

    def __init__(self, halves: Halves, compounds: Mapping[str, tuple[str, ...]]) -> None:
        """Take the words that a title may have in two, and those that it may have in one."""
        self._halves, self.compounds = halves, compounds

    def of(self, title: Title) -> list[Reading]:
        """Return all ways of reading a title, first the words as they stand there."""
        words = title.words
        readings = [Reading(words, 1.0)]
        joined = words.joined(self._halves)
        if joined is not None:
            readings.append(Reading(joined, 1.0))
        parts = self._parts(words.plain) | title.humps()
        if parts:
            readings.append(Reading(words.parted(parts), PARTED))
        return readings

    def _parts(self, words: list[str]) -> dict[int, tuple[str, ...]]:
        """Return place -> parts of the words that are several: compounds, digits beside letters."""
        parts = {}
        if not self.compounds.keys().isdisjoint(words):
            parts = {
                place: self.compounds[word]
                for place, word in enumerate(words)
                if word in self.compounds
            }
        if _MIXED_WORD.search(" ".join(words)):
            for place, word in enumerate(words):
                pieces = [p for p in _LETTERS.findall(word) if len(p) >= SHORTEST_PIECE]
                if pieces and pieces != [word]:
                    parts.setdefault(place, tuple(pieces))
        return parts
