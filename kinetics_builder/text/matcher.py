"""Which classes a title names. Whole words only, many names against many titles.

Two looks at each title. The first finds names and their variants word by word (Aho-Corasick,
all at once). The second finds, for classes not found yet, names whose words stand in order
with others between them: "catching the big ball". Where two words of a title are one in a name,
as in "sit ups", the title is looked at once more with these joined.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from unicodedata import normalize

from ahocorasick_rs import AhoCorasick

from kinetics_builder.text.brackets import Brackets
from kinetics_builder.text.entries import ClassEntry
from kinetics_builder.text.gapped import GappedIndex
from kinetics_builder.text.normalise import Word, strip_accents, words_of
from kinetics_builder.text.phrases import ARTICLES
from kinetics_builder.text.titles import TitleWords
from kinetics_builder.text.variants import Kind, Variant, variants

QUERY_WEIGHT = 0.95
SYNONYM_WEIGHT = 0.9
ACCENTS_LOST = 0.98
INSIDE_LONGER = 0.8
"""A name inside the words of a longer one: "guitar" in "playing bass guitar"."""
SPLIT = 0.92
"""The title has in two words what the name has in one: "sit ups" for "situp"."""


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """A class that a title names."""

    label: str
    score: float
    """In (0, 1]; 1 is the very name."""
    words: str
    """The words of the title that matched, as they stand there."""
    variant: str
    """The form of the name that they matched."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A match by position: words `first` to `last` of the title without its articles."""

    label: int
    score: float
    first: int
    last: int
    variant: str


class Matcher:
    """The classes of a list, ready to be found in titles."""

    def __init__(self, entries: Iterable[ClassEntry]) -> None:
        """Prepare the variants of all names, queries and synonyms."""
        self.entries = tuple(entries)
        self._brackets = [Brackets.of(entry.name) for entry in self.entries]
        self._vocabulary = set().union(*map(_excluding_words, self.entries, self._brackets))
        self._vetoes = [_vetoes(entry) for entry in self.entries]
        self._patterns: dict[str, list[tuple[int, Variant]]] = {}
        for label, entry in enumerate(self.entries):
            for variant in _variants_of(entry):
                plain = f" {strip_accents(variant.text)} "
                if variant.kind is not Kind.JOINED:
                    self._vocabulary.update(plain.split())
                self._patterns.setdefault(plain, []).append((label, variant))
        self._meanings = list(self._patterns.values())
        self._automaton = AhoCorasick(list(self._patterns))
        self._gapped = GappedIndex(
            (label, name, weight, is_english)
            for label, entry in enumerate(self.entries)
            for name, weight, is_english in _names(entry)
        )

    def match(self, title: str) -> tuple[TitleMatch, ...]:
        """Return the classes that `title` names, best first, ties by name."""
        words = TitleWords.of(title)
        hits = self._hits(words)
        joined = words.joined(self._vocabulary)
        if joined is not None:
            for label, hit in self._hits(joined).items():
                if label not in hits or hits[label].score < hit.score:
                    hits[label] = hit
        if not hits:
            return ()
        versions = [words.plain] if joined is None else [words.plain, joined.plain]
        judged = (self._judged(hit, words, versions, hits) for hit in hits.values())
        composed = title if title.isascii() else normalize("NFC", title)
        kept = [word for word in words_of(title) if word.text not in ARTICLES]
        found = [self._told(hit, composed, kept) for hit in judged if hit is not None]
        return tuple(sorted(found, key=lambda match: (-match.score, match.label)))

    def match_all(self, titles: Iterable[str]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each title."""
        return map(self.match, titles)

    def _hits(self, title: TitleWords) -> dict[int, _Hit]:
        """Return the best hit of each label, by the words of the title."""
        hits = self._exact(title)
        for found in self._gapped.find(title.plain, skip=hits.keys()):
            hits[found.label] = _Hit(
                found.label, found.score, found.first, found.last, found.variant
            )
        return {label: _in_title(hit, title) for label, hit in hits.items()}

    def _exact(self, title: TitleWords) -> dict[int, _Hit]:
        """Return the best contiguous hit of each label; the first in the title on a tie."""
        text = f" {' '.join(title.plain)} "
        hits: dict[int, _Hit] = {}
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            first = text.count(" ", 0, start)
            last = first + text.count(" ", start + 1, end) - 1
            spelled = " ".join(title.spelled[first : last + 1])
            for label, variant in self._meanings[pattern]:
                same = spelled == variant.text
                score = variant.weight * (1 if same else ACCENTS_LOST)
                if label not in hits or hits[label].score < score:
                    hits[label] = _Hit(label, score, first, last, variant.text)
        return hits

    def _judged(
        self,
        hit: _Hit,
        title: TitleWords,
        versions: list[list[str]],
        hits: dict[int, _Hit],
    ) -> _Hit | None:
        """Return `hit` with what the rest of the title says about it, None if that is a veto."""
        texts = [f" {' '.join(words)} " for words in versions]
        if any(word in text for word in self._vetoes[hit.label] for text in texts):
            return None
        brackets, words = self._brackets[hit.label], set().union(*versions)
        if brackets.is_excluded(words - set(title.plain[hit.first : hit.last + 1])):
            return None
        score = hit.score
        longer = [other for other in hits.values() if _is_inside(hit, other)]
        if brackets.is_qualified(words):
            score = min(1.0, score / 0.95)
        elif brackets.qualifiers and longer:
            return None  # "hair curling" means another curling than "curling (sport)"
        if any(other.score >= hit.score for other in longer):
            score *= INSIDE_LONGER
        return replace(hit, score=round(score, 4))

    def _told(self, hit: _Hit, composed: str, kept: list[Word]) -> TitleMatch:
        return TitleMatch(
            label=self.entries[hit.label].name,
            score=hit.score,
            words=composed[kept[hit.first].start : kept[hit.last].end],
            variant=hit.variant,
        )


def _names(entry: ClassEntry) -> Iterator[tuple[str, float, bool]]:
    """Yield each name of a class with its weight and whether it is English."""
    yield entry.name, 1.0, True
    for query in entry.queries:
        yield query.text, QUERY_WEIGHT, query.language.startswith("en")
    for synonym in entry.synonyms:
        yield synonym, SYNONYM_WEIGHT, True


def _variants_of(entry: ClassEntry) -> Iterable[Variant]:
    best: dict[tuple[str, ...], Variant] = {}
    for name, weight, is_english in _names(entry):
        for variant in variants(name, weight, is_english=is_english):
            best.setdefault(variant.words, variant)
            if best[variant.words].weight < variant.weight:
                best[variant.words] = variant
    return best.values()


def _excluding_words(entry: ClassEntry, brackets: Brackets) -> set[str]:
    """Return the words that keep a title from a class: a title may have them in two."""
    found = {form for phrase in brackets.contraries for forms in phrase for form in forms}
    negative = (v.words for word in entry.negative_words for v in variants(word))
    return found.union(*negative)


def _vetoes(entry: ClassEntry) -> tuple[str, ...]:
    forms = (strip_accents(v.text) for word in entry.negative_words for v in variants(word))
    return tuple(f" {form} " for form in forms)


def _in_title(hit: _Hit, title: TitleWords) -> _Hit:
    """Return a hit by the places of the title's own words; it counts less if some were joined."""
    first, last = title.places[hit.first], title.last_place(hit.last)
    is_split = last - first > hit.last - hit.first
    return replace(hit, score=hit.score * (SPLIT if is_split else 1), first=first, last=last)


def _is_inside(hit: _Hit, other: _Hit) -> bool:
    """Say whether `hit` lies strictly inside the words of another."""
    inside = other.first <= hit.first and hit.last <= other.last
    return inside and other.last - other.first > hit.last - hit.first
