"""How likely whom is to say yes to what: the model of an answer, on a grid.

A worker has a skill and a bias, a clip a difficulty d and looks like yes or like no:
P(yes) = sigmoid(skill / d + bias) where it looks like yes, sigmoid(-skill / d + bias) where not
(skill and difficulty after GLAD: Whitehill et al., NeurIPS 2009).

Shapes, as name suffixes: S sorts of workers (skill x bias), K difficulties,
L looks of a clip (first those of no at each difficulty, then those of yes), A answers (no, yes).
"""

import numpy as np
from scipy.special import expit

from kinetics_builder.crowd.policies.answered import Floats

LOG_DIFFICULTY_K: Floats = np.linspace(-1.5, 1.5, 7)
NUM_LEVELS = len(LOG_DIFFICULTY_K)
NO_L, YES_L = slice(0, NUM_LEVELS), slice(NUM_LEVELS, None)
_SKILLS = np.concatenate([[-1.5, -0.75], np.linspace(0, 4.5, 10)])
_BIASES = np.linspace(-1.5, 1.5, 7)
SKILL_S: Floats = np.repeat(_SKILLS, len(_BIASES))
BIAS_S: Floats = np.tile(_BIASES, len(_SKILLS))
_LIKELY_SKILL, _SKILL_SPREAD, _BIAS_SPREAD = 2.0, 1.2, 0.7


def _chance_SL() -> Floats:
    """Return the probability of yes."""
    ease_K = np.exp(-LOG_DIFFICULTY_K)
    sign_times_ease_L = np.concatenate([-ease_K, ease_K])
    found: Floats = expit(SKILL_S[:, None] * sign_times_ease_L + BIAS_S[:, None])
    return found


def _prior_S() -> Floats:
    """Return how common each sort of worker is taken to be before anybody has answered."""
    skill_S = (SKILL_S - _LIKELY_SKILL) / _SKILL_SPREAD
    weight_S = np.exp(-0.5 * (skill_S**2 + (BIAS_S / _BIAS_SPREAD) ** 2))
    found: Floats = weight_S / weight_S.sum()
    return found


YES_SL: Floats = _chance_SL()
ANSWER_ASL: Floats = np.stack([1 - YES_SL, YES_SL])
PRIOR_S: Floats = _prior_S()


def level_weights(spread: float, middle: float = 0.0) -> Floats:
    """Return how common each difficulty is (K, sums to 1); its logarithm is N(middle, spread)."""
    weight_K = np.exp(-0.5 * ((LOG_DIFFICULTY_K - middle) / spread) ** 2)
    found: Floats = weight_K / weight_K.sum()
    return found
