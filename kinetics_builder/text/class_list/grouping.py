"""The groups of a list of classes: each there once, in a group that is there, and in no circle."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.entries import (
    ClassList,
    Group,
    TreeQuestion,
    groups_named,
)
from kinetics_builder.text.foreign import flaw_of, spelled

_MAX_NAME_LENGTH = 100
_MAX_TEXT_LENGTH = 1000


def grouped(path: Path, found: ClassList) -> ClassList:
    """Return a list with every group that its classes name.

    Where the file says anything of groups, it must name all of them: another name is a slip.

    Raises:
        ClassesError: A group stands there twice, is in itself, or is nowhere named.

    """
    groups = _checked(path, found.groups)
    for group in groups.values():
        if group.parent is not None and group.parent not in groups:
            raise _unknown(path, group.line, group.parent, groups)
    for group in groups.values():
        _refuse_circle(path, group, groups)
    if not groups:
        return ClassList(found.classes, groups_named(found.classes))
    for entry in found.classes:
        for name in entry.groups:
            if name not in groups:
                raise _unknown(path, entry.line, name, groups)
    return ClassList(found.classes, tuple(groups.values()))


def _checked(path: Path, groups: Iterable[Group]) -> dict[str, Group]:
    known: dict[str, Group] = {}
    for group in groups:
        where = f"{path}:{group.line}"
        _check(where, "group", group.name, _MAX_NAME_LENGTH)
        for what, text in (("question", group.question), ("description", group.description)):
            if text is not None:
                _check(where, what, text, _MAX_TEXT_LENGTH)
        kept = replace(
            group,
            name=spelled(group.name),
            parent=group.parent and spelled(group.parent),
            question=group.question and spelled(group.question),
            description=group.description and spelled(group.description),
            questions=tuple(_question(path, one) for one in group.questions),
        )
        first = known.setdefault(kept.name, kept)
        if first is not kept:
            raise ClassesError(
                f"{where}: the group {kept.name!r} stands in line {first.line} already. Remove one "
                "of them."
            )
    return known


def _question(path: Path, one: TreeQuestion) -> TreeQuestion:
    """Return a question as it is kept: see `spelled`."""
    where = f"{path}:{one.line}"
    if not re.fullmatch(r"[\w.-]{1,100}", one.key):
        raise ClassesError(
            f"{where}: the id {one.key[:60]!r} is none: letters, digits, `-`, `_` and `.`, at most "
            f"{_MAX_NAME_LENGTH}."
        )
    _check(where, "question", one.text, _MAX_TEXT_LENGTH)
    for text in one.examples:
        _check(where, "example", text, _MAX_TEXT_LENGTH)
    return replace(
        one,
        text=spelled(one.text),
        examples=tuple(map(spelled, one.examples)),
        yes=spelled(one.yes),
        no=spelled(one.no),
    )


def _check(where: str, what: str, text: str, longest: int) -> None:
    if flaw := flaw_of(text):
        raise ClassesError(f"{where}: {text[:60]!r} holds {flaw}. Remove it.")
    if not spelled(text):
        raise ClassesError(f"{where}: the {what} is empty. Write it, or remove it.")
    if len(text) > longest:
        raise ClassesError(
            f"{where}: the {what} has {len(text)} characters, expected at most {longest}. "
            "Shorten it."
        )


def _refuse_circle(path: Path, group: Group, groups: Mapping[str, Group]) -> None:
    way = [group.name]
    parent = group.parent
    while parent is not None:
        way.append(parent)
        if parent == group.name:
            raise ClassesError(
                f"{path}:{group.line}: the group {group.name!r} is in itself: {' in '.join(way)}. "
                "Take one `parent` away."
            )
        if parent in way[:-1]:
            return  # a circle of others, which is told of one of them
        parent = groups[parent].parent


def _unknown(path: Path, line: int, name: str, groups: Iterable[str]) -> ClassesError:
    near = difflib.get_close_matches(name, groups, n=3) or sorted(groups)[:3]
    return ClassesError(
        f"{path}:{line}: there is no group {name!r}; there are {', '.join(map(repr, near))}. "
        "Add it to `groups`, or mend the name."
    )
