"""The scored match over many titles at once: what `ScoredMatcher.match` gives of each.

Words are numbers, and what is found is arrays (`finds`), from the first look to the sorted matches.
Only what needs a title's own words is looked at one by one: negative words, brackets, lessons.

Suffixes of arrays: F a find, R a reading of a title, W a word.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from kinetics_builder.text.matching.contraries import Said
from kinetics_builder.text.matching.finds import EVIDENCE, Finds, Floats, rounded
from kinetics_builder.text.matching.loose import LooseIndex
from kinetics_builder.text.matching.loose_sweep import LooseSweep
from kinetics_builder.text.matching.matcher import SPLIT, Matcher, TitleMatch
from kinetics_builder.text.matching.names_sweep import LEARNT, Learnt, LearntSweep, NamesSweep
from kinetics_builder.text.matching.readings import SHORTEST_PIECE, Reading, Readings
from kinetics_builder.text.matching.sweep import (
    Ints,
    Lines,
    Marks,
    Sweep,
    Words,
)
from kinetics_builder.text.matching.titles import Title, has_hump
from kinetics_builder.text.matching.weighing import Find, Weigher

_ROUNDED = 0.0001
"""More than rounding adds to a score."""


class _Read(NamedTuple):
    """Titles with their words."""

    lines: Lines
    titles: dict[int, Title]
    """Those that were read one by one."""
    readings: dict[int, list[Reading]]
    """All readings of these."""
    line_of: Ints
    """Title -> its line; -1 where it has none."""

    def said(self, title: int) -> Said:
        """Return all that a title says."""
        if title in self.readings:
            return Said.of([reading.words.plain for reading in self.readings[title]])
        return Said.of([self.lines.words.of(int(self.line_of[title]))])

    def told(self, title: int, first: int, last: int) -> str:
        """Return words of a title as they stand there."""
        line = int(self.line_of[title])
        if line < 0:
            return self.titles[title].told(first, last)
        return self.lines.told(line, first, last)

    def others(self) -> list[tuple[int, Reading]]:
        """Return the readings that are not of `lines`, each with its title."""
        return [
            (title, reading)
            for title, readings in sorted(self.readings.items())
            for reading in readings[int(self.line_of[title] >= 0) :]
        ]


class ScoredSweep:
    """A scored matcher's tables by the numbers of words."""

    def __init__(
        self,
        plain: Matcher,
        loose: LooseIndex,
        readings: Readings,
        weigher: Weigher,
        learnt: Learnt,
    ) -> None:
        """Number all words at once: a word of any table has its number before titles are read."""
        self._sweep: Sweep = plain.sweep
        numbers = self._sweep.numbers
        self._readings, self._weigher = readings, weigher
        self._names = NamesSweep(plain.meanings)
        self._loose = LooseSweep(loose.groups, numbers)
        self._learnt = LearntSweep(learnt, numbers)
        self._joined = Marks(readings.compounds, numbers)
        self._texts = [*self._names.texts, *self._loose.texts, *self._learnt.texts]
        self._is_long = np.array(weigher.is_long, bool)
        self._has_none = np.array([one.has_none for one in weigher.contraries], bool)
        order = sorted(range(len(weigher.names)), key=weigher.names.__getitem__)
        self._place_of_name = np.argsort(np.array(order, np.int64))
        self._taught = np.array([weigher.lessons.tells_of(name) for name in weigher.names], bool)

    def match(self, titles: Sequence[str], least: float) -> list[tuple[TitleMatch, ...]]:
        """Return the classes of each title with scores of at least `least`, best first."""
        read = self._read(titles)
        mains = self._found_in(read.lines.words, ())
        mains = mains._replace(title=read.lines.plain[mains.title])
        finds = Finds.joined([mains, self._in_others(read)]).best()
        score = self._judged(finds, read)
        may_be = np.flatnonzero(score >= least - _ROUNDED)
        finds = finds.at(may_be)._replace(score=rounded(score[may_be]))
        return self._told(finds.at(finds.score >= least), read, len(titles))

    def _read(self, titles: Sequence[str]) -> _Read:
        lines = self._sweep.read(titles)
        words, line_of = lines.words, np.full(len(titles), -1)
        line_of[lines.plain] = np.arange(len(lines.plain))
        several = self._sweep.split(words) | self._joined.titles(words)
        several |= lines.beside_digits(SHORTEST_PIECE) | lines.having("#", has_hump)
        alone = [*np.flatnonzero(line_of < 0).tolist(), *lines.plain[sorted(several)].tolist()]
        read = {title: Title(titles[title]) for title in alone}
        readings = {title: self._readings.of(one) for title, one in read.items()}
        return _Read(lines, read, readings, line_of)

    def _found_in(self, words: Words, readings: Sequence[Reading]) -> Finds:
        """Return finds by the places of the words of these titles; names, then what else there is.

        Where titles are read together they have no accents, and `readings` is empty.
        """
        names = self._names.finds(words, self._sweep.exact(words), readings).best()
        loose, learnt = self._loose.find(words, names), self._learnt.find(words)
        num_names = len(self._names.texts)
        loose = loose._replace(variant=loose.variant + num_names)
        learnt = learnt._replace(variant=learnt.variant + num_names + len(self._loose.texts))
        found = Finds.joined([names, loose, learnt])
        return found if readings else self._proved(found)

    def _in_others(self, read: _Read) -> Finds:
        """Return what is found in readings beside those of lines, by the titles' own words."""
        others = read.others()
        readings = [reading for _, reading in others]
        words = self._sweep.numbers.of_titles([reading.words.plain for reading in readings])
        found = self._found_in(words, readings)
        title_R = np.array([title for title, _ in others], np.int64)
        placed = _placed(found, words, readings)
        return self._proved(placed._replace(title=title_R[placed.title]))

    def _proved(self, found: Finds) -> Finds:
        """Return finds with what their sorts of evidence proved to be worth."""
        if not self._weigher.has_learnt:
            return found
        pairs = zip(found.score.tolist(), found.evidence.tolist(), strict=True)
        lessons = self._weigher.lessons
        score = [lessons.weighed(score, EVIDENCE[number].name) for score, number in pairs]
        return found._replace(score=np.array(score, np.float64))

    def _judged(self, finds: Finds, read: _Read) -> Floats:
        """Return the scores by all that each title says, not rounded where no text was looked at.

        What means another class has none: -1.
        """
        score = finds.judged(self._is_long)
        one_by_one = ~self._has_none[finds.label]
        if self._weigher.has_learnt:
            one_by_one |= self._taught[finds.label] & (finds.evidence != LEARNT)
        places = np.flatnonzero(one_by_one).tolist()
        for title, which in groupby(places, finds.title.item):
            begin, end = np.searchsorted(finds.title, [title, title + 1]).tolist()
            found, said = self._listed(finds, begin, end), read.said(title)
            for place in which:
                judged = self._weigher.judged(found[place - begin], found, said)
                score[place] = -1.0 if judged is None else judged.score
        return score

    def _listed(self, finds: Finds, begin: int, end: int) -> list[Find]:
        columns = (part[begin:end].tolist() for part in finds[1:])
        label, score, first, last, variant, kind, is_part = columns
        texts, kinds = [self._texts[at] for at in variant], [EVIDENCE[at] for at in kind]
        return list(map(Find, label, score, first, last, texts, kinds, is_part))

    def _told(self, finds: Finds, read: _Read, num_titles: int) -> list[tuple[TitleMatch, ...]]:
        order = np.lexsort((self._place_of_name[finds.label], -finds.score, finds.title))
        finds = finds.at(order)
        names, texts = self._weigher.names, self._texts
        rows = zip(
            map(names.__getitem__, finds.label.tolist()),
            finds.score.tolist(),
            self._quoted(finds, read),
            map(texts.__getitem__, finds.variant.tolist()),
            strict=True,
        )
        matches: list[tuple[TitleMatch, ...]] = [()] * num_titles
        for title, match in zip(finds.title.tolist(), map(TitleMatch._make, rows), strict=True):
            matches[title] = (*matches[title], match)
        return matches

    def _quoted(self, finds: Finds, read: _Read) -> list[str]:
        """Return the words of each find as they stand in its title."""
        line = read.line_of[finds.title]
        words, text = read.lines.words, read.lines.text
        begin = np.array(words.begins, np.int64)[line]
        begin[line < 0] = 0
        num_words = len(words.start_W)
        start, end = np.append(words.start_W, 0), np.append(words.end_W, 0)
        first = np.where(line < 0, num_words, begin + finds.first)
        last = np.where(line < 0, num_words, begin + finds.last)
        quoted = [text[a:b] for a, b in zip(start[first].tolist(), end[last].tolist(), strict=True)]
        for at in np.flatnonzero(line < 0).tolist():
            title = int(finds.title[at])
            quoted[at] = read.titles[title].told(int(finds.first[at]), int(finds.last[at]))
        return quoted


def _placed(found: Finds, words: Words, readings: Sequence[Reading]) -> Finds:
    """Return what is found in readings by the places of the titles' own words."""
    read = [reading.words for reading in readings]
    first_W = np.array([at for one in read for at in list(one.places)[:-1]], np.int64)
    last_W = np.array([at for one in read for at in one.last_places()], np.int64)
    goes_on_W = np.array([one.goes_on(at) for one in read for at in range(len(one.plain))], bool)
    begin_F = np.array(words.begins, np.int64)[found.title]
    first_F, last_F = begin_F + found.first, begin_F + found.last
    first, last = first_W[first_F], last_W[last_F]
    is_split = last - first > found.last - found.first
    weight_R = np.array([reading.weight for reading in readings], np.float64)
    return found._replace(
        score=found.score * weight_R[found.title] * np.where(is_split, SPLIT, 1.0),
        first=first,
        last=last,
        is_part=goes_on_W[last_F] | ((found.first > 0) & goes_on_W[first_F - 1]),
    )
