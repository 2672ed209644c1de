"""Playing a policy against a crowd whose truth is known. Pure functions, no database.

Shapes, as name suffixes: N clips, V questions, U audited clips.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
    purity_doubt: float
    """Standard deviation of the claimed purity, by what isn't known of clips that mislead."""
    answers_per_clip: float
    """Answers for each decided clip, gold and the audit included."""
    num_answers: float
    """Gold and the audit included."""
    num_clips: int
    num_accepted: int
    num_open: int
    num_rounds: int
    out_of_reach: str
    """Why none would be accepted, however many answered; empty where some could be."""


Watcher = Callable[[Answered, Decisions], None]


def play(
    policy: Policy,
    crowd: Crowd,
    num_workers: int,
    watch: Watcher | None = None,
    num_audited: int = 0,
) -> Outcome:
    """Return what comes of asking as the policy wants until it asks no more.

    Args:
        policy: Who decides.
        crowd: Who answers.
        num_workers: How many people there are.
        watch: Told of each round: what is known, and what would be decided if it ended here.
        num_audited: Accepted clips, drawn by chance, of which the owner then says what they are;
            the policy goes on with that, and may ask again.

    """
    start = Answered.nothing(crowd.score_N, num_workers)
    answered, num_rounds = _ask_all(policy, crowd, start, watch)
    if num_audited:
        accepted_N = policy.decide(answered).is_accepted_N
        answered = audit(crowd, answered, accepted_N, num_audited)
        answered, num_more = _ask_all(policy, crowd, answered, watch)
        num_rounds += num_more
    decisions = _after_audit(policy.decide(answered), answered)
    return judge(decisions, crowd, answered, num_rounds)


def _ask_all(
    policy: Policy, crowd: Crowd, answered: Answered, watch: Watcher | None
) -> tuple[Answered, int]:
    """Return what is known when the policy asks no more, and after how many rounds."""
    num_rounds = 0
    while len(questions := policy.next_questions(answered)):
        answered, num_rounds = ask(crowd, answered, questions), num_rounds + 1
        if watch is not None:
            watch(answered, policy.decide(answered))
    return answered, num_rounds


def audit(crowd: Crowd, answered: Answered, is_accepted_N: Bools, number: int) -> Answered:
    """Return what is known when the owner has said of accepted clips what they are."""
    clips = np.flatnonzero(is_accepted_N)
    chance = np.random.default_rng([len(clips), number])
    clip_U = np.sort(chance.permutation(clips)[:number])
    return answered.with_audit(clip_U, np.asarray(crowd.truth_N, np.bool_)[clip_U])


def _after_audit(decisions: Decisions, answered: Answered) -> Decisions:
    """Return the same where the owner's word goes before all answers."""
    audited = answered.audited
    if not len(audited.clip_U) or decisions.probability_N is None:
        return decisions
    is_accepted_N, probability_N = decisions.is_accepted_N.copy(), decisions.probability_N.copy()
    is_accepted_N[audited.clip_U] = audited.is_yes_U
    probability_N[audited.clip_U] = audited.is_yes_U
    right = float(probability_N[is_accepted_N].sum())
    return replace(
        decisions,
        is_accepted_N=is_accepted_N,
        probability_N=probability_N,
        claimed_purity=right / int(is_accepted_N.sum()) if is_accepted_N.any() else None,
        claimed_recall=right / float(probability_N.sum()),
    )


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
    num_answers = len(answered.clip_V) * ANSWERS_A_CLIP_ANSWER + len(answered.audited.clip_U)
    num_open = int(decisions.is_open_N.sum())
    return Outcome(
        purity=_share(num_right, accepted_N),
        recall=_share(num_right, truth_N),
        claimed_purity=decisions.claimed_purity,
        claimed_recall=decisions.claimed_recall,
        purity_doubt=decisions.purity_doubt,
        answers_per_clip=num_answers / max(1, answered.num_clips - num_open),
        num_answers=num_answers,
        num_clips=answered.num_clips,
        num_accepted=int(accepted_N.sum()),
        num_open=num_open,
        num_rounds=num_rounds,
        out_of_reach=decisions.out_of_reach,
    )


def _share(num: int, of: Bools) -> float | None:
    return num / int(of.sum()) if of.any() else None
