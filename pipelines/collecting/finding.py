"""How this workspace finds classes in titles: by the binary rule or scored, as its settings say."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from kinetics_builder.config import MatchConfig
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.listed_words import TITLE, Texts
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lessons
from kinetics_builder.workspace import Workspace

if TYPE_CHECKING:
    from kinetics_builder.text.matching.embedded import EmbeddedMatcher
    from kinetics_builder.text.matching.matcher import Matcher, TitleMatch
    from kinetics_builder.text.matching.scored import ScoredMatcher

SCORING = 2
"""Counted up when the scored match would no longer give the scores that it gave before."""
READING = 1
"""The same of how tags and descriptions are read."""


class Finder:
    """Classes, and how they are found in a title. It can be handed to another process."""

    def __init__(
        self,
        entries: tuple[ClassEntry, ...],
        settings: MatchConfig,
        lessons: Lessons = NONE_LEARNT,
    ) -> None:
        """Take the classes, what the settings say, and what was learnt."""
        self.entries, self.settings, self.lessons = entries, settings, lessons

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made when the first title comes."""
        return {key: value for key, value in vars(self).items() if key != "_matcher"}

    def find(self, title: str) -> "list[TitleMatch]":
        """Return the classes that a title names with scores of `min_score` or more, best first."""
        return self._kept(self._matcher.match(title))

    def find_all(self, titles: Iterable[str]) -> "Iterator[list[TitleMatch]]":
        """Yield what `find` returns of each title, faster than one by one."""
        return map(self._kept, self._matcher.match_all(titles))

    @property
    def reads_titles_alone(self) -> bool:
        """Whether tags and descriptions are left unread."""
        return set(self.settings.fields) == {TITLE}

    def find_in(self, videos: Sequence[Texts]) -> "Iterator[list[TitleMatch]]":
        """Yield the classes that videos name in the fields that `match.fields` lists."""
        if self.reads_titles_alone:
            return self.find_all(video.title for video in videos)
        from kinetics_builder.text.matching.fields import FieldMatcher

        matcher = FieldMatcher(self._matcher, self.entries, self.settings.fields)
        return map(self._kept, matcher.match_all(videos))

    def _kept(self, found_in_title: "Iterable[TitleMatch]") -> "list[TitleMatch]":
        least = self.settings.min_score
        return [found for found in found_in_title if found.score >= least]

    @property
    def told(self) -> tuple[Any, ...]:
        """What the candidates depend on beside the classes.

        Of the binary rule it is what it was when there was no other: what was matched by it
        stays matched.
        """
        fields = [] if self.reads_titles_alone else [READING, *sorted(set(self.settings.fields))]
        if self.settings.mode == "binary":
            return ({"min_score": self.settings.min_score}, *fields)
        told = self.settings.mode, self.settings.min_score, SCORING, self.lessons.digest, *fields
        return (*told, version("wordllama")) if self.settings.mode == "embedded" else told

    @cached_property
    def _matcher(self) -> "Matcher | ScoredMatcher | EmbeddedMatcher":
        if self.settings.mode == "binary":
            from kinetics_builder.text.matching.matcher import Matcher

            return Matcher(self.entries)
        from kinetics_builder.text.matching.embedded import EmbeddedMatcher
        from kinetics_builder.text.matching.scored import ScoredMatcher

        kind = EmbeddedMatcher if self.settings.mode == "embedded" else ScoredMatcher
        return kind(self.entries, self.settings.min_score, self.lessons)


def finder_of(workspace: Workspace, entries: tuple[ClassEntry, ...]) -> Finder:
    """Return how a workspace finds classes in titles.

    Raises:
        ConfigError: `match.lessons` names a file that is missing or no lessons, or `match.mode`
            needs a package that is not installed.

    """
    settings = workspace.config.match
    if settings.mode == "embedded":
        from kinetics_builder.text.matching.embedded import check_installed

        check_installed()
    path = workspace.root / settings.lessons
    return Finder(entries, settings, Lessons.read(path) if settings.lessons else NONE_LEARNT)
