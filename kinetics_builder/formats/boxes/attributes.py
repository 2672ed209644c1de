"""What the attributes of a box drawn in a tool say: who it is, and what they do."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kinetics_builder.formats.boxes.actions import parts_of
from kinetics_builder.formats.boxes.ava.csv_rows import number_of
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems

PERSON = "person"
"""What tools call the thing in the box; what it does are attributes."""

PERSON_ID = "person_id"
"""The attribute that says who it is."""

OTHERS = "attributes"
"""The detail that holds the attributes of a box which are no actions."""

IGNORED = "ignored"
"""The detail that says that a box is none to be found: of a crowd, or marked so by its file."""

CLASS = "class"
"""The detail that says what else than a person is in the box."""

NOTHING_GROUPED: Mapping[str, str] = MappingProxyType({})
"""Of tools in which each tick is an attribute of its own."""
_HOLDS_CLASS = re.compile(
    r"(action|activit|label|class|categor|behaviou?r|verb)(s|es|y|ies)?"
    r"([ _-]?(name|label|class|type|category))?",
    re.IGNORECASE,
)
"""What people call the attribute that holds the action."""
_EMPTY = ("", "__undefined__")


class Said(NamedTuple):
    """What the attributes of a drawn box say."""

    person: str | None
    """Who it is, as text; None without such an attribute."""
    actions: tuple[str, ...]
    others: dict[str, str]


def said_by(
    attributes: Mapping[str, str],
    options: Options,
    problems: Problems,
    groups: Mapping[str, str] = NOTHING_GROUPED,
) -> Said:
    """Sort out a box's attributes; `groups` names the group of each option that may be ticked.

    With a label map its classes are the actions, whether they are ticked or the value of any
    attribute. Without one, an attribute or group called action, label, class or the like holds
    them; where there is none, everything that is ticked ("true") is an action, and a box in
    which nothing is found is told of, with the attributes it has. One value may name several
    actions: `actions_in` parts them.
    """
    told = {
        name: value
        for name, value in attributes.items()
        if name != PERSON_ID and value not in _EMPTY
    }
    is_action = _by_label_map(options) if options.labels else _by_name(told, groups)
    actions: list[str] = []
    others: dict[str, str] = {}
    for name, value in told.items():
        is_tick = value.lower() in ("true", "false")
        if is_action(name, value):
            actions.extend([] if value.lower() == "false" else [name if is_tick else value])
        else:
            others[name] = value
            if value.lower() == "true" and options.labels:
                problems.warning(f"{name!r} is ticked, but is no class of the label map")
    is_guessed = not options.labels and all(
        action in told and not _holds_class(groups.get(action, "")) for action in actions
    )
    if is_guessed and (unknown := _texts(others)):
        taken = f"took what is ticked ({', '.join(actions)}) for" if actions else "found"
        problems.warning(
            f"{taken} {'the' if actions else 'no'} action among the attributes {unknown}: "
            "give --label-map FILE with the names that are actions"
        )
    return Said(attributes.get(PERSON_ID), tuple(actions), others)


def _by_label_map(options: Options) -> Callable[[str, str], bool]:
    assert options.labels is not None
    known = options.labels.ids

    def is_action(name: str, value: str) -> bool:
        if value.lower() in ("true", "false"):
            return name in known
        return value in known or _holds_class(name) or known.keys() >= set(parts_of(value))

    return is_action


def _by_name(
    attributes: Mapping[str, str], groups: Mapping[str, str]
) -> Callable[[str, str], bool]:
    """Return whether an attribute is an action, by what it and the others are called."""
    holders = {
        name
        for name, value in attributes.items()
        if value.lower() not in ("true", "false") and _holds_class(name)
    } | {group for group in groups.values() if _holds_class(group)}

    def is_action(name: str, value: str) -> bool:
        is_tick = value.lower() in ("true", "false")
        return is_tick if not holders else groups.get(name, name) in holders

    return is_action


def _holds_class(name: str) -> bool:
    return _HOLDS_CLASS.fullmatch(name) is not None


def _texts(others: Mapping[str, str]) -> str:
    """Return, for people, the attributes whose values are words."""
    words = {
        name: value
        for name, value in others.items()
        if value.lower() not in ("true", "false") and not value.replace(".", "").isdigit()
    }
    return ", ".join(f"{name}={value!r}" for name, value in words.items())


def person_number(text: str | None) -> int | None:
    """Return who it is as a number; None for nobody.

    Raises:
        ValueError: No whole number of 32 bits.

    """
    if text is None or not text.strip():
        return None
    return number_of(text, PERSON_ID)


def others_of(details: Mapping[str, object]) -> dict[str, str]:
    """Return the attributes of a box which are no actions, as its details have them."""
    found = details.get(OTHERS)
    return (
        {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    )


def details_of(said: Said, *, is_occluded: bool = False) -> dict[str, object]:
    """Return a box's details: occluded if it is, and the attributes that are no actions."""
    occluded: dict[str, object] = {"occluded": True} if is_occluded else {}
    return occluded | ({OTHERS: said.others} if said.others else {})
