"""Charts of a page: lines with bars."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

NUM_BINS = 10
"""Of shares, from 0 to 1."""
_MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart."""

    name: str
    number: int
    share: float
    """Of the longest, in per cent."""


def bin_of(share: float) -> int:
    """Return in which bin a share is, counted from 0."""
    return min(NUM_BINS - 1, int(share * NUM_BINS))


def numbers(counts: Counter[int]) -> list[Bar]:
    """Return numbers in their order; of many the most frequent, and the rest together."""
    most = {value for value, _ in counts.most_common(_MOST_BARS)}
    found = [(f"{value:,}", counts[value]) for value in sorted(most)]
    rest = sum(number for value, number in counts.items() if value not in most)
    return _drawn(found + ([("others", rest)] if rest else []))


def shares(counts: Counter[int]) -> list[Bar]:
    """Return bins of shares in their order; nothing where there is none."""
    if not counts:
        return []
    names = (f"{100 * n // NUM_BINS} to {100 * (n + 1) // NUM_BINS} %" for n in range(NUM_BINS))
    return _drawn([(name, counts[number]) for number, name in enumerate(names) if counts[number]])


def named(counts: Counter[str]) -> list[Bar]:
    """Return names, the most frequent first."""
    return _drawn([(name, number) for name, number in counts.most_common() if number])


def _drawn(found: Sequence[tuple[str, int]]) -> list[Bar]:
    top = max((number for _, number in found), default=1)
    return [Bar(name, number, round(100 * number / top, 1)) for name, number in found]
