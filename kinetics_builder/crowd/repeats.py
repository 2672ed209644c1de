"""How far workers answer as before where they were asked about clips once more. Reads only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.database.tables import Answer, Vote
from kinetics_builder.metrics.agreement.workers import cohen_kappa
from kinetics_builder.metrics.shares import wilson


@dataclass(frozen=True, slots=True)
class Pair:
    """What a worker said of a clip, first and then: yes, or anything else."""

    clip_id: int
    was_yes: bool
    is_yes: bool


@dataclass(frozen=True, slots=True)
class Consistency:
    """A worker's answers to clips that were asked about once more, beside the first ones."""

    pairs: tuple[Pair, ...]
    """By clip; one at least."""

    @property
    def num(self) -> int:
        """Clips that were answered twice."""
        return len(self.pairs)

    @property
    def differing(self) -> tuple[int, ...]:
        """The clips that were answered yes once, and otherwise the other time."""
        return tuple(one.clip_id for one in self.pairs if one.was_yes != one.is_yes)

    @property
    def num_alike(self) -> int:
        """Clips of which the same was said twice: yes, or anything but yes."""
        return self.num - len(self.differing)

    @property
    def share(self) -> float:
        """The share of those."""
        return self.num_alike / self.num

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share is, in 95 of 100 cases (Wilson)."""
        return wilson(self.num_alike, self.num)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of the first answers and the second; None where all were one word."""
        table = np.zeros((2, 2))
        for one in self.pairs:
            table[int(one.was_yes), int(one.is_yes)] += 1
        found = cohen_kappa(table)
        return None if isnan(found) else found

    @property
    def words(self) -> str:
        """What pages and commands say about it."""
        low, high = self.interval
        kappa = "" if self.kappa is None else f", kappa {self.kappa:.2f}"
        alike = f"{self.num_alike} of {self.num} alike"
        return f"{alike} ({low:.0%} to {high:.0%}){kappa}"

    @property
    def facts(self) -> dict[str, Any]:
        """What programs are told."""
        low, high = self.interval
        return {
            "num": self.num,
            "num_alike": self.num_alike,
            "share": self.share,
            "low": low,
            "high": high,
            "kappa": self.kappa,
            "differing": list(self.differing),
        }


def read_consistency(
    session: Session, worker_ids: Iterable[int] | None = None
) -> dict[int, Consistency]:
    """Return how consistent the workers are who were asked anything once more, by id.

    Of two answers to one question on the same occasion the later is meant.
    """
    query = _PAIRS if worker_ids is None else _PAIRS.where(Vote.worker_id.in_(list(worker_ids)))
    found = defaultdict[int, dict[tuple[int, int], Pair]](dict)
    for worker_id, clip_id, label_id, first, second in session.execute(query):
        pair = Pair(clip_id, first is Answer.YES, second is Answer.YES)
        found[worker_id][clip_id, label_id] = pair
    return {
        worker_id: Consistency(tuple(pair for _, pair in sorted(pairs.items())))
        for worker_id, pairs in found.items()
    }


_SECOND = aliased(Vote)
_PAIRS: Any = (
    select(Vote.worker_id, Vote.clip_id, Vote.label_id, Vote.answer, _SECOND.answer)
    .join(
        _SECOND,
        and_(
            _SECOND.worker_id == Vote.worker_id,
            _SECOND.clip_id == Vote.clip_id,
            _SECOND.label_id == Vote.label_id,
        ),
    )
    .where(Vote.is_repeat(_SECOND), Vote.stands())
    .order_by(Vote.worker_id, _SECOND.revision)
)
