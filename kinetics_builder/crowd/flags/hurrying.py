"""Answers that come too soon for the clip, and much sooner than others'. Pure functions."""

import math
from collections.abc import Sequence
from statistics import median

from kinetics_builder.crowd.flags.answer import LEVEL, Beside, Flag

SHARE_OF_CLIP = 0.25
"""An answer within this part of the clip's length may be hurried, ..."""
SHARE_OF_OTHERS = 0.25
"""... if it took less than this part of the median that others took for the clip."""
HONEST_SHARE = 0.25
"""Of an honest worker's answers so many are hurried at most, of the quickest of a crowd."""
_LEAST_OTHERS = 2


def flag_of_haste(answers: Sequence[Beside], level: float = LEVEL) -> Flag | None:
    """Return that too many answers were hurried, if an honest worker's hardly are.

    Only clips count of which the times of two others are known. The chance is that of as many
    hurried answers or more from a worker of whose answers `HONEST_SHARE` are (binomial). People's
    own paces differ, so that share is much more than the usual worker's.
    """
    timed = [one for one in answers if _is_timed(one)]
    hurried = [one for one in timed if is_hurried(one)]
    chance = binomial_tail(len(hurried), len(timed), HONEST_SHARE)
    if not hurried or chance > level:
        return None
    words = (
        f"{len(hurried)} of {len(timed)} answers came within a quarter of the clip "
        "and a quarter of the time that others took"
    )
    return Flag("hurried", words, chance, tuple(one.clip_id for one in hurried))


def is_hurried(one: Beside) -> bool:
    """Tell whether an answer came too soon for its clip, and much sooner than others'."""
    if one.seconds is None or not _is_timed(one):
        return False
    soon = one.seconds < SHARE_OF_CLIP * one.clip_seconds
    return soon and one.seconds < SHARE_OF_OTHERS * median(one.seconds_of_others)


def binomial_tail(num_hits: int, num: int, share: float) -> float:
    """Return the chance of `num_hits` or more of `num`, each a hit with chance `share`.

    >>> binomial_tail(2, 2, 0.5)
    0.25
    """
    return math.fsum(
        math.comb(num, k) * share**k * (1 - share) ** (num - k) for k in range(num_hits, num + 1)
    )


def _is_timed(one: Beside) -> bool:
    return one.seconds is not None and len(one.seconds_of_others) >= _LEAST_OTHERS
