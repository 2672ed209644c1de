"""The fields that a person's actions are typed into: one pose, three of each interaction."""

import difflib
from collections.abc import Mapping
from typing import Any, NamedTuple

from annotation_ui.kinds.kind import BadAnswer
from annotation_ui.languages.words import gettext, lazy_gettext
from kinetics_builder.ava.actions import Action, ActionType, Vocabulary
from kinetics_builder.crowd.actions.proposing import check_actions


class Field(NamedTuple):
    """A field of the form."""

    name: str
    type: ActionType
    title: Any
    """In the language of the page."""
    is_first: bool
    """Whether it is the first of its type."""


_TITLES = {
    ActionType.POSE: (lazy_gettext("Pose or movement"),),
    ActionType.OBJECT: (
        lazy_gettext("With objects"),
        lazy_gettext("With objects, second"),
        lazy_gettext("With objects, third"),
    ),
    ActionType.PERSON: (
        lazy_gettext("With persons"),
        lazy_gettext("With persons, second"),
        lazy_gettext("With persons, third"),
    ),
}
_WORDS = {
    ActionType.POSE: lazy_gettext("a pose"),
    ActionType.OBJECT: lazy_gettext("an interaction with an object"),
    ActionType.PERSON: lazy_gettext("an interaction with a person"),
}


def _fields() -> list[Field]:
    found = []
    for kind in ActionType:
        for number in range(1, kind.most + 1):
            name = kind.word if kind.most == 1 else f"{kind.word}_{number}"
            found.append(Field(name, kind, _TITLES[kind][number - 1], is_first=number == 1))
    return found


FIELDS = tuple(_fields())
"""`pose`, `object_1` to `object_3`, `person_1` to `person_3`."""


def read_actions(form: Mapping[str, str], actions: Vocabulary) -> tuple[int, ...]:
    """Return the numbers of the actions that a form names, in order; none for an empty form.

    Raises:
        BadAnswer: A field holds no action of its type, or all of them are not what a person may
            do at one moment (`check_actions`).

    """
    filled = [field for field in FIELDS if form.get(field.name, "").strip()]
    named = [_action(field, form[field.name], actions) for field in filled]
    if not named:
        return ()
    try:
        check_actions(named)
    except ValueError as error:
        raise BadAnswer(f"{error}.") from error
    return tuple(sorted(action.id for action in named))


def fill(actions: Vocabulary, action_ids: tuple[int, ...]) -> dict[str, str]:
    """Return the fields by name that hold these actions, as `read_actions` reads them.

    An action that the vocabulary lacks by now is left out.
    """
    waiting = {kind: [field.name for field in FIELDS if field.type is kind] for kind in ActionType}
    filled = {}
    for action in (actions.of_id(number) for number in action_ids if number in actions):
        if waiting[action.type]:
            filled[waiting[action.type].pop(0)] = action.name
    return filled


def _action(field: Field, text: str, actions: Vocabulary) -> Action:
    try:
        action = actions.of_name(text)
    except ValueError:
        names = [one.name for one in actions.of_type(field.type)]
        near = difflib.get_close_matches(text, names, n=3) or names[:3]
        said = f"{field.name}={text[:60]!r}"
        raise BadAnswer(
            gettext(
                "%(said)s is no action of the vocabulary, such as %(near)s.",
                said=said,
                near=", ".join(map(repr, near)),
            )
        ) from None
    if action.type is not field.type:
        said = f"{field.name}={action.name!r}"
        raise BadAnswer(
            gettext(
                "%(said)s is %(found)s, expected %(expected)s.",
                said=said,
                found=_WORDS[action.type],
                expected=_WORDS[field.type],
            )
        )
    return action
