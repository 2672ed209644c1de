"""The scored match: how sure a title makes us of each class, from the name down to a part of it.

It finds all that the plain rule of `matcher` finds, but weighs it: what the title says of several
classes is held against each other, and names are also found by their words in any order, at any
distance, in compounds ("handwashing"), in hashtags and beside digits.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.contraries import Said
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lesson, Lessons, Seen
from kinetics_builder.text.matching.loose import (
    Evidence,
    LooseIndex,
    Wording,
    compounds_of,
    wordings_of,
)
from kinetics_builder.text.matching.matcher import CHUNK, Matcher, TitleMatch, names_of
from kinetics_builder.text.matching.readings import Reading, Readings
from kinetics_builder.text.matching.scored_sweep import ScoredSweep
from kinetics_builder.text.matching.titles import Title
from kinetics_builder.text.matching.weighing import SURE, Find, Weigher


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
        self._plain = Matcher(self.entries)
        self._learnt = _learnt_names(lessons, self.entries)
        wordings = [
            wording
            for label, entry in enumerate(self.entries)
            for name in names_of(entry)
            for wording in wordings_of(label, *name)
        ]
        is_long = _several_words(wordings, len(self.entries))
        self._weigher = Weigher(self.entries, self._plain.contraries, is_long, lessons)
        self._readings = Readings(self._plain.halves, compounds_of(wordings))
        reachable = min(least, SURE)
        self._loose = LooseIndex(
            wording for wording in wordings if _weighed(wording, lessons) >= reachable
        )

    def match(self, title: str) -> tuple[TitleMatch, ...]:
        """Return the classes with scores of at least `least`, best first, ties by name."""
        read = Title(title)
        matches = [
            TitleMatch(
                self.entries[find.label].name,
                find.score,
                read.told(find.first, find.last),
                find.variant,
            )
            for find in self.finds(read)
            if find.score >= self._least
        ]
        return tuple(sorted(matches, key=lambda match: (-match.score, match.label)))

    def match_all(self, titles: Iterable[str]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each title, several times as fast as `match` one by one."""
        rest = iter(titles)
        while chunk := list(islice(rest, CHUNK)):
            yield from self._sweep.match(chunk, self._least)

    @cached_property
    def _sweep(self) -> ScoredSweep:
        """The tables by which many titles are looked at together."""
        return ScoredSweep(self._plain, self._loose, self._readings, self._weigher, self._learnt)

    def finds(self, read: Title) -> list[Find]:
        """Return what a title says of each class, in no order."""
        readings = self._readings.of(read)
        best: dict[int, Find] = {}
        for reading in readings:
            for find in self._found_in(reading):
                if find.label not in best or best[find.label].score < find.score:
                    best[find.label] = find
        if not best:
            return []
        said = Said.of([reading.words.plain for reading in readings])
        judged = (self._weigher.judged(find, best.values(), said) for find in best.values())
        return [find for find in judged if find is not None]

    def _found_in(self, reading: Reading) -> Iterator[Find]:
        words = reading.words
        exact, loose = self._plain.exact(words), self._loose.find(words.plain)
        for hit in exact.values():
            yield self._weigher.placed(Find(*hit, Evidence.NAME), reading)
        for one in loose.values():
            if one.label not in exact or exact[one.label].score < one.score:
                yield self._weigher.placed(Find(*one), reading)
        if self._learnt:
            for find in _learnt_in(words.plain, self._learnt):
                yield self._weigher.placed(find, reading)


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
    return dict(found)


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
