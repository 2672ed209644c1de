"""MACE: each worker copies the truth, or spams: says a label out of habit, whatever is true.

A worker is competent with a probability of their own, on each question anew, and spams by
frequencies of labels of their own. Source: Hovy, Berg-Kirkpatrick, Vaswani and Hovy 2013,
"Learning whom to trust with MACE". Shapes, as name suffixes: V votes, Q questions, W workers,
L labels.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.em import maximise
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.options import Options

PRIOR_KIND = 0.5
"""Of both sides of the Beta prior of a competence, as in the source."""
PRIOR_HABIT = 10.0
"""The symmetric Dirichlet prior of the frequencies by which a worker spams."""
NOISE = 0.5
"""By how much a start may differ from one in which all is as likely."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mace:
    """What MACE makes of answers."""

    estimate: Estimate
    """Its log likelihood is the variational bound, or that of the answers alone."""
    competence_W: Floats
    """Probability that a worker copies the truth; NaN without answers."""
    habits_WL: Floats
    """Frequencies by which a worker spams; a row sums to 1, and is NaN without answers."""


def mace(answers: Answers, options: Options) -> Estimate:
    """Return the estimate of competences and habits, as `fit_mace` finds them."""
    return fit_mace(answers, options).estimate


def fit_mace(answers: Answers, options: Options) -> Mace:
    """Return competences, habits and truth: the best of `options.num_starts` fits.

    Each begins with the majority's shares; in the first all workers are alike, in the others
    they differ by chance, as in the source: where votes contradict each other evenly, such a
    start may take a side. One is better if its log likelihood is above by `options.tolerance`
    a vote. With `options.is_variational` parameters have distributions, in view of their
    priors; else they are the likeliest, of counts that are at least `options.smoothing`.
    Memory grows by W times L.
    """
    random = np.random.default_rng(options.seed)
    enough = options.tolerance * answers.num_votes
    best = _Fit(answers, options).fitted()
    for _ in range(options.num_starts - 1 if answers.num_votes else 0):
        fit = _Fit(answers, options)
        fit.scatter(random)
        found = fit.fitted()
        if _height(found) > _height(best) + enough:
            best = found
    return best


class _Fit:
    """The parameters, while they are fitted: logarithms of expected weights.

    Kinds are spam, copy. Weights that a variational step gives sum to less than 1.
    """

    def __init__(self, answers: Answers, options: Options) -> None:
        self.answers, self.options = answers, options
        num_workers, num_labels = answers.num_workers, max(answers.num_labels, 1)
        self.log_kind_W2 = np.full((num_workers, 2), -np.log(2))
        self.log_habits_WL = np.full((num_workers, num_labels), -np.log(num_labels))
        self.counts_W2: Floats = np.zeros((num_workers, 2))
        self.counts_WL: Floats = np.zeros((num_workers, num_labels))
        self.divergence = 0.0
        self.habit_V = answers.worker_V * num_labels + answers.label_V
        votes = np.bincount(self.habit_V, minlength=num_workers * num_labels)
        self.votes_WL = votes.reshape(num_workers, num_labels).astype(np.float64)
        self.cell_V = answers.label_V * answers.num_questions + answers.question_V

    def scatter(self, random: np.random.Generator) -> None:
        """Begin where workers differ by chance."""
        for log_WK in (self.log_kind_W2, self.log_habits_WL):
            weights_WK = 1 + NOISE * random.random(log_WK.shape)
            log_WK[:] = np.log(weights_WK / weights_WK.sum(axis=1, keepdims=True))

    def fitted(self) -> Mace:
        """Return what comes of this start."""
        estimate = maximise(self.answers, self.options, self.step, lambda: -self.divergence)
        is_there_W1 = (self.answers.votes_W() > 0)[:, None]
        return Mace(
            estimate=estimate,
            competence_W=np.where(is_there_W1, _shares(self.log_kind_W2), np.nan)[:, 1],
            habits_WL=np.where(is_there_W1, _shares(self.log_habits_WL), np.nan),
        )

    def step(self, posterior_LQ: Floats) -> Floats:
        """Fit the parameters to a posterior; return the votes' log likelihood (L, Q)."""
        self._count(posterior_LQ)
        self._learn()
        copied_W1, spam_WL = self._likelihoods()
        spam_Q = self.answers.sums_Q(np.log(spam_WL).reshape(-1)[self.habit_V])
        more_V = np.log1p(copied_W1 / spam_WL).reshape(-1)[self.habit_V]
        more = np.bincount(self.cell_V, weights=more_V, minlength=posterior_LQ.size)
        return more.reshape(posterior_LQ.shape) + spam_Q

    def _likelihoods(self) -> tuple[Floats, Floats]:
        """Return how likely workers copy the truth, and say each label as spam."""
        kind_W2 = np.exp(self.log_kind_W2)
        return kind_W2[:, 1:], kind_W2[:, :1] * np.exp(self.log_habits_WL)

    def _count(self, posterior_LQ: Floats) -> None:
        """Count how many answers of each worker are copies, and spam, by the old parameters."""
        copied_W1, spam_WL = self._likelihoods()
        right_V = posterior_LQ.reshape(-1)[self.cell_V]
        right = np.bincount(self.habit_V, weights=right_V, minlength=spam_WL.size)
        copied_WL = right.reshape(spam_WL.shape) * copied_W1 / (copied_W1 + spam_WL)
        self.counts_WL = self.votes_WL - copied_WL
        self.counts_W2 = np.stack([self.counts_WL.sum(axis=1), copied_WL.sum(axis=1)], axis=1)

    def _learn(self) -> None:
        if self.options.is_variational:
            self.log_kind_W2, of_kind = _expected_log(self.counts_W2, PRIOR_KIND)
            self.log_habits_WL, of_habits = _expected_log(self.counts_WL, PRIOR_HABIT)
            self.divergence = of_kind + of_habits
        else:
            self.log_kind_W2 = _likeliest_log(self.counts_W2, self.options.smoothing)
            self.log_habits_WL = _likeliest_log(self.counts_WL, self.options.smoothing)


def _expected_log(counts_WK: Floats, prior: float) -> tuple[Floats, float]:
    """Return the expected logarithms of frequencies, given counts and a Dirichlet prior.

    Beside it, how far their distributions are from the prior (Kullback and Leibler, in nats).
    """
    total_WK = counts_WK + prior
    sum_W1 = total_WK.sum(axis=1, keepdims=True)
    log_WK = digamma(total_WK) - digamma(sum_W1)
    num_workers, num_kinds = counts_WK.shape
    log_beta = gammaln(total_WK).sum() - gammaln(sum_W1).sum()
    log_beta_prior = num_kinds * gammaln(prior) - gammaln(num_kinds * prior)
    divergence = (counts_WK * log_WK).sum() - log_beta + num_workers * log_beta_prior
    return log_WK, float(divergence)


def _likeliest_log(counts_WK: Floats, least: float) -> Floats:
    """Return the logarithms of frequencies that counts have, none taken for less than `least`."""
    counts_WK = np.maximum(counts_WK, least)
    log_WK: Floats = np.log(counts_WK / counts_WK.sum(axis=1, keepdims=True))
    return log_WK


def _shares(log_WK: Floats) -> Floats:
    """Return exponentials as shares of their row's sum."""
    weights_WK = np.exp(log_WK)
    shares_WK: Floats = weights_WK / weights_WK.sum(axis=1, keepdims=True)
    return shares_WK


def _height(found: Mace) -> float:
    return -np.inf if found.estimate.log_likelihood is None else found.estimate.log_likelihood
