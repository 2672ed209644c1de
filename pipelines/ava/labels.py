"""What a file of boxes says that its persons do, in a vocabulary's words."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.formats.boxes.actions import parts_of
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box
from pipelines.ava.things import Key

_MOST_NAMED = 5


class Labels:
    """Takes down the actions of boxes, by number or by name; none without a vocabulary."""

    def __init__(self, actions: Vocabulary | None) -> None:
        self._actions = actions
        self.done: dict[Key, set[int]] = defaultdict(set)
        self._unknown: Counter[str] = Counter()

    @property
    def label_map(self) -> LabelMap | None:
        """The vocabulary as formats take it."""
        return None if self._actions is None else self._actions.label_map()

    def note(self, box: Box, key: Key) -> None:
        """Take down what a record says of its box."""
        if self._actions is None:
            return
        numbers = list(_numbers(box, self._actions))
        known = [number for number in numbers if number is not None and number in self._actions]
        self.done[key].update(known)
        if len(known) < len(numbers):
            self._unknown[box.label or str(box.action_id)] += 1

    def tell(self, problems: Problems) -> None:
        """Say once which labels are no actions, where others are."""
        if not self._unknown or not any(self.done.values()):
            return
        problems.line = problems.item = None
        named = self._unknown.most_common(_MOST_NAMED)
        first = ", ".join(f"{count:,} of {name}" for name, count in named)
        more = f" and of {len(self._unknown) - len(named)} more" if named[_MOST_NAMED - 1 :] else ""
        problems.warning(
            f"{self._unknown.total():,} labels of boxes are no actions of the vocabulary and say "
            f"nothing of what anybody does: {first}{more}"
        )


def _numbers(box: Box, actions: Vocabulary) -> Iterable[int | None]:
    """Yield the numbers of a record's actions, None for what is none."""
    if box.action_id is not None:
        yield box.action_id
    elif box.label is not None:
        names = (box.label,) if _number(box.label, actions) else parts_of(box.label)
        for name in names:
            yield _number(name, actions)


def _number(name: str, actions: Vocabulary) -> int | None:
    try:
        return actions.of_name(name).id
    except ValueError:
        return None
