"""Which classes a title names. Whole words only, many names against many titles.

Two looks at each title. The first finds names and their variants word by word (Aho-Corasick,
all at once). The second finds, for classes not found yet, names whose words stand in order
with others between them: "catching the big ball". Where two words of a title are one in a name,
as in "sit ups", the title is looked at once more with these joined.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from kinetics_builder.text.contraries import Contraries, Said
from kinetics_builder.text.entries import ClassEntry
from kinetics_builder.text.gapped import GappedIndex
from kinetics_builder.text.normalise import strip_accents
from kinetics_builder.text.titles import Halves, Title, TitleWords
from kinetics_builder.text.variants import WEIGHTS, Kind, Variant, variants

QUERY_WEIGHT = 0.95
SYNONYM_WEIGHT = 0.9
ACCENTS_LOST = 0.98
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


class _Meaning(NamedTuple):
    """What the words of a pattern say."""

    label: int
    weight: float
    without_accents: float
    """The weight where the title has no accents and the text has some, or other ones."""
    plain: float
    """The weight where the title is all without accents."""
    text: str


class Matcher:
    """The classes of a list, ready to be found in titles."""

    def __init__(self, entries: Iterable[ClassEntry]) -> None:
        """Prepare the variants of all names, queries and synonyms."""
        self.entries = tuple(entries)
        self._names = [entry.name for entry in self.entries]
        self.contraries = [Contraries(entry) for entry in self.entries]
        vocabulary = set().union(*(contraries.words for contraries in self.contraries))
        patterns: dict[str, list[_Meaning]] = {}
        for label, entry in enumerate(self.entries):
            for variant in _variants_of(entry):
                plain = f" {strip_accents(variant.text)} "
                if variant.kind is not Kind.JOINED:
                    vocabulary.update(plain.split())
                patterns.setdefault(plain, []).append(_meaning(label, variant))
        self.halves = Halves(vocabulary)
        self._meanings = list(patterns.values())
        self._automaton = AhoCorasick(list(patterns))
        self._gapped = GappedIndex(
            (label, name, weight, is_english)
            for label, entry in enumerate(self.entries)
            for name, weight, is_english in names_of(entry)
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
        names = self._names
        found = [
            TitleMatch(names[label], round(score, 4), read.told(first, last), variant)
            for label, score, first, last, variant in hits.values()
        ]
        if len(found) > 1:
            found.sort(key=_best_first)
        return tuple(found)

    def match_all(self, titles: Iterable[str]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each title."""
        return map(self.match, titles)

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
            for label, weight, without_accents, plain, variant in self._meanings[pattern]:
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


def _best_first(match: TitleMatch) -> tuple[float, str]:
    return -match.score, match.label


def _meaning(label: int, variant: Variant) -> _Meaning:
    lost = variant.weight * ACCENTS_LOST
    is_plain = strip_accents(variant.text) == variant.text
    return _Meaning(label, variant.weight, lost, variant.weight if is_plain else lost, variant.text)


def names_of(entry: ClassEntry) -> Iterator[tuple[str, float, bool]]:
    """Yield each name of a class with its weight and whether it is English."""
    yield entry.name, 1.0, True
    for query in entry.queries:
        yield query.text, QUERY_WEIGHT, query.language.startswith("en")
    for synonym in entry.synonyms:
        yield synonym, SYNONYM_WEIGHT, True


def _variants_of(entry: ClassEntry) -> Iterable[Variant]:
    best: dict[tuple[str, ...], Variant] = {}
    for name, weight, is_english in names_of(entry):
        for variant in variants(name, weight, is_english=is_english):
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
