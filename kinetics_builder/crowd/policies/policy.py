"""What a policy is: who is asked what next, and what the answers decide. No database.

Shape, as name suffix: N clips.
"""

from dataclasses import dataclass
from typing import Protocol

from kinetics_builder.crowd.policies.answered import Answered, Bools, Floats, Questions


@dataclass(frozen=True, eq=False)
class Decisions:
    """What a policy makes of the answers."""

    is_accepted_N: Bools
    is_open_N: Bools
    """Clips that more answers would decide; none of them is accepted."""
    probability_N: Floats | None = None
    """That the clip shows the action, in [0, 1]; None where the policy knows none."""
    claimed_purity: float | None = None
    """Share of the accepted clips that is expected to be right; None where nothing is claimed."""
    claimed_recall: float | None = None
    purity_doubt: float = 0.0
    """Standard deviation of that purity, by what isn't known of clips that mislead."""
    out_of_reach: str = ""
    """Why no clip will be accepted, however many answer; empty where some may be."""


class Policy(Protocol):
    """Functions of what is known and of nothing else: equal answers give equal questions."""

    def next_questions(self, answered: Answered) -> Questions:
        """Return the next round of questions; none when it asks no more.

        Everybody is taken to be there for one task a round, and to take it.
        """

    def decide(self, answered: Answered) -> Decisions:
        """Return what becomes of each clip, as far as is known by now."""
