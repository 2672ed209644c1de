"""What the list of classes holds, as values."""

from collections.abc import Iterable
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

    key: str | None = None
    """What the class stays known by when its name changes (`id` in the file); None: by its name."""
    name: str
    """Letters of any case, digits, brackets, quotes: "passing American football (in game)"."""
    queries: tuple[Query, ...] = ()
    """Beside the name, which is always a query."""
    synonyms: tuple[str, ...] = ()
    """Other names that a title may use."""
    negative_words: tuple[str, ...] = ()
    """Words or phrases of which a title must have none."""
    groups: tuple[str, ...] = ()
    """Names of groups that the class is in; several, as Kinetics' parents."""
    description: str | None = None
    """For annotators."""
    example: str | None = None
    """For annotators: a text or the address of a picture or video."""
    way: Way | None = None
    """How its clips are shown to annotators (`verify` in the file); None where it says nothing."""
    line: int = 0
    """Where the class stands in the file, from 1."""


NONE_OF_THESE = "none of these"
"""Where an answer leads that rules out every class of a tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeQuestion:
    """A question of a group's decision tree, to be answered by yes or no."""

    key: str
    """What it is known by (`id` in the file), in the whole file: answers are kept under it."""
    text: str
    examples: tuple[str, ...] = ()
    """For annotators."""
    yes: str
    """Where yes leads: to a question of the group, a class in it, a group in it that has questions
    of its own, or `NONE_OF_THESE`."""
    no: str
    line: int = 0
    """Where the question stands in the file, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of classes; groups in groups make trees, as event, set and element of FineGym."""

    name: str
    parent: str | None = None
    """The group that it is in."""
    question: str | None = None
    """To be answered by yes or no: is what is shown in this group?"""
    description: str | None = None
    questions: tuple[TreeQuestion, ...] = ()
    """Its decision tree, the question that is asked first at the front; see
    `kinetics_builder.text.class_list.trees`."""
    line: int = 0
    """Where the group stands in the file, from 1; 0 if only classes name it."""


@dataclass(frozen=True, slots=True)
class ClassList:
    """All classes and their groups, both in the file's order."""

    classes: tuple[ClassEntry, ...]
    groups: tuple[Group, ...] = ()


def groups_named(classes: Iterable[ClassEntry]) -> tuple[Group, ...]:
    """Return the groups that classes name, in the order in which they come."""
    names = dict.fromkeys(name for entry in classes for name in entry.groups)
    return tuple(Group(name=name) for name in names)
