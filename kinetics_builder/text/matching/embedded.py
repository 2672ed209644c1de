"""The scored match with sentence embeddings beside it, for titles that say but a part of a name.

The model comes inside the package `wordllama` (an optional extra): nothing is fetched.
"""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from kinetics_builder.errors import ConfigError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lessons
from kinetics_builder.text.matching.matcher import CHUNK, TitleMatch
from kinetics_builder.text.matching.scored import ScoredMatcher
from kinetics_builder.text.matching.weighing import SURE

PART = 0.2
"""Least score of a part of a name that is taken for one."""
ALIKE = 0.3
"""How much more than `SURE` a title counts that is just like its class."""


class EmbeddedMatcher:
    """The scored match; where it is sure of no class, a part of the nearest one's name will do."""

    def __init__(
        self, entries: Iterable[ClassEntry], least: float = SURE, lessons: Lessons = NONE_LEARNT
    ) -> None:
        """Prepare the names, and what they mean.

        Raises:
            ConfigError: The extra is not installed.

        """
        self.entries = tuple(entries)
        self._least = least
        self._scored = ScoredMatcher(self.entries, min(least, PART), lessons)
        self._model = load_model()
        self._names = [entry.name for entry in self.entries]
        self._meanings = self._model.embed(self._names, norm=True)

    def match(self, title: str) -> tuple[TitleMatch, ...]:
        """Return the classes with scores of at least `least`, best first, ties by name."""
        return self._meant(title, self._scored.match(title))

    def match_all(self, titles: Iterable[str]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each title, faster than `match` one by one."""
        rest = iter(titles)
        while chunk := list(islice(rest, CHUNK)):
            yield from map(self._meant, chunk, self._scored.match_all(chunk))

    def _meant(self, title: str, found: tuple[TitleMatch, ...]) -> tuple[TitleMatch, ...]:
        """Return what is left of the scored match's finds; the model is asked if none is sure."""
        if found and PART <= found[0].score < SURE:
            found = self._raised(title, found)
        return tuple(match for match in found if match.score >= self._least)

    def _raised(self, title: str, found: tuple[TitleMatch, ...]) -> tuple[TitleMatch, ...]:
        """Return the matches with the class that the title means first, if it says a part of it."""
        alike = self._meanings @ self._model.embed([title], norm=True)[0]
        nearest = int(np.argmax(alike))
        score = round(SURE + ALIKE * max(0.0, float(alike[nearest])), 4)
        raised = (
            match._replace(score=score)
            if match.label == self._names[nearest] and match.score >= PART
            else match
            for match in found
        )
        return tuple(sorted(raised, key=lambda match: (-match.score, match.label)))


def check_installed() -> None:
    """Raise ConfigError if the package with the model is not there."""
    if find_spec("wordllama") is None:
        raise ConfigError(
            'match.mode = "embedded" needs a package that is not installed: '
            "`pip install 'kinetics-builder[embeddings]'`."
        )


def load_model() -> Any:
    """Return the model of the installed package.

    Raises:
        ConfigError: The package is not installed, or holds no model.

    """
    check_installed()
    import wordllama

    # Its own search looks for the tokenizer in another folder than the one that it ships it in.
    inside = Path(wordllama.__file__).parent
    try:
        return wordllama.WordLlama.load(cache_dir=inside, disable_download=True)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the model of {inside} cannot be read: {error}. Install it anew."
        ) from error
