"""Questions about clips -> tasks, by the way in which clips are shown."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.config import AssignConfig, Config, VerifyConfig
from kinetics_builder.crowd.clips.dealing import deal_by_way, sized
from kinetics_builder.crowd.clips.question import Question
from kinetics_builder.ways import Way

GRID_OF_12 = Config(verify=VerifyConfig(grid_size=12))
LABELS = ("clapping", "jumping", "waving")


def question(number: int, label: str, gold_id: int | None = None) -> Question:
    return Question(number, LABELS.index(label), label, f"video{number} {label}", gold_id)


def many(num: int, way: Way, first: int = 0) -> list[tuple[Question, Way]]:
    return [(question(n, LABELS[n % 3]), way) for n in range(first, first + num)]


def gold(num: int) -> list[Question]:
    return [question(10_000 + n, LABELS[n % 3], gold_id=n + 1) for n in range(num)]


def test_a_grid_asks_about_one_class_with_gold_of_it_alone() -> None:
    tasks = deal_by_way(many(66, Way.GRID), gold(6), GRID_OF_12)
    assert [task.way for task in tasks] == [Way.GRID] * 6
    for task in tasks:
        assert len({q.label for q in task.questions}) == 1
        assert sum(q.gold_id is not None for q in task.questions) == task.num_gold_wanted == 1
    assert [len(task.questions) for task in tasks] == [12, 12] * 3


def test_a_grid_without_gold_of_its_class_holds_none() -> None:
    waving_only = [one for one in gold(9) if one.label == "waving"]
    tasks = deal_by_way(many(36, Way.GRID), waving_only, GRID_OF_12)
    assert {
        task.questions[0].label
        for task in tasks
        if any(q.gold_id is not None for q in task.questions)
    } == {"waving"}


@given(st.lists(st.sampled_from(Way), max_size=80), st.integers(0, 9))
def test_each_question_is_asked_once_in_its_own_way(ways: list[Way], num_gold: int) -> None:
    asked = [(question(n, LABELS[n % 3]), way) for n, way in enumerate(ways)]
    tasks = deal_by_way(asked, gold(num_gold), GRID_OF_12)
    dealt = Counter((q, task.way) for task in tasks for q in task.questions if q.gold_id is None)
    assert dealt == Counter(asked)
    assert tasks == deal_by_way(asked[::-1], gold(num_gold), GRID_OF_12), "whatever the order"


@pytest.mark.parametrize(
    ("grid_size", "usual", "num_gold"),
    [
        pytest.param(12, AssignConfig(), 1, id="a small one"),
        pytest.param(24, AssignConfig(), 2, id="one of the usual size"),
        pytest.param(48, AssignConfig(), 5, id="a large one"),
        pytest.param(12, AssignConfig(slots_per_task=90, gold_per_task=1), 1, id="never none"),
        pytest.param(12, AssignConfig(gold_per_task=19), 11, id="never gold alone"),
        pytest.param(24, AssignConfig(gold_per_task=0), 0, id="unless none is wanted"),
    ],
)
def test_as_large_a_part_of_a_grid_is_gold_as_of_other_tasks(
    grid_size: int, usual: AssignConfig, num_gold: int
) -> None:
    config = Config(assign=usual, verify=VerifyConfig(grid_size=grid_size))
    found = sized(Way.GRID, config)
    assert (found.slots_per_task, found.gold_per_task) == (grid_size, num_gold)
    assert sized(Way.STREAM, config) == sized(Way.CLIP, config) == usual
