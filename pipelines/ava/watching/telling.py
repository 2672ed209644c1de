"""What is to be said of many films alike, in one line each kind."""

from collections import defaultdict
from collections.abc import Callable

OUTSIDE = "outside"
"""A kind: key frames that lie outside of a film's file."""


class Telling:
    """Keeps what is to be said of films, and says each kind once: of the first, and of how many.

    Use it with `with`: it speaks at the end, also where the work ends by an error.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._films: dict[str, list[str]] = defaultdict(list)

    def __enter__(self) -> "Telling":
        """Begin with nothing to say."""
        return self

    def note(self, kind: str, text: str) -> None:
        """Keep a sentence about a film, without its full stop; `kind` is what films share."""
        self._films[kind].append(text)

    def __exit__(self, *_: object) -> None:
        """Say what was kept, the kind that was met first first."""
        for texts in self._films.values():
            others = len(texts) - 1
            more = f" (and the like of {others:,} more film{'s' if others > 1 else ''})"
            self._say(f"Warning: {texts[0]}{more if others else ''}.")
