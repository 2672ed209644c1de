"""Names, and words that name a class as its accepted titles show, in many titles at once.

Suffixes of arrays: H a name at a place in a title.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kinetics_builder.text.matching.finds import EVIDENCE, Finds
from kinetics_builder.text.matching.loose import Evidence
from kinetics_builder.text.matching.matcher import Meaning
from kinetics_builder.text.matching.readings import Reading
from kinetics_builder.text.matching.sweep import Lists, Numbers, Stood, Trie, Words

Learnt = Mapping[str, Sequence[tuple[int, float]]]
"""Words that name a class as its accepted titles show -> label and score."""

_NAME, LEARNT = EVIDENCE.index(Evidence.NAME), EVIDENCE.index(Evidence.LEARNT)


class NamesSweep:
    """What the patterns of the plain rule mean, by their numbers."""

    def __init__(self, meanings: Sequence[Sequence[Meaning]]) -> None:
        """Take what each pattern means, in the order of the patterns."""
        self._meanings = [meaning for found in meanings for meaning in found]
        ids = iter(range(len(self._meanings)))
        self._of = Lists({at: [(next(ids), 0) for _ in found] for at, found in enumerate(meanings)})
        self._label = np.array([one.label for one in self._meanings], np.int64)
        self._plain = np.array([one.plain for one in self._meanings], np.float64)
        self.texts = [one.text for one in self._meanings]

    def finds(self, words: Words, stood: Stood, readings: Sequence[Reading]) -> Finds:
        """Return all names that stand there, by the places of the titles' words."""
        at_H, rows_H = self._of.of(stood.pattern)
        meaning_H = rows_H[:, 0]
        first, last = stood.first[at_H], stood.last[at_H]
        title = words.title_W[first]
        begin = np.array(words.begins, np.int64)[title]
        kind = np.full(len(title), _NAME)
        found = Finds(
            title,
            self._label[meaning_H],
            self._plain[meaning_H],
            first - begin,
            last - begin,
            meaning_H,
            kind,
            np.zeros(len(title), bool),
        )
        return self._spelled(found, readings) if readings else found

    def _spelled(self, found: Finds, readings: Sequence[Reading]) -> Finds:
        """Return the finds with their scores by the accents that the titles have."""
        score = found.score.copy()
        rows = zip(*(part.tolist() for part in (found.title, found.first, found.last)), strict=True)
        for at, (title, first, last) in enumerate(rows):
            words, meaning = readings[title].words, self._meanings[int(found.variant[at])]
            if words.spelled is not words.plain:
                is_spelled = " ".join(words.spelled[first : last + 1]) == meaning.text
                score[at] = meaning.weight if is_spelled else meaning.without_accents
        return found._replace(score=score)


class LearntSweep:
    """Words that name a class as its accepted titles show, by their numbers."""

    def __init__(self, learnt: Learnt, numbers: Numbers) -> None:
        """Take the words with their classes."""
        rows = [(text, *row) for text, found in learnt.items() for row in found]
        ids = iter(range(len(rows)))
        pairs = {at: [(next(ids), 0) for _ in found] for at, found in enumerate(learnt.values())}
        self._of, self._trie = Lists(pairs), Trie(learnt, numbers)
        self._label = np.array([label for _, label, _ in rows], np.int64)
        self._score = np.array([score for *_, score in rows], np.float64)
        self.texts = [text for text, *_ in rows]

    def find(self, words: Words) -> Finds:
        """Return all of them that stand there."""
        stood = self._trie.find(words)
        at_H, rows_H = self._of.of(stood.pattern)
        row_H, first, last = rows_H[:, 0], stood.first[at_H], stood.last[at_H]
        title = words.title_W[first]
        begin = np.array(words.begins, np.int64)[title]
        kind = np.full(len(title), LEARNT)
        return Finds(
            title,
            self._label[row_H],
            self._score[row_H],
            first - begin,
            last - begin,
            row_H,
            kind,
            np.zeros(len(title), bool),
        )
