"""Which classes a title names. Whole words only, many names against many titles.

Two looks at each title. The first finds names and their variants word by word (Aho-Corasick,
all at once). The second finds, for classes not found yet, names whose words stand in order
with others between them: "catching the big ball". Where two words of a title are one in a name,
as in "sit ups", the title is looked at once more with these joined.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.contraries import Contraries, Said
from kinetics_builder.text.matching.gapped import GappedIndex
from kinetics_builder.text.matching.sweep import Lines, Stood, Sweep, Words
from kinetics_builder.text.matching.titles import Halves, Title, TitleWords
from kinetics_builder.text.matching.variants import WEIGHTS, Kind, Variant, variants
from kinetics_builder.text.normalise import strip_accents

QUERY_WEIGHT = 0.95
SYNONYM_WEIGHT = 0.9
ACCENTS_LOST = 0.98
CHUNK = 8000
"""Titles that are looked at together."""
INSIDE_LONGER = 0.8
"""A name inside the words of a longer one: "guitar" in "playing bass guitar"."""
SPLIT = 0.92
"""The title has in two words what the name has in one: "sit ups" for "situp"."""


class TitleMatch(NamedTuple):
    """A class that a title names."""

    label: str
    score: float
    """In (0, 1]; 1 is the very name."""
    words: str
    """The words of the title that matched, as they stand there."""
    variant: str
    """The form of the name that they matched."""


class Hit(NamedTuple):
    """A match by position: words `first` to `last` of the title without its articles."""

    label: int
    score: float
    first: int
    last: int
    variant: str


class Meaning(NamedTuple):
    """What the words of a pattern say."""

    label: int
    weight: float
    without_accents: float
    """The weight where the title has no accents and the text has some, or other ones."""
    plain: float
    """The weight where the title is all without accents."""
    text: str


class Simple(NamedTuple):
    """What patterns mean, as far as numbers can say it."""

    label: NDArray[np.int64]
    """Of a pattern that names one class; else -1."""
    is_free: NDArray[np.bool_]
    """Whether it names one class, whatever else the title says."""
    score: NDArray[np.float64]
    """Of the first class that each names, not rounded."""
    said: list[tuple[str, float, str]]
    """Name, score and variant of the first class that each names."""


class Matcher:
    """The classes of a list, ready to be found in titles."""

    def __init__(self, entries: Iterable[ClassEntry]) -> None:
        """Prepare the variants of all names, queries and synonyms."""
        self.entries = tuple(entries)
        self._names = [entry.name for entry in self.entries]
        self.contraries = [Contraries(entry) for entry in self.entries]
        vocabulary = set().union(*(contraries.words for contraries in self.contraries))
        patterns: dict[str, list[Meaning]] = {}
        for label, entry in enumerate(self.entries):
            for variant in _variants_of(entry):
                plain = f" {strip_accents(variant.text)} "
                if variant.kind is not Kind.JOINED:
                    vocabulary.update(plain.split())
                patterns.setdefault(plain, []).append(_meaning(label, variant))
        self.halves = Halves(vocabulary)
        self.meanings = list(patterns.values())
        self._patterns = list(patterns)
        self._automaton = AhoCorasick(self._patterns)
        self._gapped = GappedIndex(
            (label, name, weight, language.startswith("en"))
            for label, entry in enumerate(self.entries)
            for name, weight, language in names_of(entry)
        )

    def match(self, title: str) -> tuple[TitleMatch, ...]:
        """Return the classes that `title` names, best first, ties by name."""
        read = Title(title)
        words = read.words
        hits = self.hits_in(words)
        joined = words.joined(self.halves)
        if joined is not None:
            for label, hit in self.hits_in(joined).items():
                if label not in hits or hits[label].score < hit.score:
                    hits[label] = hit
        if not hits:
            return ()
        if len(hits) > 1 or joined is not None or not self.contraries[next(iter(hits))].has_none:
            versions = [words.plain] if joined is None else [words.plain, joined.plain]
            hits = self._judged(hits, Said.of(versions))
        return _sorted(
            TitleMatch(self._names[label], round(score, 4), read.told(first, last), said)
            for label, score, first, last, said in hits.values()
        )

    def match_all(self, titles: Iterable[str]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each title, several times as fast as `match` one by one."""
        rest = iter(titles)
        while chunk := list(islice(rest, CHUNK)):
            yield from self._match_together(chunk)

    def _match_together(self, titles: Sequence[str]) -> list[tuple[TitleMatch, ...]]:
        found: list[tuple[TitleMatch, ...]] = [()] * len(titles)
        lines = self.sweep.read(titles)
        plain = lines.plain.tolist()
        simple, others = self._swept(lines.words)
        for at, match in self.matches_of(simple, lines):
            found[plain[at]] = (match,)
        for at, hits in others.items():
            found[plain[at]] = self._told(hits, lines.words, at, lines.text)
        alone = self.sweep.split(lines.words)
        for at in {*range(len(titles))}.difference(plain).union(plain[at] for at in alone):
            found[at] = self.match(titles[at])
        return found

    def matches_of(self, stood: Stood, lines: Lines) -> Iterator[tuple[int, TitleMatch]]:
        """Yield (line, match) of patterns that are all there is to their titles."""
        words, text, said = lines.words, lines.text, self.simple.said
        numbers = words.title_W[stood.first], words.start_W[stood.first], words.end_W[stood.last]
        columns = [part.tolist() for part in (*numbers, stood.pattern)]
        for line, start, end, pattern in zip(*columns, strict=True):
            name, score, variant = said[pattern]
            yield line, TitleMatch(name, score, text[start:end], variant)

    @cached_property
    def sweep(self) -> Sweep:
        """The tables by which many titles are looked at together."""
        return Sweep(self._patterns, self._gapped, self.halves)

    @cached_property
    def simple(self) -> Simple:
        """What each pattern means, as far as numbers can say it."""
        labels = [found[0].label if len(found) == 1 else -1 for found in self.meanings]
        is_free = [label >= 0 and self.contraries[label].has_none for label in labels]
        firsts = [found[0] for found in self.meanings]
        score = np.array([one.plain for one in firsts], np.float64)
        said = [(self._names[one.label], round(one.plain, 4), one.text) for one in firsts]
        return Simple(np.array(labels, np.int64), np.array(is_free, bool), score, said)

    def _swept(self, words: Words) -> tuple[Stood, dict[int, dict[int, Hit]]]:
        """Return what stands alone in titles and needs no judging; title -> hits of all others."""
        stood = self.sweep.exact(words)
        title_H, label_H = words.title_W[stood.first], self.simple.label[stood.pattern]
        apart = self.sweep.apart(words, title_H, label_H)
        is_simple = self.simple.is_free[stood.pattern]
        is_simple &= np.bincount(title_H, minlength=1)[title_H] == 1
        is_simple &= ~np.isin(title_H, apart)
        hits = self.hits_of(words, Stood(*(part[~is_simple] for part in stood)))
        for title in apart.tolist():
            of_title = hits.get(title, {})
            for found in self._gapped.find(words.of(title), skip=of_title.keys()):
                hits.setdefault(title, of_title)[found.label] = Hit(*found)
        return Stood(*(part[is_simple] for part in stood)), hits

    def hits_of(self, words: Words, stood: Stood) -> dict[int, dict[int, Hit]]:
        """Return title -> its best hit of each label; the first in the title on a tie."""
        hits: dict[int, dict[int, Hit]] = defaultdict(dict)
        titles = words.title_W[stood.first].tolist()
        parts = (part.tolist() for part in stood)
        for title, first, last, pattern in zip(titles, *parts, strict=True):
            begin, of_title = words.begins[title], hits[title]
            for label, _, _, plain, variant in self.meanings[pattern]:
                if label not in of_title or of_title[label].score < plain:
                    of_title[label] = Hit(label, plain, first - begin, last - begin, variant)
        return dict(hits)

    def _told(
        self, hits: dict[int, Hit], words: Words, title: int, text: str
    ) -> tuple[TitleMatch, ...]:
        if len(hits) > 1 or not self.contraries[next(iter(hits))].has_none:
            hits = self._judged(hits, Said.of([words.of(title)]))
        begin = words.begins[title]
        return _sorted(
            TitleMatch(
                self._names[label],
                round(score, 4),
                text[words.start_W.item(begin + first) : words.end_W.item(begin + last)],
                said,
            )
            for label, score, first, last, said in hits.values()
        )

    def hits_in(self, title: TitleWords) -> dict[int, Hit]:
        """Return the best hit of each label, by the places of the title's own words."""
        hits = self.exact(title)
        for found in self._gapped.find(title.plain, skip=hits.keys()):
            hits[found.label] = Hit(*found)
        if isinstance(title.places, range):
            return hits
        return {label: _in_title(hit, title) for label, hit in hits.items()}

    def exact(self, title: TitleWords) -> dict[int, Hit]:
        """Return the best contiguous hit of each label; the first in the title on a tie."""
        text = f" {' '.join(title.plain)} "
        is_plain = title.spelled is title.plain
        hits: dict[int, Hit] = {}
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            first = text.count(" ", 0, start)
            last = first + text.count(" ", start + 1, end) - 1
            spelled = None if is_plain else " ".join(title.spelled[first : last + 1])
            for label, weight, without_accents, plain, variant in self.meanings[pattern]:
                score = plain if is_plain else weight if spelled == variant else without_accents
                if label not in hits or hits[label].score < score:
                    hits[label] = Hit(label, score, first, last, variant)
        return hits

    def _judged(self, hits: dict[int, Hit], said: Said) -> dict[int, Hit]:
        """Return the hits with what the rest of the title says about them, without vetoed ones."""
        judged = {}
        for label, hit in hits.items():
            longer = [other for other in hits.values() if _is_inside(hit, other)]
            score = self._score_of(hit, longer, said)
            if score and not self.contraries[label].exclude(said, hit.first, hit.last):
                judged[label] = hit._replace(score=score)
        return judged

    def _score_of(self, hit: Hit, longer: list[Hit], said: Said) -> float | None:
        """Return the score of a hit beside longer ones; None if it means something else."""
        score, contraries = hit.score, self.contraries[hit.label]
        if contraries.is_qualified(said):
            score = min(1.0, score / WEIGHTS[Kind.UNQUALIFIED])
        elif contraries.is_qualified_by_name and longer:
            return None  # "hair curling" means another curling than "curling (sport)"
        if any(other.score >= hit.score for other in longer):
            score *= INSIDE_LONGER
        return score


def _sorted(found: Iterable[TitleMatch]) -> tuple[TitleMatch, ...]:
    """Return matches best first, ties by name."""
    matches = list(found)
    if len(matches) > 1:
        matches.sort(key=lambda match: (-match.score, match.label))
    return tuple(matches)


def _meaning(label: int, variant: Variant) -> Meaning:
    lost = variant.weight * ACCENTS_LOST
    is_plain = strip_accents(variant.text) == variant.text
    return Meaning(label, variant.weight, lost, variant.weight if is_plain else lost, variant.text)


def names_of(entry: ClassEntry) -> Iterator[tuple[str, float, str]]:
    """Yield each name of a class with its weight and its language."""
    yield entry.name, 1.0, "en"
    for query in entry.queries:
        yield query.text, QUERY_WEIGHT, query.language
    for synonym in entry.synonyms:
        yield synonym, SYNONYM_WEIGHT, "en"


def _variants_of(entry: ClassEntry) -> Iterable[Variant]:
    best: dict[tuple[str, ...], Variant] = {}
    for name, weight, language in names_of(entry):
        for variant in variants(name, weight, is_english=language.startswith("en")):
            best.setdefault(variant.words, variant)
            if best[variant.words].weight < variant.weight:
                best[variant.words] = variant
    return best.values()


def _in_title(hit: Hit, title: TitleWords) -> Hit:
    """Return a hit by the places of the title's own words; it counts less if some were joined."""
    first, last = title.places[hit.first], title.last_place(hit.last)
    is_split = last - first > hit.last - hit.first
    score = hit.score * (SPLIT if is_split else 1)
    return hit._replace(score=score, first=first, last=last)


def _is_inside(hit: Hit, other: Hit) -> bool:
    """Say whether `hit` lies strictly inside the words of another."""
    inside = other.first <= hit.first and hit.last <= other.last
    return inside and other.last - other.first > hit.last - hit.first
