"""What edits of classes do, as whoever serves the page knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SaidEdit:
    """An edit as somebody writes it, and why."""

    text: str
    """A line of the language of edits: `merge A + B -> C`."""
    author: str
    reason: str
    evidence: str
    """What shows that it is right: a page, a file, a place."""


@dataclass(frozen=True, slots=True)
class ClassThen:
    """What would become of one class."""

    label: str
    num_before: int
    """Clips that would be released without the edit."""
    num_after: int
    num_to_ask: int
    """Clips of which people would be asked which part of it they are."""
    quota: str
    """"reached" or "lost" where the edit makes that of it; else empty."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit would do."""

    edit: str
    """As it would be recorded."""
    classes: Sequence[ClassThen]
    """Those that it changes."""
    num_same: int
    num_before: int
    num_after: int
    num_to_ask: int


class ClassEditing(Protocol):
    """Knows what edits do. Raises FormatError for a line that is no edit, or makes no sense."""

    def plan(self, session: Session, said: SaidEdit) -> Effect:
        """Return what an edit would do; nothing is written."""

    def record(self, session: Session, said: SaidEdit) -> None:
        """Record an edit, in a writing session."""
