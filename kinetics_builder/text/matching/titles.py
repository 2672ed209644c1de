"""The words of a title, as they stand there and joined as a name has them."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from unicodedata import normalize

from kinetics_builder.text.matching.phrases import ARTICLES
from kinetics_builder.text.normalise import spaced, split_words, strip_accents, words_of

SHORTEST_JOINED = 5
"""Letters of a word that a title may have in two; of shorter ones too many are found by chance."""


_SMALL, _LARGE = "a-z\u00df-\u00ff", "A-Z\u00c0-\u00de"
_HUMP = re.compile(f"(?<=[{_SMALL}])(?=[{_LARGE}])|(?<=[{_LARGE}])(?=[{_LARGE}][{_SMALL}])")
_TAG = re.compile(r"#\S+")


class TitleWords(NamedTuple):
    """A title's words, articles left out."""

    spelled: list[str]
    plain: list[str]
    """Without accents."""
    places: Sequence[int]
    """Which word of the title each is, its first one where two are joined; and at the end the
    number of the title's words."""

    @classmethod
    def of(cls, title: str) -> "TitleWords":
        """Return the words as they stand there."""
        return Title(title).words

    @classmethod
    def as_read(cls, words: list[str]) -> "TitleWords":
        """Return a title's words, none of which has accents or is an article."""
        return cls(words, words, range(len(words) + 1))

    def joined(self, halves: "Halves") -> "TitleWords | None":
        """Return the words with each two joined that are one word of `halves`; None without such.

        >>> TitleWords.of("Cross-country skiing").joined(Halves({"crosscountry"})).plain
        ['crosscountry', 'skiing']
        """
        firsts = halves.places(self.plain)
        if not firsts:
            return None
        spelled: list[str] = []
        plain: list[str] = []
        places: list[int] = []
        at = 0
        while at < len(self.plain):
            length = 2 if at in firsts else 1
            spelled.append("".join(self.spelled[at : at + length]))
            plain.append("".join(self.plain[at : at + length]))
            places.append(at)
            at += length
        return TitleWords(spelled, plain, [*places, at])

    def parted(self, parts: Mapping[int, tuple[str, ...]]) -> "TitleWords":
        """Return the words with some in parts: place -> the words in its place.

        >>> TitleWords.of("global handwashing day").parted({1: ("hand", "washing")}).plain
        ['global', 'hand', 'washing', 'day']
        """
        pieces = [(place, parts.get(place, (word,))) for place, word in enumerate(self.plain)]
        plain = [word for _, words in pieces for word in words]
        places = [place for place, words in pieces for _ in words]
        return TitleWords(plain, plain, [*places, len(self.plain)])

    def last_place(self, index: int) -> int:
        """Return the last word of the title that word `index` stands for."""
        return max(self.places[index], self.places[index + 1] - 1)

    def goes_on(self, index: int) -> bool:
        """Say whether word `index` and the next are parts of one word of the title."""
        return index >= 0 and self.places[index] == self.places[index + 1]

    def last_places(self) -> list[int]:
        """Return the last word of the title that each word stands for."""
        return [max(first, after - 1) for first, after in pairwise(self.places)]


class Halves:
    """Words that a title may have in two, found by their first and their second half."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        """Take the words."""
        self.whole = frozenset(word for word in vocabulary if len(word) >= SHORTEST_JOINED)
        cuts = [(word, at) for word in self.whole for at in range(2, len(word) - 1)]
        self.firsts = frozenset(word[:at] for word, at in cuts)
        self.seconds = frozenset(word[at:] for word, at in cuts)

    def places(self, words: list[str]) -> list[int]:
        """Return where in `words` the first halves of such words stand."""
        if self.firsts.isdisjoint(words) or self.seconds.isdisjoint(words):
            return []
        return [
            place
            for place, (first, second) in enumerate(pairwise(words))
            if first in self.firsts and second in self.seconds and first + second in self.whole
        ]


class Title:
    """A title, read once: its words, and where each stands."""

    __slots__ = ("_all", "_composed", "_spaced", "words")

    def __init__(self, title: str) -> None:
        """Take a title as it was written."""
        if title.isascii():
            self._composed, self._spaced = title, spaced(title)
            self._all = split_words(title) if self._spaced is None else self._spaced.split()
            kept = plain = _without_articles(self._all)
        else:
            self._composed, self._spaced = normalize("NFC", title), None
            self._all = split_words(self._composed)
            kept = _without_articles(self._all)
            plain = strip_accents(" ".join(kept)).split()
        self.words = TitleWords(kept, plain, range(len(kept) + 1))

    def humps(self) -> dict[int, tuple[str, ...]]:
        """Return the words of hashtags that are several: their places and parts.

        >>> Title("I do #ArmWrestling, #a11y").humps()
        {2: ('arm', 'wrestling')}
        """
        composed = self._composed
        if "#" not in composed or not any(map(has_hump, _TAG.findall(composed))):
            return {}
        kept = [word for word in words_of(composed) if word.text not in ARTICLES]
        found = {}
        for place, word in enumerate(kept):
            if composed[word.start - 1 : word.start] == "#":
                parts = _HUMP.sub(" ", composed[word.start : word.end])
                words = [part for part in split_words(parts) if part not in ARTICLES]
                if words[1:]:
                    found[place] = tuple(map(strip_accents, words))
        return found

    def told(self, first: int, last: int) -> str:
        """Return words `first` to `last`, articles left out, as they stand there.

        >>> Title("Me, CATCHING  the Ball!!").told(1, 2)
        'CATCHING  the Ball'
        """
        composed, text = self._composed, self._spaced or spaced(self._composed)
        parts = [] if text is None else text.split()
        if text is None or len(parts) != len(self._all):
            kept = [word for word in words_of(composed) if word.text not in ARTICLES]
            return composed[kept[first].start : kept[last].end]
        if len(self._all) != len(self.words.plain):
            places = [place for place, word in enumerate(self._all) if word not in ARTICLES]
            first, last = places[first], places[last]
        start = len(text) - len(text.split(None, first)[first])
        end = len(text) - len(text.split(None, last)[last]) + len(parts[last])
        return composed[start:end]


def has_hump(text: str) -> bool:
    """Say whether a word may be several, as letters within it are large.

    >>> has_hump("#ArmWrestling"), has_hump("#armwrestling")
    (True, False)
    """
    return _HUMP.search(text) is not None


def _without_articles(words: list[str]) -> list[str]:
    if ARTICLES.isdisjoint(words):
        return words
    return [word for word in words if word not in ARTICLES]
