"""A share that was counted, and how far the true one may be from it."""

import math

Z_95 = 1.959964
"""Standard deviations of a normal distribution that 95 % lie within, on both sides together."""


def wilson(num_hits: float, num: int, z: float = Z_95) -> tuple[float, float]:
    """Return the interval in [0, 1] in which the true share lies, in 95 of 100 cases.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Args:
        num_hits: Of those counted.
        num: Counted in all; (0, 1) is returned for none.
        z: Standard deviations on each side.

    >>> [round(end, 3) for end in wilson(8, 10)]
    [0.49, 0.943]

    """
    if not num:
        return 0.0, 1.0
    share, squared = num_hits / num, z * z
    middle = share + squared / (2 * num)
    half = z * math.sqrt(share * (1 - share) / num + squared / (4 * num * num))
    whole = 1 + squared / num
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)
