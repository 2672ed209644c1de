"""The binary rule said plainly, word by word and letter by letter: what `Matcher` must equal."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from unicodedata import normalize

from ahocorasick_rs import AhoCorasick

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.brackets import Brackets
from kinetics_builder.text.matching.gapped import FIRST_GAP, MAX_GAP, NEXT_GAP
from kinetics_builder.text.matching.inflect import is_gerund
from kinetics_builder.text.matching.matcher import (
    ACCENTS_LOST,
    INSIDE_LONGER,
    QUERY_WEIGHT,
    SPLIT,
    SYNONYM_WEIGHT,
    TitleMatch,
)
from kinetics_builder.text.matching.phrases import (
    ARTICLES,
    FUNCTION_WORDS,
    alternatives,
    parse_phrase,
)
from kinetics_builder.text.matching.titles import SHORTEST_JOINED
from kinetics_builder.text.matching.variants import WEIGHTS, Kind, Variant, variants, word_forms
from kinetics_builder.text.normalise import Word, strip_accents, words_of


@dataclass(frozen=True, slots=True)
class Gapped:
    """A name found with gaps: from word `first` to word `last`, both included."""

    label: int
    score: float
    first: int
    last: int
    variant: str


@dataclass(frozen=True, slots=True)
class _Sequence:
    """The words of a name that must follow one another, each in several forms."""

    label: int
    weight: float
    text: str
    slots: tuple[dict[str, float], ...]
    """Form without accents -> weight, for each word."""


class GappedIndex:
    """Names of two or more words, found by the rarest of their words."""

    def __init__(self, names: Iterable[tuple[int, str, float, bool]]) -> None:
        """Take (label, name, weight, whether it is English)."""
        sequences = [found for name in names for found in _sequences(*name)]
        use = Counter(form for s in sequences for slot in s.slots for form in slot)
        self._by_word: dict[str, list[_Sequence]] = defaultdict(list)
        for sequence in sequences:
            for form in min(sequence.slots, key=lambda slot: max(use[form] for form in slot)):
                self._by_word[form].append(sequence)

    def find(self, words: list[str], skip: Collection[int]) -> Iterator[Gapped]:
        """Yield the best find of each label that `words` name, except those in `skip`."""
        best: dict[int, Gapped] = {}
        for word in dict.fromkeys(words):
            for sequence in self._by_word.get(word, ()):
                if sequence.label in skip:
                    continue
                found = _place(sequence, words)
                if found and (
                    sequence.label not in best or best[sequence.label].score < found.score
                ):
                    best[sequence.label] = found
        yield from best.values()


def _sequences(label: int, name: str, weight: float, is_english: bool) -> Iterator[_Sequence]:
    for words in alternatives(parse_phrase(name).words):
        content = tuple(word for word in words if word not in FUNCTION_WORDS)
        if len(content) < 2:
            continue
        slots = (word_forms(word, is_english=is_english).items() for word in content)
        plain = tuple({strip_accents(f): WEIGHTS[kind] for f, kind in slot} for slot in slots)
        yield _Sequence(label, weight, " ".join(words), plain)
        if is_english and is_gerund(content[0]):
            turned = (*plain[1:], plain[0])
            yield _Sequence(label, weight * WEIGHTS[Kind.COMPOUND], " ".join(words), turned)


def _place(sequence: _Sequence, words: list[str]) -> Gapped | None:
    """Return the tightest place of a sequence in `words`, the first on a tie."""
    starts = [i for i, word in enumerate(words) if word in sequence.slots[0]]
    found = [place for start in starts if (place := _follow(sequence, words, start))]
    return max(found, key=lambda place: place.score, default=None)


def _follow(sequence: _Sequence, words: list[str], start: int) -> Gapped | None:
    """Return the place that begins at word `start`, each next word as early as it comes."""
    score, gap, at = sequence.weight * sequence.slots[0][words[start]], 0, start
    for slot in sequence.slots[1:]:
        at += 1
        while at < len(words) and words[at] not in slot:
            gap += words[at] not in FUNCTION_WORDS
            at += 1
        if at == len(words) or gap > MAX_GAP:
            return None
        score *= slot[words[at]]
    score *= FIRST_GAP * NEXT_GAP ** max(0, gap - 1)
    return Gapped(sequence.label, score, start, at, sequence.text)


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
        words = [word for word in [word.text for word in words_of(title)] if word not in ARTICLES]
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


@dataclass(frozen=True, slots=True)
class _Hit:
    """A match by position: words `first` to `last` of the title without its articles."""

    label: int
    score: float
    first: int
    last: int
    variant: str


class PlainMatcher:
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
