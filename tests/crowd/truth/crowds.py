"""Made-up crowds of which the truth is known."""

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.crowd.truth.answers import Answers

Row = tuple[str, str, str]


def planted(
    confusion_WTL: NDArray[np.float64], num_questions: int, num_votes: int, seed: int = 0
) -> tuple[Answers, NDArray[np.intp]]:
    """Return answers of workers who err as planted, each label equally often true; and the truth.

    Each question gets `num_votes` workers by chance. Labels are "a", "b", ...
    """
    random = np.random.default_rng(seed)
    num_workers, num_labels, _ = confusion_WTL.shape
    true_Q = random.integers(num_labels, size=num_questions)
    worker_V = np.concatenate(
        [random.permutation(num_workers)[:num_votes] for _ in range(num_questions)]
    )
    question_V = np.repeat(np.arange(num_questions), num_votes)
    reach_VL = confusion_WTL[worker_V, true_Q[question_V]].cumsum(axis=1)
    label_V = (random.random((len(worker_V), 1)) > reach_VL[:, :-1]).sum(axis=1)
    names = (
        [f"{kind}{number:05}" for number in range(count)]
        for kind, count in (("q", num_questions), ("w", num_workers))
    )
    labels = [chr(ord("a") + number) for number in range(num_labels)]
    return Answers.of_places(*names, labels, question_V, worker_V, label_V), true_Q


def renamed(
    answers: Answers, seed: int
) -> tuple[Answers, NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return answers in which all have other names, and where each question, worker, label went."""
    random = np.random.default_rng(seed)
    went = [random.permutation(len(names)) for names in (answers.questions, answers.workers)]
    went.append(random.permutation(answers.num_labels))
    names = [[f"{place:06}" for place in range(len(places))] for places in went]
    votes = (answers.question_V, answers.worker_V, answers.label_V)
    places = (places[place_V] for places, place_V in zip(went, votes, strict=True))
    return Answers.of_places(*names, *places), *went
