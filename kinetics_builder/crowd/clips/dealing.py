"""Questions about clips into tasks, by the way in which they are shown. Pure functions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.clips.question import Question
from kinetics_builder.crowd.tasks import deal
from kinetics_builder.ways import Way


@dataclass(frozen=True, slots=True)
class Dealt:
    """Questions of one new task."""

    way: Way
    questions: Sequence[Question]
    num_gold_wanted: int


def deal_by_way(
    ordinary: Iterable[tuple[Question, Way]], gold: Sequence[Question], config: Config
) -> list[Dealt]:
    """Return tasks that ask each ordinary question once, in the way that goes with it.

    Questions of a way are dealt together, see `deal`; a grid holds `verify.grid_size` questions,
    all of one class, and gold of that class alone: it asks about one action. Ways and
    classes come in the order of their names.
    """
    tasks = []
    for (way, _), asked in sorted(_apart(ordinary).items()):
        size = sized(way, config)
        known = [one for one in gold if fits(way, one.label, asked[0].label)]
        dealt = deal(asked, known, size)
        tasks += [Dealt(way, questions, size.gold_per_task) for questions in dealt]
    return tasks


def sized(way: Way, config: Config) -> AssignConfig:
    """Return how large a task of a way is: of a grid as large a part is gold as of others."""
    if way is not Way.GRID:
        return config.assign
    size, usual = config.verify.grid_size, config.assign
    num_gold = round(size * usual.gold_per_task / usual.slots_per_task)
    return replace(
        usual,
        slots_per_task=size,
        gold_per_task=min(max(num_gold, 1), size - 1) if usual.gold_per_task else 0,
    )


def fits(way: Way, gold_label: str, label: str) -> bool:
    """Tell whether gold about one class may lie in a task that asks about another."""
    return way is not Way.GRID or gold_label == label


def _apart(
    ordinary: Iterable[tuple[Question, Way]],
) -> dict[tuple[Way, str], list[Question]]:
    """Return what is dealt together: all of a way, of grids all of a class."""
    found: dict[tuple[Way, str], list[Question]] = defaultdict(list)
    for question, way in ordinary:
        found[way, question.label if way is Way.GRID else ""].append(question)
    return found
