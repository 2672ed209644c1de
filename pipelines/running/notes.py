"""What a person should know of an item that did not fail: noted where it is seen, said once.

Notes are collected item by item, wherever the item is worked on; the runner counts them, and
whoever shows the run says each text once, with how often it came and what it was about.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from kinetics_builder.text.masking import masked

_MOST_NAMED = 3
_MOST_TEXTS = 50
"""Different texts that a run keeps; more would be no overview."""


class Note(NamedTuple):
    """A text that many items may share, and what this one is about."""

    text: str
    about: str = ""


_taken: list[Note] | None = None


def note(text: str, about: str = "") -> None:
    """Note something about the item that is being worked on; outside of one it is dropped."""
    if _taken is not None:
        _taken.append(Note(masked(text), masked(about)))


@contextmanager
def noting() -> Iterator[list[Note]]:
    """Give the list that fills while one item is worked on."""
    global _taken
    before, taken = _taken, list[Note]()
    _taken = taken
    try:
        yield taken
    finally:
        _taken = before


@dataclass
class Notebook:
    """The notes of a run, counted."""

    _counts: Counter[str] = field(default_factory=Counter)
    _about: dict[str, list[str]] = field(default_factory=dict)

    def add(self, notes: Iterable[Note]) -> None:
        """Count the notes of an item, equal ones once."""
        for text, about in dict.fromkeys(notes):
            if text not in self._counts and len(self._counts) == _MOST_TEXTS:
                continue
            self._counts[text] += 1
            named = self._about.setdefault(text, [])
            if about and len(named) < _MOST_NAMED:
                named.append(about)

    def lines(self) -> tuple[str, ...]:
        """Return one line a text, the most frequent first."""
        return tuple(
            self._line(text, count)
            for text, count in sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))
        )

    def _line(self, text: str, count: int) -> str:
        named = ", ".join(self._about[text])
        more = ", ..." if count > len(self._about[text]) else ""
        times = f"{count} times: " if count > 1 else ""
        return f"{times}{text}" + (f" ({named}{more})" if named else "")
