"""Paths through a tree of questions: what one worker answers, and where that leads. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from kinetics_builder.database.tables import Answer
from kinetics_builder.text.class_list.trees import NOWHERE, Goal, Leads, Tree

Path = Sequence[Sequence[str]]
"""The key of each question and the answer to it, in the order of asking. Unsure and bad end it."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a path has come to."""

    goal: Goal
    """A question where it has not ended, or where somebody was unsure."""
    last: Answer | None
    """The last answer; None of an empty path."""

    @property
    def element(self) -> str | None:
        """The class that the path leads to."""
        return self.goal.name if self.goal.leads is Leads.CLASS else None

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is asked."""
        return self.goal.leads is not Leads.QUESTION or self.last is Answer.UNSURE


def follow(tree: Tree, path: Path) -> Reached:
    """Return where a path leads.

    Whoever is unsure stays at that question; a clip that is called bad is none of the classes.

    Raises:
        ValueError: It is no path of this tree; with what does not fit.

    """
    goal, last = Goal(Leads.QUESTION, tree.first), None
    for step in path:
        if len(step) != 2:
            raise ValueError(f"a step has {len(step)} parts, expected a question and an answer")
        key, said = step
        if goal.leads is not Leads.QUESTION or last is Answer.UNSURE:
            raise ValueError(f"the path ends before {key!r}")
        if key != goal.name:
            raise ValueError(f"{key!r} is answered where {goal.name!r} is asked")
        if said not in list(Answer):
            raise ValueError(f"{said!r} is not one of {', '.join(Answer)}")
        last = Answer(said)
        goal = after(tree, key, last)
    return Reached(goal, last)


def after(tree: Tree, key: str, answer: Answer) -> Goal:
    """Return where an answer to a question leads."""
    node = tree.nodes[key]
    goals = {Answer.YES: node.yes, Answer.NO: node.no, Answer.BAD: NOWHERE}
    return goals.get(answer, Goal(Leads.QUESTION, key))


def end_of(tree: Tree, path: Path) -> tuple[str | None, Answer | None]:
    """Return the class that a path leads to and its last answer; a path of old questions none."""
    try:
        reached = follow(tree, path)
    except ValueError:
        return None, None
    return reached.element, reached.last
