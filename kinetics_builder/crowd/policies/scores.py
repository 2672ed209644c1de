"""What the classifier's score says of a clip; fitted as answers come.

Scores are N(mean of the class, one deviation for both). A clip that misleads looks to people like
what it is not: its score is that of the truth, its answers are those of the opposite.

Shapes, as name suffixes: N clips, T truth (no, yes), E looks (no, yes).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from kinetics_builder.crowd.policies.answered import Floats

_STRENGTH = 10.0
"""What is assumed of the scores weighs as much as this many clips."""
MISLEADING = 0.002
"""Share of the clips that is taken to mislead where nothing says that it is more."""
_TINY = 1e-300


@dataclass(frozen=True)
class ScoreModel:
    """Scores are in standard deviations of all scores from their mean."""

    yes_share: float = 0.5
    mean_no: float = -0.5
    mean_yes: float = 0.5
    deviation: float = 1.0
    misleading: float = MISLEADING
    """Share of the clips whose looks are the opposite of the truth."""
    misleading_doubt: float = 0.0
    """How far off it is expected to be; 0 where it was told."""

    def yes_N(self, score_N: Floats) -> Floats:
        """Return P(yes) of each clip by its score alone; by the share of yes where it has none."""
        middle = (self.mean_yes + self.mean_no) / 2
        slope = (self.mean_yes - self.mean_no) / self.deviation**2
        odds = np.log(self.yes_share / (1 - self.yes_share))
        found: Floats = expit(odds + slope * np.where(np.isnan(score_N), 0, score_N - middle))
        return found

    def joint_NTE(self, score_N: Floats) -> Floats:
        """Return P(truth, looks) of each clip by its score alone."""
        return turned_NTE(self.yes_N(score_N), self.misleading)


def turned_NTE(yes_N: Floats, misleading: float) -> Floats:
    """Return P(truth, looks) of clips that show the action with this probability.

    Args:
        yes_N: P(yes).
        misleading: Share of the clips whose looks are the opposite of the truth.

    """
    turning_TE = np.array([[1 - misleading, misleading], [misleading, 1 - misleading]])
    found: Floats = np.stack([1 - yes_N, yes_N], axis=1)[:, :, None] * turning_TE
    return found


def standardised(score_N: Floats) -> Floats:
    """Return the scores in deviations from their mean; NaN stay NaN, equal scores become 0."""
    is_known_N = np.isfinite(score_N)
    known = score_N[is_known_N]
    if not len(known):
        return np.full(len(score_N), np.nan)
    scaled_N = (np.where(is_known_N, score_N, 0) - known.mean()) / (known.std() or 1.0)
    return np.where(is_known_N, scaled_N, np.nan)


def fit_scores(
    score_N: Floats,
    looks_NE: Floats,
    start: ScoreModel,
    num_steps: int = 20,
) -> ScoreModel:
    """Return the model after some steps of EM from `start`.

    Args:
        score_N: Standardised scores.
        looks_NE: Likelihood of each clip's answers if it looks like no, and like yes, up to a
            factor.
        start: Where to begin; the share of clips that mislead stays as it is.
        num_steps: Steps of EM.

    """
    model, (no_N, yes_N) = start, (looks_NE / (looks_NE.sum(axis=1, keepdims=True) + _TINY)).T
    for _ in range(num_steps):
        prior_N, turned = model.yes_N(score_N), model.misleading
        as_no_N = (1 - prior_N) * (no_N + turned * (yes_N - no_N))
        as_yes_N = prior_N * (yes_N + turned * (no_N - yes_N))
        all_N = as_no_N + as_yes_N + _TINY
        model = _refit(score_N, as_yes_N / all_N, model)
    return model


def _refit(score_N: Floats, yes_N: Floats, before: ScoreModel) -> ScoreModel:
    """Return the likeliest model where the truth is known by its probability."""
    prior, half = ScoreModel(), _STRENGTH / 2
    has_score_N = np.isfinite(score_N)
    known_N, weight_N = score_N[has_score_N], yes_N[has_score_N]
    total, square, num = known_N.sum(), known_N @ known_N, weight_N.sum()
    of_yes = known_N @ weight_N
    mean_yes = (of_yes + half * prior.mean_yes) / (num + half)
    mean_no = (total - of_yes + half * prior.mean_no) / (len(known_N) - num + half)
    within = square - 2 * mean_yes * of_yes - 2 * mean_no * (total - of_yes)
    within += mean_yes**2 * num + mean_no**2 * (len(known_N) - num)
    variance = (within + _STRENGTH * prior.deviation**2) / (len(known_N) + _STRENGTH)
    return replace(
        before,
        yes_share=float((yes_N.sum() + half) / (len(score_N) + _STRENGTH)),
        mean_no=float(mean_no),
        mean_yes=float(mean_yes),
        deviation=float(np.sqrt(variance)),
    )
