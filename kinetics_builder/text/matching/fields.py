"""Classes that a video's title, tags and description name, each counting as much as it tells.

Each tag and each sentence is looked at by itself: words of several say nothing together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.listed_words import (
    DESCRIPTION,
    TAGS,
    TITLE,
    Texts,
    hashtags_in,
    sentences_of,
)
from kinetics_builder.text.matching.contraries import Contraries, Said
from kinetics_builder.text.matching.matcher import TitleMatch
from kinetics_builder.text.matching.titles import Title

FIELD_WEIGHTS = {TITLE: 1.0, TAGS: 0.8, DESCRIPTION: 0.6}
"""What a name counts where it stands: tags are given to be found by, descriptions tell of much."""


class TextMatcher(Protocol):
    """What finds classes in a text."""

    def match_all(self, titles: Iterable[str]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each title."""


class _Piece(NamedTuple):
    field: str
    text: str


class FieldMatcher:
    """A matcher of titles, asked about some fields of videos."""

    def __init__(
        self, matcher: TextMatcher, entries: Iterable[ClassEntry], fields: Sequence[str]
    ) -> None:
        """Take what finds classes in a text, the classes, and the fields to look at."""
        self._matcher, self._entries = matcher, tuple(entries)
        self._fields = frozenset(fields)

    def match_all(self, videos: Sequence[Texts]) -> Iterator[tuple[TitleMatch, ...]]:
        """Yield the classes of each video, best first, ties by name."""
        pieces = [self._pieces(video) for video in videos]
        texts = list(dict.fromkeys(piece.text for of_video in pieces for piece in of_video))
        found = dict(zip(texts, self._matcher.match_all(texts), strict=True))
        return (self._joined(of_video, found) for of_video in pieces)

    def _pieces(self, video: Texts) -> list[_Piece]:
        pieces = [_Piece(TITLE, video.title)]
        tags = list(video.tags) if TAGS in self._fields else []
        if DESCRIPTION in self._fields and video.description:
            tags += hashtags_in(video.description)
            pieces += [_Piece(DESCRIPTION, text) for text in sentences_of(video.description)]
        words = (tag if " " in tag else f"#{tag}" for tag in dict.fromkeys(tags))
        return [*pieces, *(_Piece(TAGS, text) for text in words)]

    def _joined(
        self, pieces: Sequence[_Piece], found: Mapping[str, Sequence[TitleMatch]]
    ) -> tuple[TitleMatch, ...]:
        best: dict[str, TitleMatch] = {}
        for piece in pieces:
            for match in found[piece.text]:
                counted = _counted(match, piece.field)
                known = best.get(match.label)
                if known is None or known.score < counted.score:
                    best[match.label] = counted
        kept = (match for match in best.values() if not self._is_another(match.label, pieces))
        return tuple(sorted(kept, key=lambda match: (-match.score, match.label)))

    def _is_another(self, label: str, pieces: Iterable[_Piece]) -> bool:
        """Say whether the title or a tag has what a video of the class never has.

        A sentence of a description speaks for itself alone: descriptions tell of much else.
        """
        contraries = self._contraries.get(label)
        if contraries is None:
            return False
        said = (_said(piece.text) for piece in pieces if piece.field != DESCRIPTION)
        return any(contraries.exclude(one, 0, -1) for one in said)

    @cached_property
    def _contraries(self) -> dict[str, Contraries]:
        known = ((entry.name, Contraries(entry)) for entry in self._entries)
        return {name: contraries for name, contraries in known if not contraries.has_none}


def _counted(match: TitleMatch, field: str) -> TitleMatch:
    if field == TITLE:
        return match
    where = "in a tag" if field == TAGS else "in the description"
    score = round(match.score * FIELD_WEIGHTS[field], 4)
    return match._replace(score=score, variant=f"{match.variant} ({where})")


def _said(text: str) -> Said:
    read = Title(text)
    parts = read.humps()
    return Said.of([read.words.plain, *([read.words.parted(parts).plain] if parts else [])])
