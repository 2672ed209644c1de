"""Several workers' paths through a tree -> where the decided answers lead. Pure.

Answers count question by question: who part at the third agree in the first two.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kinetics_builder.config import Quorum, VerifyConfig
from kinetics_builder.crowd.trees.paths import Path, after
from kinetics_builder.crowd.trees.weighing import Heard, Scores, believed, needed, scores_of
from kinetics_builder.database.tables import Answer, Verdict
from kinetics_builder.text.class_list.trees import Goal, Leads, Tree


@dataclass(frozen=True, slots=True)
class Settled:
    """What paths say together."""

    way: tuple[tuple[str, Answer], ...]
    """The decided questions and their answers, in the order of asking."""
    goal: Goal
    """Where they lead: to the question that is not decided, if one is not."""
    num_needed: int
    """The least number of answers more that can decide that question; 0 if nobody else is asked."""

    @property
    def verdict(self) -> Verdict:
        """Accepted where a class is reached, open while others are asked, else rejected."""
        if self.num_needed:
            return Verdict.OPEN
        return Verdict.ACCEPTED if self.goal.leads is Leads.CLASS else Verdict.REJECTED

    @property
    def element(self) -> str | None:
        """The class that is reached."""
        return self.goal.name if self.goal.leads is Leads.CLASS else None

    @property
    def question(self) -> str | None:
        """The question at which it stands."""
        return self.goal.name if self.goal.leads is Leads.QUESTION else None


def settle(tree: Tree, paths: Sequence[Path], quorum: Quorum) -> Settled:
    """Return where the decided answers lead; the order of paths does not matter.

    A question is decided by an answer that `quorum.min_yes` have given, and more than half of all
    who answered it, whichever way they came to it. Where that is not so, others are asked, until
    `quorum.max_votes` paths are there or those still to come can decide it no more; then the clip
    stands where it is. Most being unsure, it stands there, too. Answers to questions that the tree
    does not have count for nothing.
    """
    return _walk(tree, _Counting(_count(paths), quorum), quorum.max_votes - len(paths))


def settle_weighed(tree: Tree, paths: Sequence[Heard], config: VerifyConfig) -> Settled:
    """Return the same by the policy of the settings.

    The posterior policy believes each worker as far as known clips say: a question is decided by
    the answer whose probability is `verify.path_confidence`. So one whose answers are known to be
    right may decide it alone, and it is asked again where those who answered are known to err.
    """
    if config.policy != "posterior":
        return settle(tree, [one.path for one in paths], config.of_paths)
    judging = _Believing(scores_of(paths), config.path_confidence)
    return _walk(tree, judging, config.path_votes - len(paths))


class _Judging(Protocol):
    """What all answers to a question say of it."""

    def decided(self, key: str) -> Answer | None:
        """Return the answer that decides a question; None where none does."""

    def needed(self, key: str) -> int:
        """Return how many answers more can decide it at best."""


def _walk(tree: Tree, judging: _Judging, remaining: int) -> Settled:
    way: list[tuple[str, Answer]] = []
    goal = Goal(Leads.QUESTION, tree.first)
    while goal.leads is Leads.QUESTION:
        answer = judging.decided(goal.name)
        if answer is None:
            number = judging.needed(goal.name)
            return Settled(tuple(way), goal, number if number <= remaining else 0)
        way.append((goal.name, answer))
        goal = after(tree, goal.name, answer)
        if answer is Answer.UNSURE:
            break
    return Settled(tuple(way), goal, 0)


@dataclass(frozen=True, slots=True)
class _Counting:
    """Answers count alike, whoever gives them."""

    counts: dict[str, Counter[Answer]]
    quorum: Quorum

    def decided(self, key: str) -> Answer | None:
        return _decided(self.counts.get(key, Counter()), self.quorum)

    def needed(self, key: str) -> int:
        return _needed(self.counts.get(key, Counter()), self.quorum)


@dataclass(frozen=True, slots=True)
class _Believing:
    """Answers count as far as those who give them are believed."""

    scores: dict[str, Scores]
    confidence: float

    def decided(self, key: str) -> Answer | None:
        answer, probability = believed(self._of(key))
        return answer if probability >= self.confidence else None

    def needed(self, key: str) -> int:
        return needed(self._of(key), self.confidence)

    def _of(self, key: str) -> Scores:
        return self.scores.get(key, {Answer.YES: 0.0, Answer.NO: 0.0})


def _count(paths: Sequence[Path]) -> dict[str, Counter[Answer]]:
    counts: dict[str, Counter[Answer]] = {}
    for path in paths:
        for key, said in path:
            counts.setdefault(key, Counter())[Answer(said)] += 1
    return counts


def _decided(said: Counter[Answer], quorum: Quorum) -> Answer | None:
    for answer, number in said.items():
        if number >= quorum.min_yes and 2 * number > said.total():
            return answer
    return None


def _needed(said: Counter[Answer], quorum: Quorum) -> int:
    """Return how many answers more can decide a question at best: all of them the same."""
    most = max(said.values(), default=0)
    return max(quorum.min_yes - most, said.total() - 2 * most + 1)
