"""Putting questions together into tasks: classes mixed, gold hidden among them.

Pure functions. Everything random follows from the seed and from what the questions say,
never from database ids or the order of rows.
"""

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from kinetics_builder.config import AssignConfig


class Asked(Protocol):
    """A question of any kind, as far as dealing needs to know it."""

    @property
    def thing(self) -> Hashable:
        """What it is about: no task holds gold about anything that it asks about besides."""

    @property
    def label(self) -> str:
        """Questions of one label are kept apart."""

    @property
    def content(self) -> str:
        """Names the question without ids."""

    @property
    def is_yes(self) -> bool:
        """Of gold: whether it is of the first of two sorts, which take turns."""

    @property
    def gold_id(self) -> int | None:
        """The gold row that knows the answer; None for an ordinary question."""

    @property
    def slot(self) -> dict[str, int | None]:
        """The columns of `task_slot` that say what is asked."""


Q = TypeVar("Q", bound=Asked)


def deal(ordinary: Iterable[Q], gold: Sequence[Q], config: AssignConfig) -> list[list[Q]]:
    """Return tasks of `slots_per_task` questions that ask each ordinary question once.

    Each task holds `gold_per_task` gold questions at random places, fewer where `gold` has
    too few; ordinary questions take their place. Gold whose answer is yes and other gold take
    turns, each used in order, from its first on.
    No task asks about a clip twice unless the ordinary questions do. Neighbours have
    different labels where the labels of the task allow it. The last task may be short.
    """
    queue = deque(spread(ordinary, config.seed))
    pool = GoldPool(gold)
    tasks = []
    while queue:
        ahead = [queue.popleft() for _ in range(min(config.slots_per_task, len(queue)))]
        known = pool.take(config.gold_per_task, {question.thing for question in ahead})
        room = config.slots_per_task - len(known)
        queue.extendleft(reversed(ahead[room:]))
        tasks.append(separate(_shuffled([*ahead[:room], *known], config.seed)))
    return tasks


def deal_in_order(ordinary: Iterable[Q], gold: Sequence[Q], config: AssignConfig) -> list[list[Q]]:
    """Return tasks of questions that keep their order, with gold at random places between."""
    pool = GoldPool(gold)
    room = config.slots_per_task - min(config.gold_per_task, len(gold))
    tasks = []
    for start in range(0, len(ordered := list(ordinary)), room):
        asked = ordered[start : start + room]
        known = pool.take(config.gold_per_task, {question.thing for question in asked})
        waiting = iter(asked)
        mixed = mix_in(asked, known, config.seed)
        tasks.append([next(waiting) if one is None else one for one in mixed])
    return tasks


def spread(questions: Iterable[Q], seed: int) -> list[Q]:
    """Return the questions with those of each label spread evenly over the whole list."""
    by_label: dict[str, list[Q]] = defaultdict(list)
    for question in questions:
        by_label[question.label].append(question)
    placed = []
    for label, members in by_label.items():
        offset = int(_digest(seed, "label", label)[:8], 16) / 16**8
        members.sort(key=lambda question: _digest(seed, "clip", question.content))
        for index, question in enumerate(members):
            placed.append(((index + offset) / len(members), label, index, question))
    placed.sort(key=lambda place: place[:3])
    return [place[3] for place in placed]


def separate(questions: Sequence[Q]) -> list[Q]:
    """Return the questions, moved as little as needed for neighbours to differ in label.

    Labels that fill more than half of the places cannot all be kept apart.
    """
    remaining = list(questions)
    counts = Counter(question.label for question in remaining)
    result: list[Q] = []
    while remaining:
        last = result[-1].label if result else None
        label, count = max(counts.items(), key=lambda pair: pair[1])
        is_pressing = 2 * count > len(remaining) and label != last
        found = next(
            (
                index
                for index, question in enumerate(remaining)
                if (question.label == label if is_pressing else question.label != last)
            ),
            0,
        )
        question = remaining.pop(found)
        counts[question.label] -= 1
        result.append(question)
    return result


class GoldPool(Generic[Q]):
    """Gold questions in the order of their use: those with the answer yes, and the others."""

    def __init__(self, gold: Iterable[Q]) -> None:
        self._kinds: tuple[deque[Q], deque[Q]] = (deque(), deque())
        for question in gold:
            self._kinds[not question.is_yes].append(question)
        self._turn = 0

    def take(self, num: int, taken: Collection[Hashable]) -> list[Q]:
        """Return up to `num` questions about things that are not in `taken`, each thing once.

        The kinds take turns, over several calls too; a kind that has none left leaves its
        turn to the other. What is returned goes to the end of its kind.
        """
        things = set(taken)
        chosen: list[Q] = []
        while len(chosen) < num:
            found = self._next(self._turn, things) or self._next(1 - self._turn, things)
            self._turn = 1 - self._turn
            if found is None:
                break
            things.add(found.thing)
            chosen.append(found)
        return chosen

    def _next(self, kind: int, things: Collection[Hashable]) -> Q | None:
        queue = self._kinds[kind]
        found = next((question for question in queue if question.thing not in things), None)
        if found is not None:
            queue.remove(found)
            queue.append(found)
        return found


def mix_in(asked: Sequence[Q], known: Sequence[Q], seed: int) -> list[Q | None]:
    """Return a task's questions with `known` at random places among them.

    The questions that were there keep their order, and are given as None.
    """
    salt = _digest(seed, "gold", *sorted(question.content for question in asked))
    mixed: list[Q | None] = [None] * len(asked)
    for question in known:
        place = int(_digest(seed, salt, question.content)[:8], 16) % (len(mixed) + 1)
        mixed.insert(place, question)
    return mixed


def _shuffled(questions: list[Q], seed: int) -> list[Q]:
    salt = _digest(seed, "task", *sorted(question.content for question in questions))
    return sorted(questions, key=lambda question: _digest(seed, salt, question.content))


def _digest(seed: int, *words: str) -> str:
    return hashlib.sha256("\n".join((str(seed), *words)).encode()).hexdigest()
