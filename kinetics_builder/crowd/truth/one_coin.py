"""One coin: each worker is right with a probability of their own, whatever is true.

Wrong answers fall on the other labels alike. Source: Zhang, Chen, Zhou and Jordan 2014,
"Spectral methods meet EM" (arXiv:1406.3824), section 2, fitted here from the majority.
Shapes, as name suffixes: V votes, Q questions, W workers, L labels.
"""

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.em import maximise
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.options import Options


def one_coin(answers: Answers, options: Options) -> Estimate:
    """Return the estimate of one accuracy a worker, fitted by expectation-maximisation.

    No worker counts fewer than `options.smoothing` right answers, or wrong ones.
    """
    votes_W, num_wrong_labels = answers.votes_W(), max(answers.num_labels - 1, 1)
    cell_V = answers.label_V * answers.num_questions + answers.question_V
    shape = answers.num_labels, answers.num_questions

    def model(posterior_LQ: Floats) -> Floats:
        right_V = posterior_LQ.reshape(-1)[cell_V]
        sums_W = np.bincount(answers.worker_V, weights=right_V, minlength=len(votes_W))
        right_W = np.maximum(sums_W, options.smoothing)
        wrong_W = np.maximum(votes_W - sums_W, options.smoothing)
        log_wrong_W = np.log(wrong_W / (right_W + wrong_W) / num_wrong_labels)
        more_W = np.log(right_W / (right_W + wrong_W)) - log_wrong_W
        more_LQ = np.bincount(
            cell_V, weights=more_W[answers.worker_V], minlength=shape[0] * shape[1]
        ).reshape(shape)
        return more_LQ + answers.sums_Q(log_wrong_W[answers.worker_V])

    return maximise(answers, options, model)
