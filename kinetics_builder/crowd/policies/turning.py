"""How many clips mislead: look to people like what they are not, so that careful workers agree.

Answers can't tell, however many. Two things can: the classifier's score, which sees what there is
rather than what it looks like, and an audit, in which the owner says of clips drawn by chance what
they are. Where nobody is misled, the share of clips that look like yes goes to 0 as scores fall
and to 1 as they rise; clips that mislead leave a rest at both ends, as lapses do in psychophysics
(Wichmann, Hill: The psychometric function, Perception & Psychophysics 63, 2001).

Shapes, as name suffixes: N clips, U audited clips, T truth, L looks of a clip, E looks like no or
yes, X shares that are tried, P coefficients (of 1 and of the score).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from kinetics_builder.crowd.policies.answered import Audited, Floats
from kinetics_builder.crowd.policies.chances import NO_L, YES_L
from kinetics_builder.crowd.policies.scores import MISLEADING

_SHARES_X: Floats = np.concatenate([[MISLEADING], np.arange(0.005, 0.1501, 0.005)])
_USUAL, _MEAN_IF_MORE = 0.98, 0.03
"""How probable it is beforehand that `MISLEADING` do, and how many else. Of some hundred clips
scores seem to say by chance that several of a hundred mislead: who hears that accepts nothing."""
_AUDIT_AS_LIKELY = 600
"""After an audit of so many clips more is beforehand as probable as not: whose word it is has
no such noise, and is not to be outvoted by what was assumed."""
_NUM_STEPS = 6
_RIDGE = 0.5
_TINY = 1e-300


@dataclass(frozen=True)
class Misleading:
    """What is known of the share of clips that mislead."""

    share: float
    """The mean of what is possible."""
    doubt: float = 0.0
    """Its standard deviation; 0 where the share was told."""


def learn_misleading(score_N: Floats, looks_NE: Floats, audited: Audited) -> Misleading:
    """Return what scores and an audit tell of the share of clips that mislead.

    Taken for granted is that the logarithm of the odds of yes is linear in the score, and that
    scores and answers have nothing to do with one another once the truth is known.

    Args:
        score_N: Scores; NaN where there is none.
        looks_NE: Likelihood of each clip's answers if it looks like no, and like yes, up to a
            factor.
        audited: What the owner says of clips that were drawn by chance, whatever they look like.

    """
    fit_X = _profile(np.nan_to_num(score_N), looks_NE, audited)
    log_weight_X = fit_X + np.log(_prior(len(audited.clip_U)))
    weight_X = np.exp(log_weight_X - log_weight_X.max())
    weight_X /= weight_X.sum()
    share = float(weight_X @ _SHARES_X)
    return Misleading(share, float(np.sqrt(weight_X @ (_SHARES_X - share) ** 2)))


def _prior(num_audited: int) -> Floats:
    usual = max(0.5, _USUAL - (_USUAL - 0.5) * num_audited / _AUDIT_AS_LIKELY)
    more_X = np.exp(-_SHARES_X[1:] / _MEAN_IF_MORE)
    found: Floats = np.concatenate([[usual], (1 - usual) * more_X / more_X.sum()])
    return found


def _profile(score_N: Floats, looks_NE: Floats, audited: Audited) -> Floats:
    """Return the log likelihood of answers and audit at each share, scores read as fits best."""
    no_N, yes_N = (looks_NE / (looks_NE.sum(axis=1, keepdims=True) + _TINY)).T
    fits = []
    design_NP = np.stack([np.ones(len(score_N)), score_N], axis=1)
    line_P: Floats = np.array([0.0, 1.0])
    for share in _SHARES_X:
        of_yes_N, of_no_N = yes_N + share * (no_N - yes_N), no_N + share * (yes_N - no_N)
        for _ in range(_NUM_STEPS):
            prior_N = expit(design_NP @ line_P)
            truth_N = prior_N * of_yes_N / _evidence(prior_N, of_no_N, of_yes_N)
            line_P = _next(design_NP, prior_N, truth_N, line_P)
        prior_N = expit(design_NP @ line_P)
        evidence_N = _evidence(prior_N, of_no_N, of_yes_N)
        truth_N = prior_N * of_yes_N / evidence_N
        fits.append(np.log(evidence_N).sum() + _of_audit(truth_N, audited))
    return np.array(fits)


def _evidence(prior_N: Floats, of_no_N: Floats, of_yes_N: Floats) -> Floats:
    found: Floats = of_no_N + prior_N * (of_yes_N - of_no_N) + _TINY
    return found


def _next(design_NP: Floats, prior_N: Floats, truth_N: Floats, line_P: Floats) -> Floats:
    """Return the line after a step of EM: one of Newton's towards what is believed by now."""
    slope_P = design_NP.T @ (truth_N - prior_N) - _RIDGE * (line_P - [0.0, 1.0])
    bend_PP = design_NP.T @ (design_NP * (prior_N * (1 - prior_N))[:, None])
    found: Floats = line_P + np.linalg.solve(bend_PP + _RIDGE * np.eye(2), slope_P)
    return found


def _of_audit(truth_N: Floats, audited: Audited) -> float:
    truth_U = truth_N[audited.clip_U]
    chance_U = np.where(audited.is_yes_U, truth_U, 1 - truth_U)
    return float(np.log(chance_U + _TINY).sum())


def purity_doubt(truth_looks_NTL: Floats, misleading: Misleading) -> float:
    """Return by how much the purity of clips changes if one deviation more of all clips mislead.

    Args:
        truth_looks_NTL: P(truth, looks) of the clips, as they follow from the mean share.
        misleading: What is known of that share.

    """
    if not len(truth_looks_NTL) or not misleading.doubt:
        return 0.0
    plain, turned = 1 - misleading.share, misleading.share
    likelier, more = turned + misleading.doubt, misleading.doubt
    joint_NTE = np.stack([truth_looks_NTL[:, :, looks].sum(axis=2) for looks in (NO_L, YES_L)], 2)
    times_TE = np.array(
        [[1 - more / plain, likelier / turned], [likelier / turned, 1 - more / plain]]
    )
    changed_NT = (joint_NTE * times_TE).sum(axis=2)
    before, after = joint_NTE[:, 1].sum(axis=1), changed_NT[:, 1] / changed_NT.sum(axis=1)
    return float(np.abs(before.mean() - after.mean()))
