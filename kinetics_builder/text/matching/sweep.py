"""The binary rule over many titles at once: what `Matcher.match` gives, several times as fast.

Words become numbers, and what can be said of numbers is said of all words of all titles together:
where a name stands, and which titles have the words of one apart. Only what was found is looked at
one by one.

Suffixes of arrays: B a byte of the text, W a word that is no article, P a pair of a title and a
name of which it has two words.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.text.matching.gapped import GappedIndex, Group
from kinetics_builder.text.matching.phrases import ARTICLES
from kinetics_builder.text.matching.titles import Halves
from kinetics_builder.text.normalise import ASCII_BYTES, alike

Ints = NDArray[np.int64]

_UNKNOWN, _ARTICLE = 0, 1
"""Numbers of words."""
_END = ord("\n")
_TABLE = bytes(
    0 if chr(code) in "'`" else code if chr(code) in "\n&" else small
    for code, small in enumerate(ASCII_BYTES)
)
"""Apostrophes vanish, ends of lines and `&` stay."""


class Words(NamedTuple):
    """The words of several titles, one after another, articles left out."""

    number_W: Ints
    title_W: Ints
    start_W: Ints
    """First character of each word in the text."""
    end_W: Ints
    begins: list[int]
    """Title -> its first word, and at the end the number of all words."""
    place_W: Ints
    """Index among `flat`."""
    flat: list[str]

    def text(self, word: int) -> str:
        """Return one word."""
        text = self.flat[self.place_W[word]]
        return "and" if text == "&" else text

    def of(self, title: int) -> list[str]:
        """Return the words of one title."""
        places = self.place_W[self.begins[title] : self.begins[title + 1]].tolist()
        words = [self.flat[place] for place in places]
        return ["and" if word == "&" else word for word in words] if "&" in words else words


class Lines(NamedTuple):
    """Titles as they are looked at together, one a line."""

    composed: list[str]
    """Each title as its words are quoted."""
    plain: Ints
    """Which titles are read together; the others have words of letters beyond ASCII."""
    text: str
    """What `words` are of: those titles as they are quoted, each a line."""
    letters: str
    """The same text in ASCII."""
    words: Words

    def told(self, line: int, first: int, last: int) -> str:
        """Return words `first` to `last` of a line as they are quoted."""
        begin = self.words.begins[line]
        start, end = self.words.start_W[begin + first], self.words.end_W[begin + last]
        return self.text[start:end]

    def beside_digits(self, least: int) -> set[int]:
        """Return the lines with a word of so many letters or more and a digit beside them."""
        letters = self.letters.encode("ascii").translate(_TABLE, b"'`")
        letter_B = np.frombuffer(letters, np.uint8)
        if len(letter_B) <= least:
            return set()
        is_run = is_letter = letter_B >= ord("a")
        is_digit = (letter_B >= ord("0")) & (letter_B <= ord("9"))
        for _ in range(least - 1):
            is_run = is_run[:-1] & is_letter[len(is_letter) - len(is_run) + 1 :]
        before = np.flatnonzero(is_digit[: len(is_run) - 1] & is_run[1:])
        after = np.flatnonzero(is_run[:-1] & is_digit[least:])
        ends = np.flatnonzero(letter_B == _END)
        return {*np.searchsorted(ends, np.concatenate([before, after])).tolist()}

    def having(self, mark: str, wanted: Callable[[str], object]) -> set[int]:
        """Return the lines with `mark` before letters that are `wanted`."""
        if mark not in self.text:
            return set()
        places = [
            found.start()
            for found in re.finditer(rf"{re.escape(mark)}\S+", self.text)
            if wanted(found.group())
        ]
        ends = np.flatnonzero(np.frombuffer(self.letters.encode("ascii"), np.uint8) == _END)
        return {*np.searchsorted(ends, places).tolist()}


class Numbers:
    """The number of each word that a name has, from 2 on."""

    def __init__(self) -> None:
        self._numbers = dict.fromkeys(ARTICLES, _ARTICLE)
        self._numbers["&"] = self.of("and")

    def __len__(self) -> int:
        return len(self._numbers) + 2

    def of(self, word: str) -> int:
        """Return the number of a word, a new one if it has none."""
        return self._numbers.setdefault(word, len(self))

    def of_titles(self, titles: Sequence[list[str]]) -> Words:
        """Return the words of titles that were read before; where each stands is not told."""
        flat = [word for words in titles for word in words]
        count = np.array([len(words) for words in titles], np.int64)
        numbers = map(self._numbers.get, flat, repeat(_UNKNOWN))
        nowhere = np.zeros(len(flat), np.int64)
        return Words(
            number_W=np.fromiter(numbers, np.int64, len(flat)),
            title_W=np.repeat(np.arange(len(titles)), count),
            start_W=nowhere,
            end_W=nowhere,
            begins=[0, *np.cumsum(count).tolist()],
            place_W=np.arange(len(flat)),
            flat=flat,
        )

    def read(self, text: str, num_titles: int) -> Words:
        """Return the words of an ASCII text with a title in each line."""
        at_B, letter_B = _letters(text)
        flat = letter_B.tobytes().decode("ascii").split()
        is_word_B = np.zeros(len(letter_B) + 2, bool)
        np.greater(letter_B, ord(" "), out=is_word_B[1:-1])
        edges = np.flatnonzero(is_word_B[1:] != is_word_B[:-1])
        numbers = map(self._numbers.get, flat, repeat(_UNKNOWN))
        number_W = np.fromiter(numbers, np.int64, len(flat))
        kept_W = np.flatnonzero(number_W != _ARTICLE)
        first_W, last_W = edges[::2][kept_W], edges[1::2][kept_W] - 1
        title_W = np.cumsum(letter_B == _END)[first_W]
        return Words(
            number_W=number_W[kept_W],
            title_W=title_W,
            start_W=at_B[first_W],
            end_W=at_B[last_W] + 1,
            begins=np.searchsorted(title_W, np.arange(num_titles + 1)).tolist(),
            place_W=kept_W,
            flat=flat,
        )


def _letters(text: str) -> tuple[Ints, NDArray[np.uint8]]:
    """Return small letters, spaces and ends of lines; and where each stands in the text.

    Each `&` is a word of its own: it has spaces around it.
    """
    spaced = text.replace("&", " & ")
    letter_B = np.frombuffer(spaced.encode("ascii").translate(_TABLE), np.uint8)
    marks = np.flatnonzero(letter_B == ord("&"))
    at_B = np.flatnonzero(letter_B)
    letter_B = letter_B[at_B]
    if len(marks):
        is_added = np.zeros(len(spaced) + 1, bool)
        is_added[marks - 1] = is_added[marks + 1] = True
        at_B = at_B - np.cumsum(is_added)[at_B]
    return at_B, letter_B


class Stood(NamedTuple):
    """Patterns that stand in titles: their first and last words, counted from the first title's."""

    first: Ints
    last: Ints
    pattern: Ints


class Trie:
    """Patterns of one word or several, found at all words of all titles together."""

    def __init__(self, patterns: Iterable[str], numbers: Numbers) -> None:
        """Take the patterns in their order."""
        children: dict[tuple[int, int], int] = {}
        patterns_of: dict[int, int] = {}
        for pattern, text in enumerate(patterns):
            node = 0
            for word in text.split():
                node = children.setdefault((node, numbers.of(word)), len(children) + 1)
            patterns_of[node] = pattern
        edges = sorted((node, number, child) for (node, number), child in children.items())
        table = np.array(edges, np.int64).reshape(len(edges), 3)
        self._base = int(table[:, 1].max(initial=0)) + 1
        self._keys, self._child = table[:, 0] * self._base + table[:, 1], table[:, 2]
        self._pattern = np.full(len(children) + 1, -1)
        self._pattern[list(patterns_of)] = list(patterns_of.values())

    def find(self, words: Words) -> Stood:
        """Return all that stands there, in the order of last words."""
        is_known = words.number_W < (self._base if len(self._keys) else 0)
        first = np.flatnonzero(is_known)
        last, node = first, np.zeros_like(first)
        found: list[tuple[Ints, Ints, Ints]] = []
        while len(first):
            key = node * self._base + np.minimum(words.number_W[last], self._base - 1)
            at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            is_edge = (self._keys[at] == key) & (words.number_W[last] < self._base)
            first, last, node = first[is_edge], last[is_edge], self._child[at[is_edge]]
            is_end = self._pattern[node] >= 0
            found.append((first[is_end], last[is_end], self._pattern[node[is_end]]))
            goes_on = last + 1 < len(words.number_W)
            first, last, node = first[goes_on], last[goes_on] + 1, node[goes_on]
            is_same = words.title_W[first] == words.title_W[last]
            first, last, node = first[is_same], last[is_same], node[is_same]
        if not found:
            return Stood(first, first, first)
        firsts, lasts, patterns = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.lexsort((firsts, lasts))
        return Stood(firsts[order], lasts[order], patterns[order])


class Pairs:
    """Names by two of their words: which titles have both, wherever they stand."""

    def __init__(self, groups: Mapping[str, Sequence[Group]], numbers: Numbers) -> None:
        """Take the names by the word that they are found by."""
        sets: dict[frozenset[str], int] = {}
        named: dict[int, list[tuple[int, int]]] = {}
        for word, known in groups.items():
            pairs = [(group.label, sets.setdefault(group.second, len(sets))) for group in known]
            named[numbers.of(word)] = list(dict.fromkeys(pairs))
        holds: dict[int, list[tuple[int, int]]] = {}
        for forms, number in sets.items():
            for form in sorted(forms):
                holds.setdefault(numbers.of(form), []).append((number, 0))
        self._num_sets = max(len(sets), 1)
        self._named, self._holds = Lists(named), Lists(holds)

    def find(self, words: Words) -> tuple[Ints, Ints]:
        """Return titles and labels of all pairs, each once or several times."""
        at_P, pairs_P = self._named.of(words.number_W)
        at_S, sets_S = self._holds.of(words.number_W)
        there = np.unique(words.title_W[at_S] * self._num_sets + sets_S[:, 0])
        title_P = words.title_W[at_P]
        is_there = are_in(title_P * self._num_sets + pairs_P[:, 1], there)
        return title_P[is_there], pairs_P[is_there, 0]


def are_in(wanted: Ints, there: Ints) -> NDArray[np.bool_]:
    """Return which numbers are among sorted ones."""
    if not len(there):
        return np.zeros(len(wanted), bool)
    place = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
    return np.asarray(there[place] == wanted)


class Lists:
    """Pairs of integers for each number of a word."""

    def __init__(self, lists: Mapping[int, Sequence[tuple[int, int]]]) -> None:
        self._count = np.zeros(max(lists, default=0) + 1, np.int64)
        self._count[list(lists)] = [len(rows) for rows in lists.values()]
        self._begin = np.cumsum(self._count) - self._count
        rows = [row for number in sorted(lists) for row in lists[number]]
        self._rows = np.array(rows, np.int64).reshape(len(rows), 2)

    def of(self, number_W: Ints) -> tuple[Ints, Ints]:
        """Return the pairs of all words: the word of each, and the pair."""
        known_W = np.flatnonzero(number_W < len(self._count))
        number_W = number_W[known_W]
        count = self._count[number_W]
        at = np.repeat(np.arange(len(number_W)), count)
        within = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        return known_W[at], self._rows[self._begin[number_W[at]] + within]


class Marks:
    """Some words, looked for among all words of all titles."""

    def __init__(self, words: Iterable[str], numbers: Numbers) -> None:
        """Take the words."""
        marked = [numbers.of(word) for word in words]
        self._is_marked = np.zeros(max(marked, default=0) + 2, bool)
        self._is_marked[marked] = True

    def titles(self, words: Words) -> set[int]:
        """Return the titles that have one."""
        number_W = np.minimum(words.number_W, len(self._is_marked) - 1)
        return {*words.title_W[self._is_marked[number_W]].tolist()}


class Splits:
    """Words that a title may have in two, looked for at all words of all titles."""

    def __init__(self, halves: Halves, numbers: Numbers) -> None:
        """Take the words by their halves."""
        self._whole = halves.whole
        self._firsts = [numbers.of(word) for word in sorted(halves.firsts)]
        self._seconds = [numbers.of(word) for word in sorted(halves.seconds)]
        size = max([*self._firsts, *self._seconds, 0]) + 2
        self._is_first, self._is_second = np.zeros(size, bool), np.zeros(size, bool)
        self._is_first[self._firsts] = self._is_second[self._seconds] = True
        self._is_first[: _ARTICLE + 1] = self._is_second[: _ARTICLE + 1] = False

    def find(self, words: Words) -> set[int]:
        """Return the titles with such words."""
        number_W = np.minimum(words.number_W, len(self._is_first) - 1)
        is_half = self._is_first[number_W[:-1]] & self._is_second[number_W[1:]]
        is_half &= words.title_W[:-1] == words.title_W[1:]
        return {
            int(words.title_W[at])
            for at in np.flatnonzero(is_half).tolist()
            if words.text(at) + words.text(at + 1) in self._whole
        }


class Sweep:
    """A matcher's tables by the numbers of words."""

    def __init__(self, patterns: Iterable[str], gapped: GappedIndex, halves: Halves) -> None:
        """Number all words that a name has."""
        self._gapped = gapped
        self.numbers = Numbers()
        self._trie = Trie(patterns, self.numbers)
        self._pairs = Pairs(gapped.groups, self.numbers)
        self._splits = Splits(halves, self.numbers)

    def read(self, titles: Sequence[str]) -> Lines:
        """Return the words of all titles that can be read together."""
        composed = [one if one.isascii() else normalize("NFC", one) for one in titles]
        read = [one if one.isascii() else alike(one) for one in composed]
        plain = [at for at, one in enumerate(read) if one.isascii() and "\n" not in one]
        letters = "\n".join([read[at] for at in plain])
        return Lines(
            composed=composed,
            plain=np.array(plain, np.int64),
            text="\n".join([composed[at] for at in plain]),
            letters=letters,
            words=self.numbers.read(letters, len(plain)),
        )

    def exact(self, words: Words) -> Stood:
        """Return all names that stand there."""
        return self._trie.find(words)

    def apart(self, words: Words, title_H: Ints, label_H: Ints) -> Ints:
        """Return the titles that have two words of a name which is none of their hits.

        A label below 0 is none.
        """
        title_P, label_P = self._pairs.find(words)
        title_H, label_H = title_H[label_H >= 0], label_H[label_H >= 0]
        most = 1 + max(label_P.max(initial=0), label_H.max(initial=0))
        known = np.unique(title_H * most + label_H)
        return np.unique(title_P[~are_in(title_P * most + label_P, known)])

    def split(self, words: Words) -> set[int]:
        """Return the titles that have in two words what a name has in one."""
        return self._splits.find(words)
