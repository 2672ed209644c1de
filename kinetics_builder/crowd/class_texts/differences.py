"""What differs between two versions of a class, word by word. Pure functions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from kinetics_builder.crowd.class_texts.versions import ClassText


class Fate(StrEnum):
    """What became of some words."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that stand beside one another and have one fate."""

    fate: Fate
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one part of a version."""

    part: str
    words: tuple[Words, ...]

    @property
    def line(self) -> str:
        """Return it as a line: `[-gone-]`, `{+new+}`."""
        marks = {Fate.KEPT: ("", ""), Fate.GONE: ("[-", "-]"), Fate.NEW: ("{+", "+}")}
        said = (marks[one.fate][0] + one.words + marks[one.fate][1] for one in self.words)
        return f"{self.part}: {' '.join(said)}"


def compare(old: ClassText, new: ClassText) -> list[Difference]:
    """Return the parts that differ, in a fixed order; none where both say the same."""
    parts = ((name, _words(old, name), _words(new, name)) for name in ClassText.__slots__)
    return [
        Difference(name.replace("_", " "), tuple(_compare(was, now)))
        for name, was, now in parts
        if was != now
    ]


def _words(text: ClassText, part: str) -> list[str]:
    value = getattr(text, part)
    if value is None:
        return []
    if isinstance(value, tuple):
        return [f"clip {clip_id}" for clip_id in value]
    return str(value).split()


def _compare(was: list[str], now: list[str]) -> Iterator[Words]:
    matcher = SequenceMatcher(a=was, b=now, autojunk=False)
    for _, first, last, begin, end in _steps(matcher):
        if was[first:last] == now[begin:end]:
            yield Words(Fate.KEPT, " ".join(was[first:last]))
            continue
        if gone := was[first:last]:
            yield Words(Fate.GONE, " ".join(gone))
        if new := now[begin:end]:
            yield Words(Fate.NEW, " ".join(new))


def _steps(matcher: SequenceMatcher[str]) -> Iterable[tuple[str, int, int, int, int]]:
    return matcher.get_opcodes()
