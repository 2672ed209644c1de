"""The scored match: how sure a title makes us of each class, from the name down to a part of it.

It finds all that the plain rule of `matcher` finds, but weighs it: what the title says of several
classes is held against each other, and names are also found by their words in any order, at any
distance, in compounds ("handwashing"), in hashtags and beside digits.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice
from typing import NamedTuple

import numpy as np

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.contraries import Said
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lesson, Lessons, Seen
from kinetics_builder.text.matching.loose import (
    Evidence,
    Loose,
    LooseIndex,
    Wording,
    best_of,
    compounds_of,
    wordings_of,
)
from kinetics_builder.text.matching.loose_sweep import LooseSweep, Named
from kinetics_builder.text.matching.matcher import (
    CHUNK,
    SPLIT,
    Hit,
    Matcher,
    TitleMatch,
    names_of,
)
from kinetics_builder.text.matching.sweep import Lines, Marks, Stood, Sweep, Words
from kinetics_builder.text.matching.titles import Title, TitleWords
from kinetics_builder.text.matching.variants import WEIGHTS, Kind

SURE = 0.5
"""A class with this score speaks against others that the title says less of."""
INSIDE_LONGER = 0.8
"""A name inside the words of a longer one, of both scores the lower: "guitar" in "bass guitar"."""
BESIDE_LONGER = 0.6
"""A name of one word beside one of several: "laughing at Mike shoveling snow"."""
PARTED = 0.92
"""The title has in one word what the name has in several, or digits beside it."""
SHORTEST_PIECE = 4
"""Letters beside digits that are looked at as a word."""

_MIXED_WORD = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
_MIXED_LETTERS = re.compile(
    f"[A-Za-z]{{{SHORTEST_PIECE}}}[0-9]|[0-9][A-Za-z]{{{SHORTEST_PIECE}}}".encode()
)
"""What has pieces beside digits that are looked at as words, in ASCII."""
_LETTERS = re.compile(r"[^\W\d_]+")


class Find(NamedTuple):
    """What a title says of a class: words `first` to `last` of those without articles."""

    label: int
    score: float
    first: int
    last: int
    variant: str
    evidence: Evidence


class _Many(NamedTuple):
    """The tables by which many titles are looked at together."""

    sweep: Sweep
    loose: LooseSweep
    joined: Marks
    """Compounds."""
    naming: Marks
    """First words of what names a class as its accepted titles show."""


class ScoredMatcher:
    """The classes of a list, ready to be found and weighed in titles."""

    def __init__(
        self, entries: Iterable[ClassEntry], least: float = SURE, lessons: Lessons = NONE_LEARNT
    ) -> None:
        """Prepare the names, queries and synonyms.

        Args:
            entries: The classes.
            least: Matches with lower scores are not looked for: the lower, the slower.
            lessons: What was learnt from decisions.

        """
        self.entries = tuple(entries)
        self._least = least
        self._lessons = lessons
        self._has_learnt = lessons != NONE_LEARNT
        self._plain = Matcher(self.entries)
        self._learnt = _learnt_names(lessons, self.entries)
        wordings = [
            wording
            for label, entry in enumerate(self.entries)
            for name in names_of(entry)
            for wording in wordings_of(label, *name)
        ]
        self._is_long = _several_words(wordings, len(self.entries))
        self._compounds = compounds_of(wordings)
        reachable = min(least, SURE)
        self._loose = LooseIndex(
            wording for wording in wordings if _weighed(wording, lessons) >= reachable
        )

    def match(self, title: str) -> tuple[TitleMatch, ...]:
        """Return the classes with scores of at least `least`, best first, ties by name."""
        read = Title(title)
        return self._sorted(self.finds(read), read.told)

    def match_all(self, titles: Iterable[str]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each title, about twice as fast as `match` one by one."""
        rest = iter(titles)
        while chunk := list(islice(rest, CHUNK)):
            yield from self._match_together(chunk)

    def _match_together(self, titles: Sequence[str]) -> list[tuple[TitleMatch, ...]]:
        found: list[tuple[TitleMatch, ...]] = [()] * len(titles)
        lines = self._many.sweep.read(titles)
        plain, words = lines.plain.tolist(), lines.words
        simple, hits, wordings = self._swept(words)
        for at, match in self._plain.matches_of(simple, lines):
            if match.score >= self._least:
                found[plain[at]] = (match,)
        alone = self._many.sweep.split(words) | self._parted(lines)
        several = {*hits, *wordings, *self._many.naming.titles(words)}
        for at in several - alone:
            own = TitleWords.as_read(words.of(at))
            loose = best_of(wordings.get(at, ()), own.plain)
            finds = self._weighed(hits.get(at, {}), loose, own, 1.0)
            told = partial(lines.told, at)
            found[plain[at]] = self._sorted(self._best(finds, [own.plain]), told)
        for at in {*range(len(titles))}.difference(plain).union(plain[at] for at in alone):
            found[at] = self.match(titles[at])
        return found

    def _swept(
        self, words: Words
    ) -> tuple[Stood, dict[int, dict[int, Hit]], dict[int, list[Wording]]]:
        """Return names that are all that their titles say; of other titles hits and wordings."""
        stood, simple = self._many.sweep.exact(words), self._plain.simple
        title_H, label_H = words.title_W[stood.first], simple.label[stood.pattern]
        is_one = label_H >= 0
        named = Named(title_H[is_one], label_H[is_one], simple.score[stood.pattern[is_one]])
        wordings = self._many.loose.find(words, named)
        is_simple = simple.is_free[stood.pattern] & (not self._has_learnt)
        is_simple &= np.bincount(title_H, minlength=1)[title_H] == 1
        is_simple &= ~np.isin(title_H, [*wordings])
        others = Stood(*(part[~is_simple] for part in stood))
        alone = Stood(*(part[is_simple] for part in stood))
        return alone, self._plain.hits_of(words, others), wordings

    def _parted(self, lines: Lines) -> set[int]:
        """Return the titles that may have words in parts: compounds, beside digits, in hashtags."""
        tags = {at for at, title in enumerate(lines.plain) if "#" in lines.composed[title]}
        return tags | self._many.joined.titles(lines.words) | lines.having(_MIXED_LETTERS)

    @cached_property
    def _many(self) -> "_Many":
        """Made at once: a word that one of them knows has a number before titles are read."""
        sweep = self._plain.sweep
        firsts = dict.fromkeys(text.split()[0] for text in self._learnt)
        return _Many(
            sweep=sweep,
            loose=LooseSweep(self._loose.groups, sweep.numbers),
            joined=Marks(self._compounds, sweep.numbers),
            naming=Marks(firsts, sweep.numbers),
        )

    def finds(self, read: Title) -> list[Find]:
        """Return what a title says of each class, in no order."""
        versions = self._versions(read)
        found = (find for version in versions for find in self._found_in(*version))
        return self._best(found, [version.plain for version, _ in versions])

    def _best(self, found: Iterable[Find], versions: Sequence[list[str]]) -> list[Find]:
        """Return the best find of each class, judged by all ways of reading the title."""
        best: dict[int, Find] = {}
        for find in found:
            if find.label not in best or best[find.label].score < find.score:
                best[find.label] = find
        if not best:
            return []
        said = Said.of(versions)
        judged = (self._judged(find, best.values(), said) for find in best.values())
        return [find for find in judged if find is not None]

    def _sorted(
        self, finds: Iterable[Find], told: Callable[[int, int], str]
    ) -> tuple[TitleMatch, ...]:
        matches = [
            TitleMatch(
                self.entries[find.label].name, find.score, told(find.first, find.last), find.variant
            )
            for find in finds
            if find.score >= self._least
        ]
        return tuple(sorted(matches, key=lambda match: (-match.score, match.label)))

    def _versions(self, read: Title) -> list[tuple[TitleWords, float]]:
        """Return the title's words as they stand there, joined and parted, each with a weight."""
        words = read.words
        versions = [(words, 1.0)]
        joined = words.joined(self._plain.halves)
        if joined is not None:
            versions.append((joined, 1.0))
        parts = self._parts(words.plain) | read.humps()
        if parts:
            versions.append((words.parted(parts), PARTED))
        return versions

    def _parts(self, words: list[str]) -> dict[int, tuple[str, ...]]:
        """Return place -> parts of the words that are several: compounds, digits beside letters."""
        parts = {}
        if not self._compounds.keys().isdisjoint(words):
            parts = {
                place: self._compounds[word]
                for place, word in enumerate(words)
                if word in self._compounds
            }
        if _MIXED_WORD.search(" ".join(words)):
            for place, word in enumerate(words):
                pieces = [p for p in _LETTERS.findall(word) if len(p) >= SHORTEST_PIECE]
                if pieces and pieces != [word]:
                    parts.setdefault(place, tuple(pieces))
        return parts

    def _found_in(self, version: TitleWords, weight: float) -> Iterator[Find]:
        exact, loose = self._plain.exact(version), self._loose.find(version.plain)
        return self._weighed(exact, loose, version, weight)

    def _weighed(
        self,
        exact: Mapping[int, Hit],
        loose: Mapping[int, Loose],
        version: TitleWords,
        weight: float,
    ) -> Iterator[Find]:
        for hit in exact.values():
            yield self._placed(Find(*hit, Evidence.NAME), version, weight)
        for one in loose.values():
            if one.label not in exact or exact[one.label].score < one.score:
                yield self._placed(Find(*one), version, weight)
        if self._learnt:
            for find in _learnt_in(version.plain, self._learnt):
                yield self._placed(find, version, weight)

    def _placed(self, find: Find, version: TitleWords, weight: float) -> Find:
        """Return a find by the places of the title's own words, as far as its sort proved right."""
        if not isinstance(version.places, range):
            find = _in_title(find, version, weight)
        if not self._has_learnt:
            return find
        return find._replace(score=self._lessons.weighed(find.score, find.evidence.name))

    def _judged(self, find: Find, finds: Collection[Find], said: Said) -> Find | None:
        """Return a find with what the rest of the title says of it; None if it is another class."""
        contraries = self._plain.contraries[find.label]
        if not contraries.has_none and contraries.exclude(said, find.first, find.last):
            return None
        sure = [other for other in finds if other.score >= SURE and other.label != find.label]
        longer = [other for other in sure if _is_inside(find, other)]
        score = find.score
        if contraries.is_qualified(said):
            score = min(1.0, score / WEIGHTS[Kind.UNQUALIFIED])
        elif contraries.is_qualified_by_name and longer:
            return None  # "hair curling" means another curling than "curling (sport)"
        if longer:
            score = INSIDE_LONGER * min(score, max(other.score for other in longer))
        elif not self._is_long[find.label] and any(self._is_long[o.label] for o in sure):
            score *= BESIDE_LONGER
        if self._has_learnt and find.evidence is not Evidence.LEARNT:
            label = self.entries[find.label].name
            score = self._lessons.in_context(score, label, said.own)
        return find._replace(score=round(score, 4))


def seen_by(matcher: ScoredMatcher, lessons: Iterable[Lesson]) -> Iterator[Seen]:
    """Yield decisions with what a matcher that has learnt nothing holds of them.

    It must look for all there is: make it with `least=0`.
    """
    labels = {entry.name: label for label, entry in enumerate(matcher.entries)}
    for lesson in lessons:
        if lesson.label in labels:
            finds = matcher.finds(Title(lesson.title))
            found = [find for find in finds if find.label == labels[lesson.label]]
            evidence, score = (found[0].evidence.name, found[0].score) if found else ("", 0.0)
            yield Seen(lesson, evidence, score)


def _weighed(wording: Wording, lessons: Lessons) -> float:
    return lessons.weighed(wording.weight, wording.evidence.name)


def _learnt_names(
    lessons: Lessons, entries: Sequence[ClassEntry]
) -> dict[str, list[tuple[int, float]]]:
    """Return words that name a class as its accepted titles show -> label and score."""
    labels = {entry.name: label for label, entry in enumerate(entries)}
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for name, text, score in lessons.naming():
        if name in labels:
            found[text].append((labels[name], score))
    return found


def _learnt_in(words: list[str], learnt: Mapping[str, list[tuple[int, float]]]) -> Iterator[Find]:
    for first in range(len(words)):
        for last in range(first, min(first + 2, len(words))):
            text = " ".join(words[first : last + 1])
            for label, score in learnt.get(text, ()):
                yield Find(label, score, first, last, text, Evidence.LEARNT)


def _several_words(wordings: Iterable[Wording], num_labels: int) -> list[bool]:
    """Return for each label whether a name of it has two words or more that carry meaning."""
    found = [False] * num_labels
    for wording in wordings:
        if wording.evidence is Evidence.APART and len(wording.slots) > 1:
            found[wording.label] = True
    return found


def _in_title(find: Find, version: TitleWords, weight: float) -> Find:
    """Return a find by the places of the title's own words."""
    first, last = version.places[find.first], version.last_place(find.last)
    is_split = last - first > find.last - find.first
    score = find.score * weight * (SPLIT if is_split else 1)
    return find._replace(score=score, first=first, last=last)


def _is_inside(find: Find, other: Find) -> bool:
    """Say whether a find lies strictly inside the words of another."""
    inside = other.first <= find.first and find.last <= other.last
    return inside and other.last - other.first > find.last - find.first
