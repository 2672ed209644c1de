"""Decision trees of yes/no questions, from an event over its sets to an element, as FineGym has.

A group of classes may have questions (arXiv:2004.06704). Of groups in one another that have some,
the outermost is a tree: whoever is asked begins there, and comes to one of its classes, or to none.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from kinetics_builder.text.class_list.entries import NONE_OF_THESE, ClassList, Group


class Leads(StrEnum):
    """To what an answer leads."""

    QUESTION = "question"
    CLASS = "class"
    NONE = "none"


class Goal(NamedTuple):
    """Where an answer leads."""

    leads: Leads
    name: str
    """The key of a question, or the name of a class."""


NOWHERE = Goal(Leads.NONE, NONE_OF_THESE)


@dataclass(frozen=True, slots=True)
class Node:
    """A question of a tree."""

    key: str
    text: str
    examples: tuple[str, ...]
    group: str
    """Of the classes file, whose question it is."""
    yes: Goal
    no: Goal

    @property
    def goals(self) -> tuple[Goal, Goal]:
        """Where yes leads, and no."""
        return self.yes, self.no


@dataclass(frozen=True, slots=True)
class Tree:
    """A group's questions and those of groups in it."""

    name: str
    """That of the group."""
    first: str
    """The key of the question that everybody is asked."""
    nodes: Mapping[str, Node]
    """By key, in the file's order."""

    def elements(self, key: str) -> set[str]:
        """Return the classes that can still be reached from a question."""
        goals = [goal for found in self.reached(key) for goal in self.nodes[found].goals]
        return {goal.name for goal in goals if goal.leads is Leads.CLASS}

    def reached(self, key: str) -> list[str]:
        """Return the question and all that may be asked after it, each once."""
        found, waiting = {key: None}, [key]
        while waiting:
            for goal in self.nodes[waiting.pop()].goals:
                if goal.leads is Leads.QUESTION and goal.name not in found:
                    found[goal.name] = None
                    waiting.append(goal.name)
        return list(found)


def trees_of(found: ClassList) -> list[Tree]:
    """Return the decision trees of a list that was checked as it was read, in its order."""
    known = Known(found)
    return [tree_of(known, root) for root in known.roots()]


def classes_of(found: ClassList, tree: Tree) -> list[str]:
    """Return the classes of a tree's group and of groups in it, in the list's order."""
    inside = Known(found).inside(tree.name)
    return [entry.name for entry in found.classes if inside.intersection(entry.groups)]


class Known:
    """The groups of a list, by name and by what they are in."""

    def __init__(self, found: ClassList) -> None:
        self.classes = found.classes
        self.groups = {group.name: group for group in found.groups}
        self.asking = [group for group in found.groups if group.questions]
        self._children: dict[str | None, list[Group]] = defaultdict(list)
        for group in found.groups:
            self._children[group.parent].append(group)
        self._members: dict[str, set[str]] = {}
        self._inside: dict[str, set[str]] = {}

    def roots(self) -> list[Group]:
        """Return the groups with questions that are in no other such group."""
        inner = {name for group in self.asking for name in self.inside(group.name) - {group.name}}
        return [group for group in self.asking if group.name not in inner]

    def inside(self, name: str) -> set[str]:
        """Return the group and those in it."""
        if name not in self._inside:
            found = {name}
            waiting = [name]
            while waiting:
                children = [group.name for group in self._children[waiting.pop()]]
                found.update(children)
                waiting += children
            self._inside[name] = found
        return self._inside[name]

    def members(self, name: str) -> set[str]:
        """Return the classes of the group and of those in it."""
        if name not in self._members:
            inside = self.inside(name)
            self._members[name] = {e.name for e in self.classes if inside.intersection(e.groups)}
        return self._members[name]

    def goal(self, group: Group, told: str) -> Goal | None:
        """Return where an answer to a question of a group leads; None where that is nothing."""
        if told == NONE_OF_THESE:
            return NOWHERE
        if any(question.key == told for question in group.questions):
            return Goal(Leads.QUESTION, told)
        if told in self.members(group.name):
            return Goal(Leads.CLASS, told)
        inner = self.groups.get(told)
        if inner and inner.questions and told in self.inside(group.name) - {group.name}:
            return Goal(Leads.QUESTION, inner.questions[0].key)
        return None

    def names_in(self, group: Group) -> list[str]:
        """Return all that an answer to a question of the group may lead to."""
        inner = [n for n in self.inside(group.name) - {group.name} if self.groups[n].questions]
        keys = [question.key for question in group.questions]
        return [NONE_OF_THESE, *keys, *sorted(self.members(group.name)), *sorted(inner)]


def tree_of(known: Known, root: Group) -> Tree:
    """Return the decision tree of a group."""
    inside = known.inside(root.name)
    asking = [root, *(g for g in known.asking if g.name in inside and g is not root)]
    nodes = {
        one.key: Node(
            one.key,
            one.text,
            one.examples,
            group.name,
            known.goal(group, one.yes) or NOWHERE,
            known.goal(group, one.no) or NOWHERE,
        )
        for group in asking
        for one in group.questions
    }
    return Tree(root.name, root.questions[0].key, nodes)
