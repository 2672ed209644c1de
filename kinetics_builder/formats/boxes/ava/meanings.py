"""The different texts of a column, and what each means."""

from collections.abc import Callable
from typing import Generic, TypeVar

Meaning = TypeVar("Meaning")


class Meanings(Generic[Meaning]):
    """Texts in order of appearance, each read once."""

    def __init__(self, parse: Callable[[str], Meaning]) -> None:
        self._parse = parse
        self.places: dict[str, int] = {}
        self.meanings: list[Meaning] = []

    def place(self, text: str) -> int:
        """Return the place of a text; ValueError for one without a meaning."""
        if text not in self.places:
            self.meanings.append(self._parse(text))
            self.places[text] = len(self.places)
        return self.places[text]
