"""Boxes of a file that are no persons'."""

from collections import Counter
from typing import Any

from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.formats.boxes.attributes import CLASS, IGNORED
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.format import Format
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box

Key = tuple[str, float, Corners, int | None]
"""A film, a time, a box, and whose it is."""


class Things:
    """Finds the boxes that are no persons': marked so, or of a detector's other categories."""

    def __init__(self, one: Format, labels: LabelMap | None) -> None:
        self._has_things = one.may_hold_things
        self._actions = set((labels or ava_vocabulary().label_map()).ids)
        self._marked: Counter[str] = Counter()
        self._persons: set[Key] = set()
        self._things: dict[Key, str] = {}

    def may_be_person(self, box: Box) -> bool:
        """Tell whether a box is not marked as another thing, or as one that does not count."""
        mark = box.details.get(CLASS) or (IGNORED if box.details.get(IGNORED) else None)
        if mark is not None:
            self._marked[str(mark)] += 1
        return mark is None

    def note(self, box: Box, key: Key) -> None:
        """Take down a box none of whose labels is an action that is known."""
        if not self._has_things:
            return
        if box.label is None or box.label in self._actions:
            self._persons.add(key)
        else:
            self._things.setdefault(key, box.label)

    def leave_out(self, found: dict[Key, Any], problems: Problems) -> None:
        """Leave out what is no person; where the file names none, its labels are what they do."""
        problems.line = problems.item = None
        names = self._marked.copy()
        things = {key: name for key, name in self._things.items() if key not in self._persons}
        for key, name in things.items() if self._persons else ():
            del found[key]
            names[name] += 1
        if names:
            first = ", ".join(f"{count:,} of {name}" for name, count in names.most_common(5))
            more = f" and of {len(names) - 5} more sorts" if len(names) > 5 else ""
            problems.warning(
                f"{names.total():,} boxes that are not marked as persons' were left out: {first}"
                f"{more}"
            )
