"""Which of yt-dlp's extractors an address is for, without asking each of some 1,750 of them.

An extractor takes addresses that its pattern matches, and most patterns match none without a
certain text, such as "youtu.be/". These texts are looked for all at once; asked are the extractors
whose text stands in the address, and those of which none is known.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

_SAYS_NOTHING = "https://www."
"""What stands in most addresses."""
_LEAST = 3
"""Letters of a text that is worth looking for."""


class Extractors:
    """Extractors in the order in which they are asked."""

    def __init__(self, extractors: Sequence[Any]) -> None:
        """Take them; their patterns are looked into when the first address comes."""
        self.all = tuple(extractors)

    def first_for(self, address: str) -> Any | None:
        """Return the first that takes an address; None where none does."""
        likely = self._likely(address) if address.isascii() else range(len(self.all))
        return next((self.all[at] for at in likely if self._takes(at, address)), None)

    def _takes(self, at: int, address: str) -> bool:
        """Ask an extractor; its pattern first where it thinks longer than to match one."""
        extractor = self.all[at]
        if at in self._thoughtful and not extractor._match_valid_url(address):
            return False
        return bool(extractor.suitable(address))

    @cached_property
    def _thoughtful(self) -> frozenset[int]:
        return frozenset(
            at
            for at, one in enumerate(self.all)
            if _owner(one.suitable.__func__) not in _BASES and _judges_by_pattern(one)
        )

    def _likely(self, address: str) -> list[int]:
        always, places, finder = self._index
        found = set(finder.find_matches_as_indexes(address.lower(), overlapping=True))
        return sorted({*always, *(at for text, _, _ in found for at in places[text])})

    @cached_property
    def _index(self) -> tuple[list[int], list[list[int]], Any]:
        """Return who is asked always, who is asked for which text, and what finds the texts."""
        from ahocorasick_rs import AhoCorasick

        always: list[int] = []
        by_text: dict[str, list[int]] = {}
        for at, extractor in enumerate(self.all):
            texts = texts_needed(extractor)
            if texts is None:
                always.append(at)
            for text in texts or ():
                by_text.setdefault(text, []).append(at)
        return always, list(by_text.values()), AhoCorasick(list(by_text))


def texts_needed(extractor: Any) -> frozenset[str] | None:
    """Return texts of which one stands in each address that an extractor takes, in small letters.

    None where there are no such texts, and where that is not known.
    """
    if not _judges_by_pattern(extractor):
        return None
    told = extractor._VALID_URL
    patterns = () if told is False else (told,) if isinstance(told, str) else tuple(told)
    return _one_of(texts_of(pattern) for pattern in patterns)


def _judges_by_pattern(extractor: Any) -> bool:
    """Say whether an extractor takes no address that its pattern does not match.

    Those of yt-dlp that judge in a way of their own leave addresses to others, and take of the
    rest what their pattern matches.
    """
    judge, matcher = extractor.suitable.__func__, extractor._match_valid_url.__func__
    is_plain = _owner(judge) in _BASES or (
        judge.__module__.startswith("yt_dlp.") and "super" in judge.__code__.co_names
    )
    return is_plain and _owner(matcher) in _BASES and extractor._VALID_URL is not None


def _owner(method: Any) -> str:
    return str(method.__qualname__).partition(".")[0]


_BASES = ("InfoExtractor", "LazyLoadExtractor")


def texts_of(pattern: str) -> frozenset[str] | None:
    r"""Return texts of which one stands in whatever ASCII text a pattern matches, in small letters.

    >>> texts_of(r"https?://(?:www\.)?films\.org/(?P<id>[0-9]+)")
    frozenset({'films.org/'})
    >>> sorted(texts_of(r"https?://(?:youtu\.be|(?:m\.)?youtube\.com)/x?"))
    ['youtu.be', 'youtube.com']
    """
    return _needed(_PARSER.parse(pattern))


def _needed(parts: Iterable[tuple[Any, Any]]) -> frozenset[str] | None:
    """Return the texts of that part of a sequence that says most."""
    best, run = None, ""
    for kind, value in (*parts, (None, None)):
        if kind is _KINDS.LITERAL and value < 128:
            run += chr(value).lower()
            continue
        said = (frozenset({run}), _of_part(kind, value))
        best = max((best, *said), key=_worth)
        run = ""
    return best if _worth(best) >= _LEAST else None


def _of_part(kind: Any, value: Any) -> frozenset[str] | None:
    if kind is _KINDS.SUBPATTERN:
        return _needed(value[-1])
    if kind is _KINDS.BRANCH:
        return _one_of(_needed(branch) for branch in value[1])
    if kind in (_KINDS.MAX_REPEAT, _KINDS.MIN_REPEAT) and value[0] > 0:
        return _needed(value[2])
    return None


def _one_of(ways: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return the texts where any of these ways may be taken; None where one needs none."""
    known: set[str] = set()
    for texts in ways:
        if texts is None:
            return None
        known |= texts
    return frozenset(known)


def _worth(texts: frozenset[str] | None) -> int:
    """Return how much the text that says least says."""
    if not texts:
        return 0
    return min(0 if text in _SAYS_NOTHING else len(text) for text in texts)


_PARSER: Any = import_module("re._parser")
_KINDS: Any = import_module("re._constants")
