"""Questions -> tasks."""

import random
from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.config import AssignConfig
from kinetics_builder.crowd.clips.question import Question
from kinetics_builder.crowd.tasks import deal, separate

CONFIG = AssignConfig()


def question(number: int, label: str, gold_id: int | None = None) -> Question:
    return Question(number, ord(label[0]), label, f"video{number} {label}", gold_id)


def many(num: int, labels: str = "abcdef") -> list[Question]:
    return [question(n, labels[n % len(labels)]) for n in range(num)]


def gold(num: int) -> list[Question]:
    return [question(10_000 + n, "abc"[n % 3], gold_id=n + 1) for n in range(num)]


def test_a_task_has_twenty_slots_of_which_two_are_gold() -> None:
    tasks = deal(many(54), gold(9), CONFIG)
    assert [len(task) for task in tasks] == [20, 20, 20]
    assert [sum(q.gold_id is not None for q in task) for task in tasks] == [2, 2, 2]


def test_every_question_is_asked_once_and_the_last_task_is_short() -> None:
    tasks = deal(many(45), gold(4), CONFIG)
    asked = [q.clip_id for task in tasks for q in task if q.gold_id is None]
    assert sorted(asked) == list(range(45))
    assert [len(task) for task in tasks] == [20, 20, 9 + 2]


def test_gold_is_used_evenly_and_stands_anywhere() -> None:
    tasks = deal(many(18 * 40), gold(16), CONFIG)
    uses = Counter(q.gold_id for task in tasks for q in task if q.gold_id is not None)
    assert set(uses.values()) == {5}
    places = Counter(place for task in tasks for place, q in enumerate(task) if q.gold_id)
    assert len(places) == 20 and max(places.values()) < 15


def test_without_gold_ordinary_questions_take_its_place() -> None:
    assert [len(task) for task in deal(many(40), [], CONFIG)] == [20, 20]
    tasks = deal(many(38), gold(1), CONFIG)
    assert [sum(q.gold_id is not None for q in task) for task in tasks] == [1, 1]


def test_gold_about_a_clip_of_the_task_goes_to_another_task() -> None:
    same = [
        Question(3, 99, "z", "video3 z", gold_id=1),
        Question(3, 98, "y", "video3 y", gold_id=2),
    ]
    for task in deal(many(60), same, CONFIG):
        assert max(Counter(q.clip_id for q in task).values()) == 1


def test_tasks_follow_from_content_and_seed_alone() -> None:
    shuffled = many(100)
    random.Random(1).shuffle(shuffled)
    renumbered = [
        Question(500 - q.clip_id, q.label_id, q.label, q.content, q.gold_id) for q in shuffled
    ]

    def contents(questions: list[Question], seed: int = 0) -> list[list[str]]:
        return [[q.content for q in t] for t in deal(questions, gold(6), AssignConfig(seed=seed))]

    assert contents(many(100)) == contents(renumbered)
    assert contents(many(100)) != contents(many(100), seed=1)


def test_classes_are_spread_over_all_tasks() -> None:
    tasks = deal(many(360, "abcdefghijklmnopqr"), [], CONFIG)
    assert min(len({q.label for q in task}) for task in tasks) >= 16


@settings(max_examples=200, deadline=None)
@given(st.text("abcd", max_size=12))
def test_neighbours_differ_wherever_that_is_possible(labels: str) -> None:
    result = separate([question(n, label) for n, label in enumerate(labels)])
    assert sorted(q.clip_id for q in result) == list(range(len(labels)))
    equal = sum(a.label == b.label for a, b in pairwise(result))
    most = max(Counter(labels).values(), default=0)
    assert equal == max(0, 2 * most - len(labels) - 1)
