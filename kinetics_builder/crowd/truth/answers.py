"""What workers said, as arrays: the input of every method.

Shapes, as name suffixes: V votes, Q questions, W workers, L labels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kinetics_builder.errors import CrowdError

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
"""Places in a tuple of names, from 0."""


class AnsweredTwice(CrowdError):
    """One worker answered one question twice; `rows` are the places of both votes, from 0."""

    def __init__(self, worker: str, question: str, rows: tuple[int, int]) -> None:
        super().__init__(
            f"worker {worker!r} answers question {question!r} twice: expected one answer at most. "
            "Leave one of them out"
        )
        self.rows = rows


@dataclass(frozen=True, eq=False)
class Answers:
    """Votes in the order of their questions, then of their workers; no pair comes twice.

    Names are sorted, so equal votes in any order give equal arrays. Make one by `of` or
    `of_places`. A question may have no votes, a worker no answers, a label no voter.
    """

    questions: tuple[str, ...]
    workers: tuple[str, ...]
    labels: tuple[str, ...]
    question_V: Places
    worker_V: Places
    label_V: Places

    @classmethod
    def of(
        cls,
        rows: Iterable[tuple[str, str, str]],
        questions: Iterable[str] = (),
        labels: Iterable[str] = (),
    ) -> Self:
        """Return the answers of rows (question, worker, label), in any order.

        `questions` and `labels` name those, too, that may have no vote.

        Raises:
            AnsweredTwice: A worker answered a question twice, be it with the same label.

        """
        asked, answering, chosen = _Places(), _Places(), _Places()
        place_3V = np.fromiter(
            chain.from_iterable(
                (asked[question], answering[worker], chosen[label])
                for question, worker, label in rows
            ),
            np.intp,
        )
        for known, more in ((asked, questions), (chosen, labels)):
            for name in more:
                known[name]
        return cls.of_places((*asked,), (*answering,), (*chosen,), *place_3V.reshape(-1, 3).T)

    @classmethod
    def of_places(
        cls,
        questions: Sequence[str],
        workers: Sequence[str],
        labels: Sequence[str],
        question_V: ArrayLike,
        worker_V: ArrayLike,
        label_V: ArrayLike,
    ) -> Self:
        """Return the answers of votes that name question, worker and label by their places.

        Names, each once, and votes may come in any order.

        Raises:
            AnsweredTwice: As `of`.

        """
        questions, question_V = _in_order(questions, question_V)
        workers, worker_V = _in_order(workers, worker_V)
        labels, label_V = _in_order(labels, label_V)
        pair_V = question_V * len(workers) + worker_V
        order_V = np.argsort(pair_V, kind="stable")
        _refuse_pairs(pair_V, order_V, questions, workers)
        votes = (place_V[order_V] for place_V in (question_V, worker_V, label_V))
        return cls(questions, workers, labels, *votes)

    @property
    def num_votes(self) -> int:
        """Return V."""
        return len(self.label_V)

    @property
    def num_questions(self) -> int:
        """Return Q."""
        return len(self.questions)

    @property
    def num_workers(self) -> int:
        """Return W."""
        return len(self.workers)

    @property
    def num_labels(self) -> int:
        """Return L."""
        return len(self.labels)

    def votes_QL(self, weights_V: Floats | None = None) -> Floats:
        """Return how many workers gave each label to each question, or their weights' sums."""
        shape = self.num_questions, self.num_labels
        cell_V = self.question_V * self.num_labels + self.label_V
        votes_QL = np.bincount(cell_V, weights=weights_V, minlength=shape[0] * shape[1])
        return votes_QL.reshape(shape).astype(np.float64)

    def votes_Q(self) -> Places:
        """Return how many workers answered each question."""
        return np.bincount(self.question_V, minlength=self.num_questions)

    def votes_W(self) -> Places:
        """Return how many questions each worker answered."""
        return np.bincount(self.worker_V, minlength=self.num_workers)

    def sums_Q(self, values_V: Floats) -> Floats:
        """Return for each question the sum of its votes' values; 0 without votes."""
        starts, answered = self._starts
        sums_Q = np.zeros(self.num_questions)
        if len(starts):
            sums_Q[answered] = np.add.reduceat(values_V, starts)
        return sums_Q

    @cached_property
    def _starts(self) -> tuple[Places, Places]:
        """The first vote of each question that has any, and the question."""
        starts = np.flatnonzero(np.diff(self.question_V, prepend=-1))
        return starts, self.question_V[starts]

    def means_W(self, values_V: Floats) -> Floats:
        """Return for each worker the mean of the votes' values; NaN without answers."""
        sums_W = np.bincount(self.worker_V, weights=values_V, minlength=self.num_workers)
        votes_W, means_W = self.votes_W(), np.full(self.num_workers, np.nan)
        np.divide(sums_W, votes_W, out=means_W, where=votes_W > 0)
        return means_W


class _Places(dict[str, int]):
    """The place of each name, in the order of their coming."""

    def __missing__(self, name: str) -> int:
        place = self[name] = len(self)
        return place


def _in_order(names: Sequence[str], place_V: ArrayLike) -> tuple[tuple[str, ...], Places]:
    """Return sorted names, and the votes' places among them."""
    order = sorted(range(len(names)), key=names.__getitem__)
    rank_of = np.empty(len(names), np.intp)
    rank_of[order] = np.arange(len(names))
    return tuple(names[place] for place in order), rank_of[np.asarray(place_V, np.intp)]


def _refuse_pairs(
    pair_V: Places, order_V: Places, questions: Sequence[str], workers: Sequence[str]
) -> None:
    """Raise an error if a pair of question and worker comes twice."""
    ordered_V = pair_V[order_V]
    again = np.flatnonzero(ordered_V[1:] == ordered_V[:-1])
    if len(again):
        question, worker = divmod(int(ordered_V[again[0]]), len(workers))
        rows = int(order_V[again[0]]), int(order_V[again[0] + 1])
        raise AnsweredTwice(workers[worker], questions[question], rows)
