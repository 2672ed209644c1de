"""Verbs `classes list`, `search` and `tree`: looking at a list of classes."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kinetics_builder.database.engine import reading
from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.classes import read_class_list
from kinetics_builder.text.class_list.entries import ClassEntry, ClassList, Group
from kinetics_builder.text.counting import counted
from kinetics_builder.text.normalise import normalise, split_words, strip_accents
from kinetics_builder.workspace import Workspace
from pipelines.classes.edited import edited_class_list
from pipelines.classes.kept import class_list_of
from pipelines.classes.questions import question_lines

_ALIKE = 0.75
"""Likeness of a word to one that was asked for, at which it may be a slip of the pen."""


def find_class_list(
    workspace: Workspace | None, path: Path | None, *, is_edited: bool = False
) -> ClassList:
    """Return the list of a file, or the one that the last `collect` of a workspace was given.

    With `is_edited` that of the workspace is as the recorded edits leave it.

    Raises:
        ClassesError: The file cannot be used, or no classes are there.

    """
    if path is not None:
        return read_class_list(path)
    assert workspace is not None
    with reading(workspace.engine) as session:
        found = edited_class_list(session) if is_edited else class_list_of(session)
    if not found.classes:
        raise ClassesError(
            "no classes are here yet. Name a file with --classes, or run `kbuild collect` with it."
        )
    return found


def within(found: ClassList, group: str) -> ClassList:
    """Return the classes of a group and of those in it.

    Raises:
        ClassesError: There is no such group; with those that are called nearly so.

    """
    names = {one.name for one in found.groups}
    if group not in names:
        near = difflib.get_close_matches(group, names, n=3) or sorted(names)[:3]
        there = f"There are {', '.join(map(repr, near))}." if near else "No class is in a group."
        raise ClassesError(f"there is no group {group!r}. {there}")
    inside, last = {group}, 0
    while len(inside) > last:
        last = len(inside)
        inside |= {one.name for one in found.groups if one.parent in inside}
    classes = tuple(entry for entry in found.classes if inside.intersection(entry.groups))
    groups = (one for one in found.groups if one.name in inside)
    return ClassList(
        classes, tuple(replace(one, parent=None) if one.name == group else one for one in groups)
    )


def search(found: ClassList, words: str) -> list[ClassEntry]:
    """Return the classes that have all words in them, those with them in the name first.

    A word may be the beginning of one, and be misspelt where nothing else has it. Case and
    accents do not matter. Looked at are id, name, synonyms, queries, groups and description.
    """
    asked = split_words(strip_accents(normalise(words)))
    ranked = [(rank, entry) for entry in found.classes if (rank := _rank(entry, asked)) is not None]
    return [entry for _, entry in sorted(ranked, key=lambda pair: (pair[0], pair[1].name))]


def _rank(entry: ClassEntry, asked: Sequence[str]) -> int | None:
    """Return 0 where the name has all words, 1 where the rest must help, 2 if one is misspelt."""
    name = _words([entry.key or "", entry.name])
    rest = _words(
        [*entry.synonyms, *(q.text for q in entry.queries), *entry.groups, entry.description or ""]
    )
    if all(_has(name, word) for word in asked):
        return 0
    if all(_has(name | rest, word) for word in asked):
        return 1
    close = (difflib.get_close_matches(word, name | rest, n=1, cutoff=_ALIKE) for word in asked)
    return 2 if all(close) else None


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in split_words(strip_accents(normalise(text)))}


def _has(words: Iterable[str], asked: str) -> bool:
    return any(word.startswith(asked) for word in words)


def class_lines(classes: Sequence[ClassEntry], num_all: int) -> Iterator[str]:
    """Yield a line a class: name, id and groups; then how many there are."""
    width = max((len(entry.name) for entry in classes), default=0)
    for entry in classes:
        said = "; ".join(entry.groups)
        key = f"  [{entry.key}]" if entry.key else ""
        yield f"{entry.name:<{width}}{key}  {said}".rstrip()
    of_all = f" of {num_all:,}" if len(classes) != num_all else ""
    yield f"{len(classes):,}{of_all} {'class' if num_all == 1 else 'classes'}"


def tree_lines(found: ClassList) -> Iterator[str]:
    """Yield the groups with their questions and classes, as a tree.

    A class stands in each of its groups; behind a group is how many classes are in it, those of
    groups in it included and each counted once.
    """
    children: dict[str | None, list[Group]] = defaultdict(list)
    members: dict[str, list[str]] = defaultdict(list)
    for group in found.groups:
        children[group.parent].append(group)
    for entry in found.classes:
        for name in entry.groups:
            members[name].append(entry.name)
    for group in children[None]:
        yield from _branch(group, children, members, found)
    alone = [entry.name for entry in found.classes if not entry.groups]
    if alone and found.groups:
        yield f"in no group  ({len(alone):,})"
    yield from _leaves(alone)


def _branch(
    group: Group,
    children: dict[str | None, list[Group]],
    members: dict[str, list[str]],
    found: ClassList,
) -> Iterator[str]:
    num = len(within(found, group.name).classes)
    asks = f"  {group.question}" if group.question else ""
    yield f"{group.name}  ({num:,}){asks}"
    inner = [list(_branch(one, children, members, found)) for one in children[group.name]]
    drawn = [list(question_lines(group))] if group.questions else []
    blocks = [*drawn, *inner, *([name] for name in members[group.name])]
    for number, block in enumerate(blocks, start=1):
        is_last = number == len(blocks)
        yield ("└─ " if is_last else "├─ ") + block[0]
        yield from (("   " if is_last else "│  ") + line for line in block[1:])


def _leaves(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names, start=1):
        yield ("└─ " if number == len(names) else "├─ ") + name


def tree_summary(found: ClassList) -> str:
    """Return how many classes and groups a list has."""
    classes = counted(len(found.classes), "class", "classes")
    num_questions = sum(len(group.questions) for group in found.groups)
    asked = f", {counted(num_questions, 'question')}" if num_questions else ""
    return f"{classes} in {counted(len(found.groups), 'group')}{asked}"
