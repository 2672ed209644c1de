"""Kinetics' policy: at most five answers, three yes accept (arXiv:1705.06950).

Shapes, as name suffixes: N clips, V questions, O clips that are open.
"""

from dataclasses import dataclass, field

import numpy as np

from kinetics_builder.config import Quorum
from kinetics_builder.crowd.policies.answered import Answered, Bools, Questions
from kinetics_builder.crowd.policies.policy import Decisions
from kinetics_builder.crowd.policy import verdict_of, votes_to_decide
from kinetics_builder.database.tables import Verdict


@dataclass(frozen=True)
class ThreeOfFive:
    """Asks anybody, whatever is known of them, until answers to come change nothing."""

    rules: Quorum = field(default_factory=lambda: Quorum(max_votes=5, min_yes=3))
    seed: int = 0

    def next_questions(self, answered: Answered) -> Questions:
        """Return for each open clip as many answers as it needs at least, of workers by chance."""
        chance = np.random.default_rng([self.seed, len(answered.clip_V)])
        asked_before = _workers_by_clip(answered)
        pairs: list[tuple[int, int]] = []
        for clip, (num_yes, num) in enumerate(_counts(answered)):
            for _ in range(votes_to_decide(num_yes, num, self.rules)):
                asked = asked_before.setdefault(clip, set())
                if len(asked) < answered.num_workers:
                    worker = _another(chance, answered.num_workers, asked)
                    asked.add(worker)
                    pairs.append((clip, worker))
        clip_V, worker_V = np.array(pairs, np.int64).reshape(-1, 2).T
        return Questions(clip_V, worker_V)

    def decide(self, answered: Answered) -> Decisions:
        """Return the verdicts of `kinetics_builder.crowd.policy`."""
        verdicts = [verdict_of(num_yes, num, self.rules) for num_yes, num in _counts(answered)]
        return Decisions(_are(verdicts, Verdict.ACCEPTED), _are(verdicts, Verdict.OPEN))


def _counts(answered: Answered) -> list[tuple[int, int]]:
    """Return for each clip its yes-answers and its answers."""
    pairs = zip(answered.num_yes_N.tolist(), answered.num_answers_N.tolist(), strict=True)
    return list(pairs)


def _workers_by_clip(answered: Answered) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    pairs = zip(answered.clip_V.tolist(), answered.worker_V.tolist(), strict=True)
    for clip, worker in pairs:
        found.setdefault(clip, set()).add(worker)
    return found


def _another(chance: np.random.Generator, num_workers: int, asked: set[int]) -> int:
    """Return one of the workers who were not asked, all of them equally likely."""
    others = [worker for worker in range(num_workers) if worker not in asked]
    return others[int(chance.integers(len(others)))]


def _are(verdicts: list[Verdict], wanted: Verdict) -> Bools:
    return np.array([verdict is wanted for verdict in verdicts], np.bool_)
