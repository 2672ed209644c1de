"""Playing a policy against a crowd whose truth is known. Pure functions, no database.

Shapes, as name suffixes: N clips, V questions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.crowd.policies.answered import Answered, Bools, Questions
from kinetics_builder.crowd.policies.policy import Decisions, Policy

CLIPS_A_GOLD = 9
"""Two of twenty questions are gold: one after each nine about clips (arXiv:1705.06950)."""
ANSWERS_A_CLIP_ANSWER = (CLIPS_A_GOLD + 1) / CLIPS_A_GOLD


class Crowd(Protocol):
    """People who answer any question at any time, each always alike."""

    @property
    def truth_N(self) -> NDArray[Any]:
        """Whether each clip shows the action."""

    @property
    def score_N(self) -> NDArray[Any]:
        """The classifier's score of each clip."""

    def ask(self, clip: int, worker: int) -> bool:
        """Return what the worker says of the clip."""

    def ask_gold(self, number: int, worker: int) -> tuple[bool, bool]:
        """Return what the worker says of a gold question, and what is right."""


@dataclass(frozen=True)
class Outcome:
    """What a policy made of a crowd."""

    purity: float | None
    """Share of the accepted clips that is right; None where none is accepted."""
    recall: float | None
    """Share of the right clips that is accepted; None where there are none."""
    claimed_purity: float | None
    claimed_recall: float | None
    answers_per_clip: float
    """Answers for each decided clip, gold included."""
    num_answers: float
    """Gold included."""
    num_clips: int
    num_accepted: int
    num_open: int
    num_rounds: int


Watcher = Callable[[Answered, Decisions], None]


def play(policy: Policy, crowd: Crowd, num_workers: int, watch: Watcher | None = None) -> Outcome:
    """Return what comes of asking as the policy wants until it asks no more.

    Args:
        policy: Who decides.
        crowd: Who answers.
        num_workers: How many people there are.
        watch: Told of each round: what is known, and what would be decided if it ended here.

    """
    answered, num_rounds = Answered.nothing(crowd.score_N, num_workers), 0
    while len(questions := policy.next_questions(answered)):
        answered, num_rounds = ask(crowd, answered, questions), num_rounds + 1
        if watch is not None:
            watch(answered, policy.decide(answered))
    return judge(policy.decide(answered), crowd, answered, num_rounds)


def ask(crowd: Crowd, answered: Answered, questions: Questions) -> Answered:
    """Return what is known after a round, gold that is due among it."""
    pairs = zip(questions.clip_V.tolist(), questions.worker_V.tolist(), strict=True)
    said_V = np.array([crowd.ask(clip, worker) for clip, worker in pairs], np.bool_)
    known = answered.with_answers(questions, said_V)
    num_W = np.bincount(known.worker_V, minlength=known.num_workers) // CLIPS_A_GOLD
    before_W = np.bincount(answered.gold_worker_G, minlength=known.num_workers)
    rows = [
        (worker, *crowd.ask_gold(number, worker))
        for worker in range(known.num_workers)
        for number in range(before_W[worker], num_W[worker])
    ]
    worker_G, said_G, truth_G = np.array(rows, np.int64).reshape(-1, 3).T
    return known.with_gold(worker_G, truth_G.astype(np.bool_), said_G.astype(np.bool_))


def judge(decisions: Decisions, crowd: Crowd, answered: Answered, num_rounds: int) -> Outcome:
    """Return what decisions are worth, by the truth."""
    accepted_N, truth_N = decisions.is_accepted_N, np.asarray(crowd.truth_N, np.bool_)
    num_right = int((accepted_N & truth_N).sum())
    num_answers = len(answered.clip_V) * ANSWERS_A_CLIP_ANSWER
    num_open = int(decisions.is_open_N.sum())
    return Outcome(
        purity=_share(num_right, accepted_N),
        recall=_share(num_right, truth_N),
        claimed_purity=decisions.claimed_purity,
        claimed_recall=decisions.claimed_recall,
        answers_per_clip=num_answers / max(1, answered.num_clips - num_open),
        num_answers=num_answers,
        num_clips=answered.num_clips,
        num_accepted=int(accepted_N.sum()),
        num_open=num_open,
        num_rounds=num_rounds,
    )


def _share(num: int, of: Bools) -> float | None:
    return num / int(of.sum()) if of.any() else None
