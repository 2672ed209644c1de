"""One class of the list of classes, as a value."""

from dataclasses import dataclass

from kinetics_builder.ways import Way


@dataclass(frozen=True, slots=True)
class Query:
    """What to ask a search for, and in which language."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEntry:
    """One class of the list."""

    name: str
    """Letters of any case, digits, brackets, quotes: "passing American football (in game)"."""
    queries: tuple[Query, ...] = ()
    """Beside the name, which is always a query."""
    synonyms: tuple[str, ...] = ()
    """Other names that a title may use."""
    negative_words: tuple[str, ...] = ()
    """Words or phrases of which a title must have none."""
    group: str | None = None
    description: str | None = None
    """For annotators."""
    example: str | None = None
    """For annotators: a text or the address of a picture or video."""
    way: Way | None = None
    """How its clips are shown to annotators (`verify` in the file); None where it says nothing."""
    line: int = 0
    """Where the class stands in the file, from 1."""
