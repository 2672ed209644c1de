"""What the scored match learns from titles that people accepted for a class, and rejected.

Counts, and shares of them with a doubt that shrinks as they grow: nothing is drawn by chance,
and without decisions every score stays what it is.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from math import exp, log
from pathlib import Path
from typing import Any, NamedTuple, Self

from kinetics_builder.errors import ConfigError
from kinetics_builder.text.matching.phrases import FUNCTION_WORDS
from kinetics_builder.text.matching.titles import TitleWords

DOUBT = 20.0
"""Decisions that what was held before weighs as much as."""
WORD_DOUBT = 4.0
"""The same for words of one class's titles."""
FEWEST = 4
"""Titles that must have words before they say anything."""
NAMING_DOUBT = 2.0
"""Titles without the class that are assumed beside those that were seen with its words."""
FORM = "kbuild-title-lessons"


class Lesson(NamedTuple):
    """A decision about a title's class."""

    title: str
    label: str
    is_accepted: bool


class Seen(NamedTuple):
    """A decision, and what the match held of it before anything was learnt."""

    lesson: Lesson
    evidence: str
    """The name of what the title says of the class; empty where it says nothing."""
    score: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Decisions counted."""

    accepted: int = 0
    decided: int = 0
    score: float = 0.0
    """Sum of the untaught scores."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learnt: counts alone."""

    evidence: Mapping[str, Tally] = field(default_factory=dict)
    classes: Mapping[str, Tally] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, tuple[int, int, int]]] = field(default_factory=dict)
    """Class -> one or two words -> titles with them that were accepted, rejected, and others'."""

    def weighed(self, score: float, evidence: str) -> float:
        """Return the score of a sort of evidence, as far as it proved right, in [0, 1]."""
        tally = self.evidence.get(evidence)
        if tally is None or not tally.score:
            return score
        held = tally.score / tally.decided
        found = (tally.accepted + DOUBT * held) / (tally.decided + DOUBT)
        return min(1.0, score * found / held)

    def in_context(self, score: float, label: str, words: Sequence[str]) -> float:
        """Return a score by how the class fared, and titles that say the same beside its name."""
        doubt = self._of_class(label) + self._of_words(label, words)
        if not doubt:
            return score
        kept = min(max(score, 0.01), 0.99)
        return 1 / (1 + exp(-log(kept / (1 - kept)) - doubt))

    def tells_of(self, label: str) -> bool:
        """Say whether `in_context` may change scores of a class."""
        return label in self.classes

    def naming(self) -> Iterable[tuple[str, str, float]]:
        """Yield (class, words, score): words that name a class as its accepted titles show."""
        for label, words in self.words.items():
            for text, (accepted, rejected, others) in words.items():
                if accepted >= FEWEST:
                    yield label, text, accepted / (accepted + rejected + others + NAMING_DOUBT)

    def _of_class(self, label: str) -> float:
        tally = self.classes.get(label)
        if tally is None:
            return 0.0
        share = self._share
        found = (tally.accepted + DOUBT * share) / (tally.decided + DOUBT)
        return _log_odds(found) - _log_odds(share)

    def _of_words(self, label: str, words: Sequence[str]) -> float:
        """Return what the most telling words of a title change."""
        known, tally = self.words.get(label), self.classes.get(label)
        if not known or tally is None:
            return 0.0
        share = (tally.accepted + WORD_DOUBT * self._share) / (tally.decided + WORD_DOUBT)
        doubts = [0.0]
        for text in set(ngrams(words)) & known.keys():
            accepted, rejected, _ = known[text]
            if accepted + rejected >= FEWEST:
                found = accepted + WORD_DOUBT * share
                found /= accepted + rejected + WORD_DOUBT
                doubts.append(_log_odds(found) - _log_odds(share))
        return max(doubts, key=lambda doubt: (abs(doubt), doubt))

    @property
    def _share(self) -> float:
        accepted = sum(tally.accepted for tally in self.classes.values())
        decided = sum(tally.decided for tally in self.classes.values())
        return (accepted + 1) / (decided + 2)

    @property
    def text(self) -> str:
        """The lessons as JSON; equal lessons give equal texts."""
        value = {"form": FORM, "version": 1, **asdict(self)}
        return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @property
    def digest(self) -> str:
        """64 hex digits that change with the lessons."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the lessons of a file that holds `text`.

        Raises:
            ConfigError: The file is missing, or no lessons of this version.

        """
        try:
            return cls.parse(path.read_text(encoding="utf-8"), str(path))
        except FileNotFoundError as error:
            raise ConfigError(
                f"{path}: match.lessons names this file, and it is not there. "
                "`kbuild train-matcher` writes one."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise _no_lessons(str(path), error) from error

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """Return the lessons of a text; `where` it stands is named in errors."""
        try:
            value = json.loads(text)
            if value["form"] != FORM or value["version"] != 1:
                raise ValueError("another form or version")
            return cls(_tallies(value["evidence"]), _tallies(value["classes"]), _words(value))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _no_lessons(where, error) from error


NONE_LEARNT = Lessons()


def _no_lessons(where: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"{where}: expected what `kbuild train-matcher` writes, found something else "
        f"({type(error).__name__}: {error}). Run it again, or empty match.lessons."
    )


def ngrams(words: Sequence[str]) -> Iterable[str]:
    """Yield the words of a title that may say something, and each two that stand together.

    >>> list(ngrams(["how", "to", "barbecue"]))
    ['how', 'barbecue', 'how to', 'to barbecue']
    """
    yield from (word for word in words if word not in FUNCTION_WORDS and not word.isdigit())
    yield from (f"{first} {second}" for first, second in pairwise(words))


def learn(decided: Iterable[Seen], others: Iterable[str] = ()) -> Lessons:
    """Return what decisions teach; `others` are titles that nobody decided about.

    The order of both changes nothing; a title counts once for a class, however often it comes.
    """
    seen = sorted(set(decided))
    evidence: dict[str, list[Seen]] = defaultdict(list)
    classes: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        if one.evidence:
            evidence[one.evidence].append(one)
        classes[one.lesson.label].append(one)
    return Lessons(
        {name: _tally(found) for name, found in sorted(evidence.items())},
        {name: _tally(found) for name, found in sorted(classes.items())},
        _counted([one.lesson for one in seen], others),
    )


def _counted(
    lessons: Sequence[Lesson], others: Iterable[str]
) -> dict[str, dict[str, tuple[int, int, int]]]:
    accepted: dict[str, Counter[str]] = defaultdict(Counter)
    rejected: dict[str, Counter[str]] = defaultdict(Counter)
    titles = {lesson.title for lesson in lessons}
    said = {title: set(ngrams(TitleWords.of(title).plain)) for title in titles}
    for lesson in lessons:
        (accepted if lesson.is_accepted else rejected)[lesson.label].update(said[lesson.title])
    everywhere = Counter(text for found in said.values() for text in found)
    for title in others:
        if title not in titles:
            everywhere.update(everywhere.keys() & set(ngrams(TitleWords.of(title).plain)))
    return {
        label: {
            text: (yes, no, everywhere[text] - yes - no)
            for text in sorted(accepted[label].keys() | rejected[label].keys())
            if (yes := accepted[label][text]) + (no := rejected[label][text]) >= FEWEST
        }
        for label in sorted(accepted.keys() | rejected.keys())
    }


def _tally(seen: Sequence[Seen]) -> Tally:
    accepted = sum(one.lesson.is_accepted for one in seen)
    return Tally(accepted, len(seen), round(sum(one.score for one in seen), 4))


def _log_odds(share: float) -> float:
    return log(share / (1 - share))


def _tallies(value: Mapping[str, Any]) -> dict[str, Tally]:
    found = {name: Tally(**tally) for name, tally in value.items()}
    for tally in found.values():
        if not 0 <= int(tally.accepted) <= int(tally.decided) or not float(tally.score) >= 0:
            raise ValueError(f"{tally} cannot be")
    return found


def _words(value: Mapping[str, Any]) -> dict[str, dict[str, tuple[int, int, int]]]:
    return {
        str(label): {str(text): (int(a), int(r), int(o)) for text, (a, r, o) in words.items()}
        for label, words in value["words"].items()
    }
