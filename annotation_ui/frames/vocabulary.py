"""The vocabulary of actions that the served workspace asks about."""

from functools import lru_cache
from pathlib import Path

from annotation_ui.languages.words import gettext
from annotation_ui.page import page
from kinetics_builder.ava.actions import Action, Vocabulary
from kinetics_builder.ava.vocabulary import ava_vocabulary, read_vocabulary


def vocabulary() -> Vocabulary:
    """Return the workspace's own vocabulary (`actions.vocabulary`), or AVA's 80 actions."""
    here = page()
    if not here.config.actions.vocabulary:
        return ava_vocabulary()
    path = here.workspace.root / here.config.actions.vocabulary
    return _read(path, path.stat().st_mtime_ns)


def name_of(action_id: int) -> str:
    """Return an action's name; a number that the vocabulary lacks by now is its own name."""
    found = action_of(action_id)
    return found.name if found else gettext("action %(number)s", number=action_id)


def action_of(action_id: int) -> Action | None:
    """Return an action; None for one that the vocabulary lacks by now."""
    actions = vocabulary()
    return actions.of_id(action_id) if action_id in actions else None


@lru_cache(maxsize=4)
def _read(path: Path, modified_ns: int) -> Vocabulary:
    return read_vocabulary(path)
