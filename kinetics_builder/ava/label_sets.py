"""What is odd about all that a person is said to do at once.

A person has one pose, and up to three actions with objects and three with people
(arXiv:1705.08421, figure 1). That is what annotators are asked for: what several of them name and
others confirm may be more, and the official rows hold such boxes too, so none of it is an error.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kinetics_builder.ava.actions import ActionType, Vocabulary

Types = Mapping[int, ActionType]
"""The type of each action, by number."""


class Oddity(StrEnum):
    """What is odd about a box's actions, as it is said of several boxes."""

    NO_POSE = "have actions and no pose"
    POSES = "have several poses"
    OBJECTS = f"have more than {ActionType.OBJECT.most} actions with objects"
    PERSONS = f"have more than {ActionType.PERSON.most} actions with people"


_TOO_MANY = {
    ActionType.POSE: Oddity.POSES,
    ActionType.OBJECT: Oddity.OBJECTS,
    ActionType.PERSON: Oddity.PERSONS,
}


def types_of(vocabulary: Vocabulary) -> Types:
    """Return the type of each action of a vocabulary."""
    return {action.id: action.type for action in vocabulary}


def oddities(actions: Collection[int], types: Types) -> Iterator[Oddity]:
    """Yield what is odd about the actions of a box; each action counts once.

    Numbers without a type count as nothing.
    """
    counts = Counter(types[number] for number in set(actions) if number in types)
    if counts and not counts[ActionType.POSE]:
        yield Oddity.NO_POSE
    for kind, oddity in _TOO_MANY.items():
        if counts[kind] > kind.most:
            yield oddity


@dataclass
class OddBoxes:
    """Counts odd boxes, and keeps where the first of each sort is."""

    counts: Counter[Oddity] = field(default_factory=Counter)
    first: dict[Oddity, str] = field(default_factory=dict)

    def add(self, actions: Collection[int], types: Types, place: str) -> list[Oddity]:
        """Count a box with these actions; return the sorts that are new with it."""
        new = []
        for oddity in oddities(actions, types):
            self.counts[oddity] += 1
            if oddity not in self.first:
                self.first[oddity] = place
                new.append(oddity)
        return new

    def lines(self) -> Iterator[str]:
        """Yield a line for each sort, in the order of `Oddity`."""
        for oddity in Oddity:
            if number := self.counts[oddity]:
                yield f"{number:,} {told(oddity, number)}, the first: {self.first[oddity]}"


def told(oddity: Oddity, number: int) -> str:
    """Return what is said of so many boxes.

    >>> told(Oddity.POSES, 1), told(Oddity.POSES, 2)
    ('box has several poses', 'boxes have several poses')
    """
    return f"boxes {oddity}" if number != 1 else f"box {oddity.replace('have', 'has', 1)}"
