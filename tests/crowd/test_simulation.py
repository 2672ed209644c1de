"""A crowd that is made up answers as its plan says, and always alike."""

from dataclasses import replace

import numpy as np
import pytest

from kinetics_builder.crowd.playing import ask
from kinetics_builder.crowd.policies.answered import Answered, Questions
from kinetics_builder.crowd.simulation import CAREFUL, RANDOM, CrowdPlan, draw_crowd
from kinetics_builder.errors import ConfigError


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"num_workers": 0}, "at least one of its workers, found 0", id="nobody"),
        pytest.param({"num_clips": -3}, "at least one of its clips, found -3", id="no clip"),
        pytest.param(
            {"kinds": [CAREFUL, RANDOM]},
            "0.7 careful \\+ 0.05 random = 0.75",
            id="a part is missing",
        ),
        pytest.param({"misleading": 1.5}, "misleading must lie between 0 and 1", id="misleading"),
        pytest.param({"area": 0.3}, "area must be 0.5", id="a classifier turned round"),
        pytest.param(
            {"kinds": [replace(CAREFUL, share=1, right=-1)]}, "right of careful workers", id="right"
        ),
    ],
)
def test_a_crowd_that_cannot_be_is_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        CrowdPlan(**fields)


@pytest.mark.parametrize(
    ("right", "looks", "habit", "expected"),
    [
        pytest.param(0.93, 1.0, 0.5, 0.93, id="careful"),
        pytest.param(0.80, 0.5, 1.0, 0.65, id="looks at half, says yes to the rest"),
        pytest.param(0.93, 0.0, 0.5, 0.50, id="never looks"),
        pytest.param(1.0, 1.0, 0.5, 1.0, id="knows"),
    ],
)
def test_workers_are_as_right_as_their_kind(
    right: float, looks: float, habit: float, expected: float
) -> None:
    kind = replace(CAREFUL, share=1, right=right, looks=looks, habit=habit)
    crowd = draw_crowd(
        CrowdPlan(num_clips=400, num_workers=20, kinds=[kind], spread=0.0, yes_share=0.5)
    )
    right_NW = [
        [crowd.ask(clip, worker) == truth for worker in range(20)]
        for clip, truth in enumerate(crowd.truth_N.tolist())
    ]
    assert np.mean(right_NW) == pytest.approx(expected, abs=0.02)


def test_the_same_question_gets_the_same_answer() -> None:
    plan = CrowdPlan(num_clips=50, num_workers=7, seed=3)
    first, again = draw_crowd(plan), draw_crowd(plan)
    backwards = {(c, w): again.ask(c, w) for c in reversed(range(50)) for w in range(7)}
    assert all(first.ask(c, w) == said for (c, w), said in backwards.items())
    assert first.ask_gold(4, 2) == again.ask_gold(4, 2)


@pytest.mark.parametrize("num_workers", [1, 7, 20, 33])
def test_each_kind_gets_its_share_of_workers(num_workers: int) -> None:
    plan = CrowdPlan(num_clips=1, num_workers=num_workers)
    counts = np.bincount(draw_crowd(plan).kind_W, minlength=3)
    shares = np.array([kind.share for kind in plan.kinds])
    assert counts.sum() == num_workers
    assert (np.abs(counts - shares * num_workers) < 1).all()


def test_one_gold_question_comes_after_each_nine_about_clips() -> None:
    crowd = draw_crowd(CrowdPlan(num_clips=40, num_workers=3))
    answered = Answered.nothing(crowd.score_N, 3)
    for clips in (range(8), range(8, 19), range(19, 40)):
        worker_V = np.where(np.array(clips) % 5 == 0, 1, 0)
        answered = ask(crowd, answered, Questions(np.array(clips), worker_V))
    answers_W, gold_W = np.bincount(answered.worker_V), np.bincount(answered.gold_worker_G)
    assert answers_W.tolist() == [32, 8]
    assert gold_W.tolist() == [3]
    assert answered.gold_is_yes_G.tolist() == [True, False, True]
