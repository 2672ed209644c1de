"""Class edits as values; `str` gives the line that says one."""

from dataclasses import dataclass

MAX_LABEL_LENGTH = 100
BY_ANSWERS = "by answers"


@dataclass(frozen=True, slots=True)
class Merge:
    """Several labels become one."""

    sources: tuple[str, ...]
    target: str

    def __str__(self) -> str:
        return f"merge {' + '.join(self.sources)} -> {self.target}"


@dataclass(frozen=True, slots=True)
class SplitLabel:
    """A label's clips go to the names that annotators gave them."""

    source: str
    targets: tuple[str, ...]
    """Empty for every name that was given."""

    def __str__(self) -> str:
        return f"split {self.source} -> {' | '.join(self.targets) or BY_ANSWERS}"


@dataclass(frozen=True, slots=True)
class Rename:
    """A label gets a new name."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"rename {self.source} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Move:
    """A label, or a group, goes into another group, out of those that it is in."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"move {self.source} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Drop:
    """A label is not released."""

    source: str

    def __str__(self) -> str:
        return f"drop {self.source}"


@dataclass(frozen=True, slots=True)
class Filter:
    """Labels with too few clips, or too doubtful ones, are not released."""

    min_clips: int = 0
    min_yes_rate: float = 0.0
    """Share of yes among all answers about the label's clips, rejected ones included."""

    def __str__(self) -> str:
        words = [f"min_clips={self.min_clips}"] if self.min_clips else []
        words += [f"min_yes_rate={self.min_yes_rate:g}"] if self.min_yes_rate else []
        return f"filter {' '.join(words)}"


@dataclass(frozen=True, slots=True)
class Undo:
    """An earlier edit never happened; undoing an undo brings it back."""

    number: int
    """1 for the first edit that was recorded."""

    def __str__(self) -> str:
        return f"undo {self.number}"


@dataclass(frozen=True, slots=True)
class Restore:
    """The last edit that took something from a label, or moved it, never happened."""

    source: str

    def __str__(self) -> str:
        return f"restore {self.source}"


Edit = Merge | SplitLabel | Rename | Move | Drop | Filter | Undo | Restore


def sources_of(edit: Edit) -> tuple[str, ...]:
    """Return the names that an edit takes something from; none of a filter and of what undoes."""
    match edit:
        case Merge(sources, _):
            return sources
        case SplitLabel() | Rename() | Move() | Drop():
            return (edit.source,)
        case _:
            return ()


def new_names(edit: Edit) -> tuple[str, ...]:
    """Return the names that an edit gives; none of a merge into one of its own."""
    match edit:
        case Merge():
            return () if edit.target in edit.sources else (edit.target,)
        case Rename():
            return (edit.target,)
        case SplitLabel():
            return edit.targets
    return ()
