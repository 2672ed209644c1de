"""Workers are flagged who answer too soon, one thing, or by a pattern; honest ones hardly ever."""

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.crowd.flags.answer import LEVEL, Beside
from kinetics_builder.crowd.flags.hurrying import flag_of_haste
from kinetics_builder.crowd.flags.repeating import flag_of_one_answer, flag_of_pattern
from kinetics_builder.crowd.flags.workers import flags_of
from kinetics_builder.crowd.simulation import CrowdPlan, draw_crowd

NUM_CLIPS, NUM_WORKERS, ANSWERS_A_CLIP, NUM_CROWDS = 240, 12, 4, 24
YES, NO = "yes", "no"


def crowd_of(seed: int, strange: Any = None, hasty: bool = False) -> dict[int, list[Beside]]:
    """Return each worker's answers; worker 0 may answer by the number of the answer alone."""
    crowd = draw_crowd(CrowdPlan(num_clips=NUM_CLIPS, num_workers=NUM_WORKERS, seed=seed))
    chance = np.random.default_rng(seed)
    answers: dict[int, list[Any]] = {}
    num_said = Counter[int]()
    for clip in range(NUM_CLIPS):
        row = {}
        for worker in chance.permutation(NUM_WORKERS)[:ANSWERS_A_CLIP].tolist():
            said = YES if crowd.ask(clip, worker) else NO
            if strange and worker == 0:
                said = strange(num_said[worker])
            num_said[worker] += 1
            seconds = crowd.seconds_for(clip, worker)
            row[worker] = said, seconds / 6 if hasty and worker == 0 else seconds
        for worker, (said, seconds) in row.items():
            others = [one for who, one in row.items() if who != worker]
            words, times = zip(*others, strict=True)
            answers.setdefault(worker, []).append(Beside(clip, said, words, seconds, times))
    return answers


@cache
def honest_flags() -> Counter[str]:
    """Return how often workers who look are flagged, by flag, of all in `NUM_CROWDS` crowds."""
    found = Counter[str]()
    for seed in range(NUM_CROWDS):
        for answers in crowd_of(seed).values():
            found["workers"] += 1
            found.update(flag.name for flag in flags_of(answers))
    return found


@pytest.mark.parametrize("name", ["hurried", "one answer", "pattern"])
def test_of_simulated_workers_no_more_are_flagged_than_the_level_says(name: str) -> None:
    found = honest_flags()
    assert found["workers"] == NUM_CROWDS * NUM_WORKERS
    assert found[name] <= LEVEL * found["workers"]


@pytest.mark.parametrize(
    ("strange", "name"),
    [
        pytest.param(lambda n: YES, "one answer", id="always yes"),
        pytest.param(lambda n: NO, "one answer", id="always no"),
        pytest.param(lambda n: (YES, NO)[n % 2], "pattern", id="in turn"),
        pytest.param(lambda n: (YES, YES, NO)[n % 3], "pattern", id="two yes, a no"),
        pytest.param(lambda n: (NO, YES, YES, NO, NO, YES)[n % 6], "pattern", id="of six"),
    ],
)
def test_who_does_not_look_is_flagged_with_the_evidence(strange: Any, name: str) -> None:
    for seed in range(3):
        answers = crowd_of(seed, strange)[0]
        (flag,) = flags_of(answers)
        assert flag.name == name
        assert flag.chance <= LEVEL
        assert set(flag.clip_ids) <= {one.clip_id for one in answers}
        assert len(flag.clip_ids) > len(answers) / 2


def test_who_takes_a_sixth_of_the_time_is_flagged() -> None:
    for seed in range(3):
        assert [flag.name for flag in flags_of(crowd_of(seed, hasty=True)[0])] == ["hurried"]


def said(words: str, others: str = "yn") -> list[Beside]:
    spelled = {"y": YES, "n": NO, "u": "unsure"}
    return [
        Beside(place, spelled[word], tuple(spelled[other] for other in others))
        for place, word in enumerate(words)
    ]


@pytest.mark.parametrize(
    ("words", "others", "is_flagged"),
    [
        pytest.param("y" * 200, "yy", False, id="all say yes of clips that show it"),
        pytest.param("y" * 200, "", False, id="nobody else has answered"),
        pytest.param("y" * 40, "nn", True, id="yes where all others say no"),
        pytest.param("y" * 6, "nn", False, id="a few"),
        pytest.param("ynynynyn", "yn", False, id="a short pattern"),
        pytest.param("", "", False, id="no answers"),
        pytest.param("y", "n", False, id="one answer"),
    ],
)
def test_one_answer_is_flagged_where_others_vary(words: str, others: str, is_flagged: bool) -> None:
    assert (flag_of_one_answer(said(words, others)) is not None) is is_flagged
    assert flag_of_pattern(said(words, others)) is None


def test_the_shortest_pattern_is_told() -> None:
    flag = flag_of_pattern(said("ynn" * 20))
    assert flag is not None
    assert flag.words == "repeated yes, no, no over 60 answers"


@pytest.mark.parametrize(
    ("mine", "others", "is_flagged"),
    [
        pytest.param(0.5, (5.0, 6.0), True, id="in no time"),
        pytest.param(2.0, (5.0, 6.0), False, id="sooner than others, but not by much"),
        pytest.param(0.5, (1.0, 1.2), False, id="a plain clip, for everybody"),
        pytest.param(0.5, (6.0,), False, id="too few others"),
        pytest.param(3.0, (50.0, 60.0), False, id="others went for coffee"),
        pytest.param(None, (5.0, 6.0), False, id="no browser told"),
    ],
)
def test_haste_is_told_by_the_clip_and_by_others(mine, others, is_flagged) -> None:
    answers = [Beside(n, YES, (NO, NO), mine, others) for n in range(20)]
    assert (flag_of_haste(answers) is not None) is is_flagged


@given(st.text("ynu", max_size=60), st.text("ynu", max_size=4))
def test_a_flag_names_a_chance_within_the_level(words: str, others: str) -> None:
    for flag in flags_of(said(words, others)):
        assert 0 <= flag.chance <= LEVEL
