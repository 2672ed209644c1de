"""What a vocabulary's file must say: checked entry by entry, each fault in one line."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from kinetics_builder.ava.actions import Action, ActionType, Vocabulary, key
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION, MOST


class Entry(NamedTuple):
    """An action as a file has it, all of it text, and where: the file, and a line or a place."""

    where: str
    id: str
    name: str
    type: str
    definition: str = ""


_TYPES = {text: one for one in ActionType for text in (one.value.casefold(), one.word)}
TYPES = "pose (PERSON_MOVEMENT), object (OBJECT_MANIPULATION) or person (PERSON_INTERACTION)"
"""What a type may be, for people."""


def vocabulary_of(path: Path, entries: Iterable[Entry], *, may_have_gaps: bool) -> Vocabulary:
    """Return the vocabulary that the entries of `path` are.

    Raises:
        FormatError: No action, none that is a pose, a number that is no whole one from 1 on, an
            empty name, either of them twice, an unknown type or none, or a number left out where
            that was not stated. Each names the entry and what to do.

    """
    numbers: dict[object, str] = {}
    names: dict[object, str] = {}
    actions: list[Action] = []
    for entry in entries:
        action = _action(entry)
        _refuse_twice(numbers, action.id, entry, f"the number {action.id}")
        _refuse_twice(names, key(action.name), entry, f"the name {action.name!r}")
        actions.append(action)
    if not any(action.type is ActionType.POSE for action in actions):
        found = f"{len(actions)} actions, none of them a pose" if actions else "none"
        raise FormatError(
            f"{path}: expected actions with a pose among them, since each person has exactly one; "
            f"found {found}."
        )
    if not may_have_gaps:
        _refuse_gaps(path, sorted(action.id for action in actions))
    return Vocabulary(tuple(actions))


def _action(entry: Entry) -> Action:
    digits = entry.id.strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 10
    if not is_number or not FIRST_ACTION <= int(digits) < MOST:
        raise FormatError(
            f"{entry.where}: expected a whole number from {FIRST_ACTION} on as id, found "
            f"{entry.id!r}: AVA's files and evaluators count actions from {FIRST_ACTION}."
        )
    name = " ".join(entry.name.split())
    if not name or not name.isprintable():
        raise FormatError(f"{entry.where}: expected a name for action {digits}, found {name!r}.")
    kind = _TYPES.get(entry.type.strip().casefold())
    if kind is None:
        found = f"found the type {entry.type!r}" if entry.type.strip() else "found none"
        raise FormatError(f"{entry.where}: expected a type for {name!r}: {TYPES}; {found}.")
    return Action(int(digits), name, kind, " ".join(entry.definition.split()))


def _refuse_twice(seen: dict[object, str], one: object, entry: Entry, what: str) -> None:
    if one in seen:
        raise FormatError(
            f"{entry.where}: {what} stands twice, first at {seen[one]}: give each action its own."
        )
    seen[one] = entry.where


def _refuse_gaps(path: Path, numbers: list[int]) -> None:
    for before, after in pairwise([FIRST_ACTION - 1, *numbers]):
        if after != before + 1:
            left_out = f"{before + 1}" if after == before + 2 else f"{before + 1} to {after - 1}"
            raise FormatError(
                f"{path}: expected the numbers {FIRST_ACTION} to {len(numbers)}, found no "
                f"{left_out}: number the actions without a gap, or write the line `# gaps = true` "
                "(in TOML: `gaps = true`) if it is meant."
            )
