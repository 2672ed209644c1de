"""When an item that failed is tried again in the same run, and when its site is asked again."""

import heapq
import time
from dataclasses import dataclass, field
from math import isfinite

from kinetics_builder.errors import SOON, ItemFailed, Reason

FIRST_PAUSE_SECONDS = 1.0
"""Before the second try; each later pause is four times as long as the one before."""
LONGEST_PAUSE_SECONDS = 900.0
"""What asks for more is left to a later run."""


def pause_before_retry(
    failure: ItemFailed, num_tries: int, rate_limit_seconds: float
) -> float | None:
    """Return how long an item rests before it is tried again, None if this run leaves it.

    Args:
        failure: Of the last try.
        num_tries: So far, at least 1.
        rate_limit_seconds: The pause for a place that said that it is asked too often.

    """
    if failure.reason not in SOON:
        return None
    pause: float = FIRST_PAUSE_SECONDS * 4 ** (num_tries - 1)
    if failure.reason is Reason.RATE_LIMITED:
        pause = max(pause, rate_limit_seconds)
    if failure.pause_seconds is not None:
        pause = max(FIRST_PAUSE_SECONDS, failure.pause_seconds)
    return pause if pause <= LONGEST_PAUSE_SECONDS else None


def rest_of_site(failure: ItemFailed, rate_limit_seconds: float) -> float:
    """Return for how many seconds nothing more shall be asked of the site of a failed item."""
    pause = failure.pause_seconds
    if pause is None:
        return rate_limit_seconds if failure.reason is Reason.RATE_LIMITED else 0.0
    return pause if isfinite(pause) else 0.0  # a name that leads nowhere asks for nothing


def not_asked(site: str, seconds_left: float) -> ItemFailed:
    """Return the failure of an item whose site rests for longer than a run waits."""
    text = f"not asked: {site or 'the site'} asks to be left alone for {seconds_left:.0f} s"
    return ItemFailed(Reason.RATE_LIMITED, text, seconds_left)


@dataclass
class Resting:
    """Keys of items that are worked on after a pause, and sites that are left alone."""

    _until: list[tuple[float, str]] = field(default_factory=list)
    _sites: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._until)

    def add(self, key: str, pause_seconds: float) -> None:
        """Let an item rest from now on."""
        heapq.heappush(self._until, (time.monotonic() + pause_seconds, key))

    def rested(self, most: int) -> list[str]:
        """Take at most `most` items whose pause is over, the longest over first."""
        taken: list[str] = []
        while len(taken) < most and self._until and self.seconds_left() <= 0:
            taken.append(heapq.heappop(self._until)[1])
        return taken

    def seconds_left(self) -> float:
        """Return how long the next item still rests; 0 or less where its pause is over."""
        return self._until[0][0] - time.monotonic() if self._until else 0.0

    def leave_alone(self, site: str, pause_seconds: float) -> None:
        """Let a whole site rest from now on, unless it rests for longer already."""
        until = time.monotonic() + pause_seconds
        self._sites[site] = max(until, self._sites.get(site, until))

    def site_seconds_left(self, site: str) -> float:
        """Return how long a site still rests; 0 or less where it may be asked."""
        return self._sites.get(site, 0.0) - time.monotonic()
