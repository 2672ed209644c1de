"""Turning several workers' answers into one decision. Pure functions, no database."""

from collections.abc import Iterable

from kinetics_builder.config import Quorum, VerifyConfig
from kinetics_builder.database.tables import Answer, Verdict

Rules = VerifyConfig | Quorum
"""How many answers are asked for at most (`max_votes`), how many yes accept (`min_yes`)."""


def decide(answers: Iterable[Answer], config: Rules) -> Verdict:
    """Return what `answers` say about a clip; their order does not matter.

    A clip is accepted by `config.min_yes` yes-answers of at most `config.max_votes`
    (arXiv:1705.06950), and rejected as soon as the answers still to come cannot reach that
    number, so that a sure "no" costs fewer votes than a full round. Unsure and bad count
    like no. Where more than `max_votes` have answered (a gold question), the same share of
    yes accepts.
    """
    given = list(answers)
    return verdict_of(sum(answer is Answer.YES for answer in given), len(given), config)


def verdict_of(num_yes: int, num_votes: int, config: Rules) -> Verdict:
    """Return what `num_yes` yes-answers among `num_votes` say: `decide` for counts."""
    num_asked = max(num_votes, config.max_votes)
    enough = num_yes >= config.min_yes
    if enough and num_yes * config.max_votes >= config.min_yes * num_asked:
        return Verdict.ACCEPTED
    remaining = num_asked - num_votes
    can_reach = remaining > 0 and num_yes + remaining >= config.min_yes
    return Verdict.OPEN if can_reach else Verdict.REJECTED


def is_certain(answers: Iterable[Answer], config: Rules) -> bool:
    """Return whether no answer still to come could change the decision."""
    return decide(answers, config) is not Verdict.OPEN


def open_votes(num_yes: int, num_votes: int, config: Rules) -> int:
    """Return how many more answers may be asked for at most; 0 when the clip is decided."""
    if verdict_of(num_yes, num_votes, config) is not Verdict.OPEN:
        return 0
    return config.max_votes - num_votes


def votes_to_decide(num_yes: int, num_votes: int, config: Rules) -> int:
    """Return how many more answers decide the clip at best; 0 when it is decided.

    Handing an open clip to this many workers at once never wastes an answer.
    """
    to_accept = max(0, config.min_yes - num_yes)
    to_reject = open_votes(num_yes, num_votes, config) - to_accept + 1
    return max(0, min(to_accept, to_reject))
