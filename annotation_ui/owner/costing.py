"""What answers have cost by now, and what those to come will cost at most. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

from kinetics_builder.crowd.standing import Standing

_LEAST_DECIDED = 20
"""Decided questions before anything is said of those to come."""
_SECONDS_AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one kind of questions; known ones are paid like any."""

    hours: float
    """Spent by now, at each worker's pace."""
    num_left: int | None
    """Answers to come at most, if the open questions need as many as the decided ones had; None
    before enough are decided."""
    hours_left: float | None


@dataclass(frozen=True, slots=True)
class Counted:
    """Questions of a kind, without known ones."""

    num_decided: int
    num_open: int


def cost_of(counted: Counted, standings: Iterable[Standing]) -> Cost | None:
    """Return what answers cost; None before anybody's pace is known.

    Whose pace is not known is taken to be as fast as the others are on average.
    """
    known = [(one.num_votes, one.record.pace_seconds) for one in standings]
    timed = [(num, pace) for num, pace in known if pace is not None and num]
    if not timed:
        return None
    pace = sum(num * seconds for num, seconds in timed) / sum(num for num, _ in timed)
    num_all = sum(num for num, _ in known)
    hours = num_all * pace / _SECONDS_AN_HOUR
    if counted.num_decided < _LEAST_DECIDED:
        return Cost(hours, None, None)
    num_left = round(counted.num_open * num_all / counted.num_decided)
    return Cost(hours, num_left, num_left * pace / _SECONDS_AN_HOUR)
