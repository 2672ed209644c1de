"""The words of a title, as they stand there and joined as a name has them."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from kinetics_builder.text.normalise import normalise, strip_accents
from kinetics_builder.text.phrases import ARTICLES

SHORTEST_JOINED = 5
"""Letters of a word that a title may have in two; of shorter ones too many are found by chance."""


@dataclass(frozen=True, slots=True)
class TitleWords:
    """A title's words, articles left out."""

    spelled: list[str]
    plain: list[str]
    """Without accents."""
    places: list[int]
    """Which word of the title each is, its first one where two are joined; and at the end the
    number of the title's words."""

    @classmethod
    def of(cls, title: str) -> "TitleWords":
        """Return the words as they stand there."""
        words = [word for word in normalise(title).split() if word not in ARTICLES]
        plain = words if title.isascii() else [strip_accents(word) for word in words]
        return cls(words, plain, list(range(len(words) + 1)))

    def joined(self, vocabulary: Collection[str]) -> "TitleWords | None":
        """Return the words with each two joined that are one in `vocabulary`; None without such.

        >>> TitleWords.of("Cross-country skiing").joined({"crosscountry"}).plain
        ['crosscountry', 'skiing']
        """
        words = self.plain
        found = [place for place, (a, b) in enumerate(pairwise(words)) if a + b in vocabulary]
        firsts = [place for place in found if _is_one(words[place], words[place + 1])]
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

    def last_place(self, index: int) -> int:
        """Return the last word of the title that word `index` stands for."""
        return self.places[index + 1] - 1


def _is_one(first: str, second: str) -> bool:
    """Say whether two words are long enough to be one that was split."""
    return min(len(first), len(second)) > 1 and len(first) + len(second) >= SHORTEST_JOINED
