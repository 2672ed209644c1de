"""What follows from all answers at once: about clips, workers, and the crowd as a whole.

Belief propagation between clips and workers: what a worker says of a clip is judged by what the
others say of that clip, and by what the worker says of other clips, never by itself
(after Liu, Peng, Ihler: Variational inference for crowdsourcing, NeurIPS 2012). What holds for
all (how common each sort of worker is, how spread difficulties are, what scores mean) is fitted
between the rounds; how many clips mislead is learnt at the end.

Shapes, as name suffixes: N clips, W workers, V answers, G gold answers, S sorts of workers,
K difficulties, L looks of a clip, T truth, E looks like no or yes, A answers.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from kinetics_builder.crowd.policies.answered import Answered, Floats
from kinetics_builder.crowd.policies.blocks import in_blocks, indicator
from kinetics_builder.crowd.policies.chances import (
    ANSWER_ASL,
    NO_L,
    NUM_LEVELS,
    PRIOR_S,
    YES_L,
    level_weights,
)
from kinetics_builder.crowd.policies.scores import MISLEADING, ScoreModel, fit_scores, standardised
from kinetics_builder.crowd.policies.turning import learn_misleading

NUM_ROUNDS = 6
_MIDDLE = NUM_LEVELS // 2
_TINY = 1e-300
_SPREADS = np.arange(0.1, 1.25, 0.1)
_LIKELY_SPREAD, _SPREAD_OF_SPREADS = 0.5, 0.5
_WORKERS_OF_PRIOR = 10.0
_GOLD_OF_PRIOR = 20.0
_GOLD_K = level_weights(_LIKELY_SPREAD, middle=np.log(0.5))
"""Gold is taken to be clear, half as difficult as other clips: else who is right about it would
seem abler than they are."""


@dataclass(frozen=True, eq=False)
class Common:
    """What holds for all clips and workers."""

    scores: ScoreModel = field(default_factory=ScoreModel)
    spread: float = _LIKELY_SPREAD
    """Standard deviation of the logarithm of a clip's difficulty."""
    sorts_S: Floats = field(default_factory=lambda: PRIOR_S)
    """How common each sort of worker is."""
    gold_K: Floats = field(default_factory=lambda: _GOLD_K)
    """How common each difficulty is among gold questions."""

    @property
    def yes_L(self) -> Floats:
        """P(yes) of somebody who has answered nothing yet."""
        found: Floats = self.sorts_S @ ANSWER_ASL[1]
        return found


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What is thought of everything."""

    truth_looks_NTL: Floats
    """P(truth, looks) of each clip; sums to 1."""
    yes_WL: Floats
    """P(yes) of each worker about a clip of these looks."""
    common: Common

    @property
    def probability_N(self) -> Floats:
        """That a clip shows the action, in [0, 1]."""
        found: Floats = self.truth_looks_NTL[:, 1].sum(axis=1).clip(0, 1)
        return found

    @property
    def right_W(self) -> Floats:
        """How often each worker is right about clips of middling difficulty, in [0, 1]."""
        no_W, yes_W = self.yes_WL[:, NO_L][:, _MIDDLE], self.yes_WL[:, YES_L][:, _MIDDLE]
        found: Floats = (yes_W + 1 - no_W) / 2
        return found


def believe(
    answered: Answered, *, misleading: float | None = None, num_rounds: int = NUM_ROUNDS
) -> Beliefs:
    """Return what follows from the answers. Their order does not matter.

    Args:
        answered: All that is known.
        misleading: Share of the clips that look like what they are not; learnt without it.
        num_rounds: How often everything is judged anew by everything else.

    """
    return _Propagation(answered, misleading).run(num_rounds)


class _Propagation:
    """The messages, and what they are weighed with. Answers are kept in the order of blocks."""

    def __init__(self, answered: Answered, misleading: float | None) -> None:
        order_V, self.blocks = in_blocks(answered)
        self.clip_V = answered.clip_V[order_V]
        self.score_N = standardised(answered.score_N)
        self.of_clip_NV = indicator(self.clip_V, answered.num_clips)
        self.gold_WTA = _gold_counts(answered)
        self.audited, self.is_told = answered.audited, misleading is not None
        self.common = Common(
            ScoreModel(misleading=MISLEADING if misleading is None else misleading)
        )
        self.sort_WS = np.tile(PRIOR_S, (answered.num_workers, 1))
        self.evidence_VL = (PRIOR_S @ ANSWER_ASL)[answered.is_yes_V[order_V].astype(np.int64)]

    def run(self, num_rounds: int) -> Beliefs:
        for _ in range(num_rounds):
            self._judge_workers()
            self._fit_common()
        if not self.is_told:
            self._learn_misleading()
        return Beliefs(self._truth_and_looks(), self.sort_WS @ ANSWER_ASL[1], self.common)

    def _likelihood(self) -> Floats:
        """Return the likelihood of each clip's answers (N, E, K), up to a factor."""
        return likelihood(self.of_clip_NV @ np.log(self.evidence_VL))

    def _truth_and_looks(self) -> Floats:
        """Return P(truth, looks) of each clip (N, T, L)."""
        joint_NTE = self.common.scores.joint_NTE(self.score_N)
        return truth_and_looks(joint_NTE, self._likelihood(), self.common.spread)

    def _judge_workers(self) -> None:
        """Weigh each answer by what others say of the clip, then by the worker's other answers."""
        looks_NL = self._truth_and_looks().sum(axis=1)
        prior_WS = self._gold_fits() + np.log(self.common.sorts_S)
        for block in self.blocks:
            clip_B, evidence_BL = self.clip_V[block.places], self.evidence_VL[block.places]
            others_BL = _shares(looks_NL[clip_B] / evidence_BL)
            fits_BS = block.times(others_BL, np.swapaxes(ANSWER_ASL, 1, 2))
            log_sort_WS = block.of_worker_WB @ np.log(fits_BS) + prior_WS[block.workers]
            sort_WS = _shares(np.exp(log_sort_WS - log_sort_WS.max(axis=1, keepdims=True)))
            self.sort_WS[block.workers] = sort_WS
            sort_BS = _shares(sort_WS[block.worker_B] / fits_BS)
            self.evidence_VL[block.places] = block.times(sort_BS, ANSWER_ASL)

    def _gold_fits(self) -> Floats:
        """Return the logarithm of the likelihood of each worker's gold answers (W, S)."""
        log_STA = np.log(_GOLD_STAK @ self.common.gold_K)
        found: Floats = np.tensordot(self.gold_WTA, log_STA, axes=([1, 2], [1, 2]))
        return found

    def _fit_common(self) -> None:
        likely_NEK = self._likelihood()
        looks_NE = likely_NEK @ level_weights(self.common.spread)
        scores = fit_scores(self.score_N, looks_NE, self.common.scores)
        sorts_S = self.sort_WS.sum(axis=0) + _WORKERS_OF_PRIOR * PRIOR_S
        self.common = Common(
            scores=scores,
            spread=_fit_spread(likely_NEK, scores.joint_NTE(self.score_N).sum(axis=1)),
            sorts_S=sorts_S / sorts_S.sum(),
            gold_K=self._fit_gold(),
        )

    def _learn_misleading(self) -> None:
        looks_NE = self._likelihood() @ level_weights(self.common.spread)
        found = learn_misleading(self.score_N, looks_NE, self.audited)
        start = replace(self.common.scores, misleading=found.share, misleading_doubt=found.doubt)
        scores = fit_scores(self.score_N, looks_NE, start)
        self.common = replace(self.common, scores=scores)

    def _fit_gold(self) -> Floats:
        """Return how common each difficulty is among gold, one step of EM further."""
        chance_STAK = _GOLD_STAK * self.common.gold_K
        chance_WTAK = np.tensordot(self.sort_WS, chance_STAK, axes=(1, 0))
        share_WTAK = chance_WTAK / (chance_WTAK.sum(axis=3, keepdims=True) + _TINY)
        num_K = (self.gold_WTA[..., None] * share_WTAK).sum(axis=(0, 1, 2))
        num_K = num_K + _GOLD_OF_PRIOR * _GOLD_K
        found: Floats = num_K / num_K.sum()
        return found


def likelihood(evidence_NL: Floats) -> Floats:
    """Return the likelihood of each clip's answers (N, E, K), up to a factor, by its logarithm."""
    likely_NL = np.exp(evidence_NL - evidence_NL.max(axis=1, keepdims=True))
    found: Floats = likely_NL.reshape(len(likely_NL), 2, NUM_LEVELS)
    return found


def truth_and_looks(joint_NTE: Floats, likely_NEK: Floats, spread: float) -> Floats:
    """Return P(truth, looks) of each clip (N, T, L), each summing to 1.

    Args:
        joint_NTE: P(truth, looks like no or yes) before anybody has answered.
        likely_NEK: Likelihood of the answers, up to a factor.
        spread: Standard deviation of the logarithm of a clip's difficulty.

    """
    joint_NTEK = joint_NTE[..., None] * (likely_NEK * level_weights(spread))[:, None]
    joint_NTL = joint_NTEK.reshape(len(joint_NTEK), 2, 2 * NUM_LEVELS)
    found: Floats = joint_NTL / (joint_NTL.sum(axis=(1, 2), keepdims=True) + _TINY)
    return found


def _gold_chances() -> Floats:
    """Return P(answer to gold | sort of worker, truth) at each difficulty (S, T, A, K)."""
    by_truth = [ANSWER_ASL[:, :, looks] for looks in (NO_L, YES_L)]
    return np.stack([np.moveaxis(one_ASK, 0, 1) for one_ASK in by_truth], axis=1)


_GOLD_STAK = _gold_chances()


def _fit_spread(likely_NEK: Floats, prior_NE: Floats) -> float:
    """Return the likeliest spread of difficulties, of those that are tried (X)."""
    weight_KX = np.stack([level_weights(spread) for spread in _SPREADS], axis=1)
    likely_NX = (likely_NEK @ weight_KX * prior_NE[:, :, None]).sum(axis=1)
    prior_X = -0.5 * (np.log(_SPREADS / _LIKELY_SPREAD) / _SPREAD_OF_SPREADS) ** 2
    fit_X = np.log(likely_NX + _TINY).sum(axis=0) + prior_X
    return float(_SPREADS[int(fit_X.argmax())])


def _gold_counts(answered: Answered) -> Floats:
    """Return how often each worker gave each answer where each is right (W, T, A)."""
    counts = np.zeros((answered.num_workers, 2, 2))
    truth, said = answered.gold_is_yes_G.astype(int), answered.gold_said_yes_G.astype(int)
    np.add.at(counts, (answered.gold_worker_G, truth, said), 1.0)
    return counts


def _shares(weight_XY: Floats) -> Floats:
    """Return the rows, each summing to 1."""
    found: Floats = weight_XY / weight_XY.sum(axis=1, keepdims=True)
    return found
