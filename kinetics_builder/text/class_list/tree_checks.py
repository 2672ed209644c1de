"""Whether decision trees leave nobody without a question, or without an answer."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.entries import ClassEntry, ClassList, Group, TreeQuestion
from kinetics_builder.text.class_list.trees import Known, Leads, Tree, tree_of


def check_trees(path: Path, found: ClassList) -> None:
    """Refuse trees that leave somebody without a question or an answer.

    Raises:
        ClassesError: An answer leads nowhere, questions lead back to themselves, nobody is asked a
            question, no path leads to a class, a class lies in two trees, or an id stands twice.

    """
    known = Known(found)
    roots = known.roots()
    _check_ids(path, known)
    for group in known.asking:
        for question in group.questions:
            for answer, told in (("yes", question.yes), ("no", question.no)):
                if known.goal(group, told) is None:
                    raise _leads_nowhere(path, known, group, question, (answer, told))
    in_trees: dict[str, str] = {}
    for root in roots:
        tree = tree_of(known, root)
        _refuse_circles(path, known, tree)
        _refuse_unasked(path, known, tree)
        _refuse_unreached(path, known, tree, in_trees)


def _check_ids(path: Path, known: Known) -> None:
    names = {entry.name: entry.line for entry in known.classes}
    seen: dict[str, int] = {}
    for group in known.asking:
        for question in group.questions:
            key, where = question.key, f"{path}:{question.line}"
            if key in seen:
                raise ClassesError(
                    f"{where}: the id {key!r} is that of the question in line {seen[key]} already. "
                    "Give this one another: answers are kept under it."
                )
            if key in names or key in known.groups:
                raise ClassesError(
                    f"{where}: the id {key!r} is the name of a class or a group, too, and an "
                    "answer that leads there may mean either. Give the question another id."
                )
            seen[key] = question.line


def _leads_nowhere(
    path: Path, known: Known, group: Group, question: TreeQuestion, answer: tuple[str, str]
) -> ClassesError:
    said, told = answer
    there = known.names_in(group)
    near = difflib.get_close_matches(told, there, n=3) or there[:3]
    return ClassesError(
        f"{path}:{question.line}: {said} to {question.key!r} leads to {told!r}, which is no "
        f"question of the group {group.name!r} and no class or group with questions in it; there "
        f"are {', '.join(map(repr, near))}. Mend the name."
    )


def _line(known: Known, tree: Tree, key: str) -> int:
    questions = known.groups[tree.nodes[key].group].questions
    return next(one.line for one in questions if one.key == key)


def _refuse_circles(path: Path, known: Known, tree: Tree) -> None:
    done: set[str] = set()
    for key in tree.nodes:
        if circle := _circle(tree, [key], done):
            raise ClassesError(
                f"{path}:{_line(known, tree, circle[0])}: the question {circle[0]!r} leads back to "
                f"itself: {' -> '.join(circle)}. Lead one of these answers elsewhere."
            )


def _circle(tree: Tree, way: list[str], done: set[str]) -> list[str] | None:
    """Return the questions of a circle that the last of the way leads into; None without one."""
    waiting: list[Iterator[str]] = [_after(tree, way[-1])]
    while waiting:
        key = next(waiting[-1], None)
        if key is None:
            waiting.pop()
            done.add(way.pop())
        elif key in way:
            return [*way[way.index(key) :], key]
        elif key not in done:
            way.append(key)
            waiting.append(_after(tree, key))
    return None


def _after(tree: Tree, key: str) -> Iterator[str]:
    return (goal.name for goal in tree.nodes[key].goals if goal.leads is Leads.QUESTION)


def _refuse_unasked(path: Path, known: Known, tree: Tree) -> None:
    asked = set(tree.reached(tree.first))
    for key in tree.nodes:
        if key not in asked:
            raise ClassesError(
                f"{path}:{_line(known, tree, key)}: nobody is asked the question {key!r}: no "
                f"answer leads to it from {tree.first!r}, which is asked first. Lead one to it, or "
                "remove it."
            )


def _refuse_unreached(path: Path, known: Known, tree: Tree, in_trees: dict[str, str]) -> None:
    reached, members = tree.elements(tree.first), known.members(tree.name)
    for entry in _named(known.classes, members):
        if entry.name not in reached:
            raise ClassesError(
                f"{path}:{entry.line}: no path leads to the class {entry.name!r}, which is in the "
                f"group {tree.name!r} with its questions. Lead an answer to it, or take it out of "
                "the group."
            )
        other = in_trees.setdefault(entry.name, tree.name)
        if other != tree.name:
            raise ClassesError(
                f"{path}:{entry.line}: the class {entry.name!r} is in two groups with questions, "
                f"{other!r} and {tree.name!r}: by which its clips are asked about is not said. "
                "Take it out of one."
            )


def _named(classes: Sequence[ClassEntry], names: Iterable[str]) -> list[ClassEntry]:
    wanted = set(names)
    return [entry for entry in classes if entry.name in wanted]
