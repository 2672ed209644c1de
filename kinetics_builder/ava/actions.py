"""The actions that people are asked about: numbers, names, types and what each means."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.records import Label


class ActionType(StrEnum):
    """What an action is about; the values are the words of AVA's own list."""

    POSE = "PERSON_MOVEMENT"
    OBJECT = "OBJECT_MANIPULATION"
    PERSON = "PERSON_INTERACTION"

    @property
    def word(self) -> str:
        """The short word for it: pose, object or person."""
        return self.name.lower()

    @property
    def most(self) -> int:
        """How many such actions a person has at most at a time (arXiv:1705.08421, figure 1)."""
        return 1 if self is ActionType.POSE else 3


class Action(NamedTuple):
    """One action of a vocabulary."""

    id: int
    """From 1."""
    name: str
    type: ActionType
    definition: str = ""
    """What annotators are told that it means; may be empty."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Actions in the order of their numbers."""

    actions: tuple[Action, ...]
    _by_id: dict[int, Action] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, Action] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "actions", tuple(sorted(self.actions)))
        object.__setattr__(self, "_by_id", {action.id: action for action in self.actions})
        object.__setattr__(self, "_by_name", {key(action.name): action for action in self.actions})

    def of_id(self, number: int) -> Action:
        """Return the action of a number; ValueError for an unknown one."""
        try:
            return self._by_id[number]
        except KeyError:
            raise ValueError(f"the action {number} is not in the vocabulary") from None

    def of_name(self, name: str) -> Action:
        """Return the action of a name, whatever its case; ValueError for an unknown one."""
        try:
            return self._by_name[key(name)]
        except KeyError:
            raise ValueError(f"the action {name!r} is not in the vocabulary") from None

    def of_type(self, of: ActionType) -> tuple[Action, ...]:
        """Return the actions of a type, in order."""
        return tuple(action for action in self.actions if action.type is of)

    def label_map(self) -> LabelMap:
        """Return numbers and names as formats and measures take them; the type is the group."""
        return LabelMap(
            tuple(Label(action.id, action.name, action.type.value) for action in self.actions)
        )

    def __contains__(self, number: object) -> bool:
        return number in self._by_id

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions)

    def __len__(self) -> int:
        return len(self.actions)


def key(name: str) -> str:
    """Return what tells names apart: neither case nor the kind of blanks does."""
    return " ".join(name.split()).casefold()
