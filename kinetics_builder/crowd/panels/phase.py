"""How far a session of a panel is: from its row, and from what its worker has answered."""

from dataclasses import dataclass
from enum import StrEnum

from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.tables import PanelVisit


class Phase(StrEnum):
    """How far a session is."""

    OPEN = "open"
    ENOUGH = "enough"
    """All was answered that makes it complete; it is not ended yet."""
    SCREENED_OUT = "screened out"
    LATE = "late"
    """Its time is over, and its place is another's."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a worker has answered so far, of all kinds of questions and in all sessions."""

    num_answers: int = 0
    num_gold: int = 0
    num_gold_right: int = 0
    is_set_aside: bool = False
    """Whether the answers of any kind are set aside."""


def given_in(visit: PanelVisit, tally: Tally) -> Tally:
    """Return what was answered in the session; as its end wrote it down, where it has ended."""
    if visit.ended_at is not None:
        return Tally(
            visit.num_answers or 0,
            visit.num_gold or 0,
            visit.num_gold_right or 0,
            tally.is_set_aside,
        )
    return Tally(
        tally.num_answers - visit.answers_before,
        tally.num_gold - visit.gold_before,
        tally.num_gold_right - visit.gold_right_before,
        tally.is_set_aside,
    )


def phase_of(
    visit: PanelVisit, tally: Tally, panel: PanelConfig, practice_answers: int, now: float
) -> Phase:
    """Return how far the session is; whoever has answered all is not sent away any more.

    `practice_answers` is how many of a worker's first answers to gold are practice.
    """
    if visit.ended_at is not None:
        return Phase.ENDED
    if panel.max_answers and given_in(visit, tally).num_answers >= panel.max_answers:
        return Phase.ENOUGH
    if (panel.screens_out and tally.is_set_aside) or _failed(tally, panel, practice_answers):
        return Phase.SCREENED_OUT
    return Phase.LATE if visit.expires_at <= now else Phase.OPEN


def _failed(tally: Tally, panel: PanelConfig, practice_answers: int) -> bool:
    """Tell whether the practice is over, and too little of it was right."""
    is_over = tally.num_gold >= practice_answers
    return is_over and tally.num_gold_right < min(panel.training_right, practice_answers)
