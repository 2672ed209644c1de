"""Fields that answers of every kind have."""

import math
from collections.abc import Mapping

from annotation_ui.kinds.kind import BadAnswer

MAX_SECONDS = 86_400.0
"""Longer showing times say nothing about the question."""

_MOST_DIGITS = 4


def read_revision(form: Mapping[str, str]) -> int:
    """Return how many answers to the question this one replaces.

    Raises:
        BadAnswer: It is no number that there can be.

    """
    found = form.get("revision", "0")
    if not (found.isascii() and found.isdigit() and len(found) <= _MOST_DIGITS):
        raise BadAnswer(f"revision={found!r} is not a number from 0 to {10**_MOST_DIGITS - 1}.")
    return int(found)


def read_seconds(form: Mapping[str, str]) -> float | None:
    """Return how long the question was seen; seconds that are no number of a day are dropped."""
    try:
        seconds = float(form.get("seconds", ""))
    except ValueError:
        return None
    return round(seconds, 3) if math.isfinite(seconds) and 0 <= seconds <= MAX_SECONDS else None
