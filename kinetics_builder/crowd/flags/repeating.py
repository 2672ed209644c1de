"""Answers that repeat themselves, whatever the clips show. Pure functions.

One answer again and again is a period of 1; a pattern one of 2 to 6. The null hypothesis is that
the worker looks like everybody who answered: given all answers about a clip, each of them is the
worker's with equal chance, independently from clip to clip. Then the product of 1 / chance over
answers that agree with those a period before, and 0 from the first that does not, is a martingale
of mean 1: it passes 1 / a with a chance of a at most (Ville 1939). That is summed over all places
at which a stretch may begin, and over the periods. Clips of which all say the same tell nothing:
so nobody is flagged for a row of clips that all show the action.

Who knows much more than the crowd is not exchangeable with it; what that costs is measured on
simulated workers by the tests.
"""

import math
from collections.abc import Iterable, Sequence

from kinetics_builder.crowd.flags.answer import LEVEL, Beside, Flag

PERIODS = range(2, 7)


def flag_of_one_answer(answers: Sequence[Beside], level: float = LEVEL) -> Flag | None:
    """Return the least likely stretch of equal answers, if an honest worker hardly has it."""
    found = _longest(answers, 1, level)
    if found is None:
        return None
    stretch, chance = found
    others = sum(bool(set(one.others) - {one.said}) for one in stretch)
    words = (
        f"said {stretch[0].said} {len(stretch)} times in a row, "
        f"of {others} of these clips others said otherwise"
    )
    return Flag("one answer", words, chance, tuple(one.clip_id for one in stretch))


def flag_of_pattern(answers: Sequence[Beside], level: float = LEVEL) -> Flag | None:
    """Return the least likely stretch of a pattern of two to six answers.

    Of several periods the shortest is told. One answer alone is no pattern.
    """
    for period in PERIODS:
        found = _longest(answers, period, level / len(PERIODS))
        if found is not None:
            stretch, chance = found
            pattern = ", ".join(one.said for one in stretch[:period])
            words = f"repeated {pattern} over {len(stretch)} answers"
            clips = tuple(one.clip_id for one in stretch)
            return Flag("pattern", words, chance * len(PERIODS), clips)
    return None


def _longest(
    answers: Sequence[Beside], period: int, level: float
) -> tuple[Sequence[Beside], float] | None:
    """Return the least likely stretch that repeats with a period, and how likely any such is.

    None where it is likelier than `level`.
    """
    best = min(_stretches(answers, period), default=(0.0, 0, 0))
    log_chance, start, end = best
    chance = math.exp(log_chance) * max(1, len(answers))
    return (answers[start:end], chance) if chance <= level else None


def _stretches(answers: Sequence[Beside], period: int) -> Iterable[tuple[float, int, int]]:
    """Yield (logarithm of the chance, start, end) of stretches that repeat, as long as they go.

    The first answer of each place in the period is free. Stretches of fewer answers than two
    periods, and of one word throughout where the period is more than 1, are none.
    """
    start, log_chance = 0, 0.0
    for place in range(period, len(answers) + 1):
        repeats = place < len(answers) and answers[place].said == answers[place - period].said
        if repeats:
            log_chance += math.log(answers[place].chance_of(answers[place].said))
            continue
        if place - start >= 2 * period and _is_pattern(answers[start:place], period):
            yield log_chance, start, place
        start, log_chance = place - period + 1, 0.0


def _is_pattern(stretch: Sequence[Beside], period: int) -> bool:
    return period == 1 or len({one.said for one in stretch}) > 1
