"""Workers who contradict themselves where they are asked about clips once more. Pure functions."""

from kinetics_builder.crowd.flags.answer import LEVEL, Flag
from kinetics_builder.crowd.flags.guidelines import upper_tail
from kinetics_builder.crowd.repeats import Consistency


def flag_of_contradiction(
    mine: Consistency, num_others: int, num_differing_others: int, level: float = LEVEL
) -> Flag | None:
    """Return that a worker says something else more often than all others do.

    The chance is that of as many or more, were all equally likely to: Fisher's exact test. Where
    nobody else was asked once more, nobody is flagged.

    Args:
        mine: The worker's answers.
        num_others: Clips that all others were asked about once more.
        num_differing_others: Those of them of which they said something else then.
        level: From which chance down it is said.

    """
    num_differing = len(mine.differing)
    marked, whole = num_differing + num_differing_others, mine.num + num_others
    chance = upper_tail(num_differing, mine.num, marked, whole)
    if chance > level:
        return None
    words = (
        f"said something else of {num_differing} of {mine.num} clips when asked once more, "
        f"all others of {num_differing_others} of {num_others}"
    )
    return Flag("contradicts", words, chance, mine.differing)
