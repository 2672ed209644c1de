"""What is kept of items by a score, and how much of that is right. Pure functions, no database.

OmniSource (arXiv:2003.13042) keeps what a teacher believes to be of the class that was searched
for; its thresholds were not published. A curve shows what each would keep.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

THRESHOLDS = tuple(step / 20 for step in range(20))
"""0.00, 0.05 and so on up to 0.95."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a threshold keeps: items with a score of at least that."""

    threshold: float
    num_kept: int
    share_kept: float
    """Of all items, in [0, 1]."""
    num_known: int
    """Of those that are kept, as many as it is known of whether they are right."""
    num_right: int
    precision: float | None
    """num_right / num_known; None where nothing is known."""
    recall: float | None
    """num_right / as many as are known to be right among all items; None where none is."""


def keeping_curve(
    scores: Sequence[float], rights: Sequence[bool | None], thresholds: Sequence[float] = THRESHOLDS
) -> list[Kept]:
    """Return what each threshold keeps of items, in the order of the thresholds.

    Args:
        scores: Of each item, in [0, 1]. One that equals a threshold is kept.
        rights: Whether each is right; None where nobody knows.
        thresholds: In any order.

    >>> curve = keeping_curve([0.2, 0.7], [False, True], [0.0, 0.5])
    >>> [(one.num_kept, one.precision) for one in curve]
    [(2, 0.5), (1, 1.0)]

    """
    every = sorted(scores)
    known = sorted(s for s, right in zip(scores, rights, strict=True) if right is not None)
    right = sorted(s for s, is_right in zip(scores, rights, strict=True) if is_right)
    return [_kept(threshold, every, known, right) for threshold in thresholds]


def _kept(
    threshold: float, every: Sequence[float], known: Sequence[float], right: Sequence[float]
) -> Kept:
    num_kept, num_known, num_right = (
        len(scores) - bisect_left(scores, threshold) for scores in (every, known, right)
    )
    return Kept(
        threshold=threshold,
        num_kept=num_kept,
        share_kept=num_kept / len(every) if every else 0.0,
        num_known=num_known,
        num_right=num_right,
        precision=num_right / num_known if num_known else None,
        recall=num_right / len(right) if right else None,
    )
