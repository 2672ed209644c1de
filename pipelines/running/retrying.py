"""When an item that failed is tried again in the same run, and when its site is asked again."""

import heapq
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from kinetics_builder.errors import RETRYABLE, SOON, ItemFailed, Reason

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


_BY_SETTING = {
    Reason.UNSAFE_ADDRESS: "download.allow_private in kbuild.toml lets addresses of yours be asked",
    Reason.LICENCE: "--licence, or download.licences, lets other licences in",
    Reason.TOO_LONG: "a higher download.max_duration_seconds lets longer videos in",
    Reason.TOO_LARGE: "a higher download.max_megabytes lets larger videos in",
    Reason.LARGE_PICTURE: "a higher download.refuse_above_height lets larger pictures in",
    Reason.SIGN_IN: "download.cookies_file signs in",
    Reason.GEO: "download.proxy asks from elsewhere",
    Reason.BAD_ROW: "a list whose rows are mended is read anew",
}
"""What lets items be tried that else are not; the same command does so then."""


def what_now(failures: Mapping[str, int]) -> str:
    """Return what a person may do about items that failed, by how many failed for which reason."""
    reasons = {Reason(name): number for name, number in failures.items()}
    num_again = sum(number for reason, number in reasons.items() if reason in RETRYABLE)
    told = ["`kbuild status --failures` says why"]
    if num_again:
        which = "them" if num_again == sum(reasons.values()) else f"{num_again} of them"
        told.append(f"--retry-failed tries {which} again")
    told += [text for reason, text in _BY_SETTING.items() if reason in reasons]
    return "; ".join(told) + ("." if len(told) > 1 else "; none of them is tried again.")


def rest_of_site(failure: ItemFailed, rate_limit_seconds: float) -> float:
    """Return for how many seconds nothing more shall be asked of the site of a failed item."""
    pause = failure.pause_seconds
    if pause is None:
        return rate_limit_seconds if failure.reason is Reason.RATE_LIMITED else 0.0
    return pause if isfinite(pause) else 0.0  # a name that leads nowhere asks for nothing


@dataclass
class Resting:
    """Keys of items that wait: for a pause of their own to be over, or for their site."""

    _until: list[tuple[float, str]] = field(default_factory=list)
    _parked: dict[str, deque[str]] = field(default_factory=dict)
    _sites: dict[str, float] = field(default_factory=dict)
    _asked_for: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._until) + self.num_parked()

    def add(self, key: str, pause_seconds: float) -> None:
        """Let an item rest from now on."""
        heapq.heappush(self._until, (time.monotonic() + pause_seconds, key))

    def park(self, site: str, key: str) -> None:
        """Let an item wait until its site may be asked."""
        self._parked.setdefault(site, deque()).append(key)

    def rested(self, most: int) -> list[str]:
        """Take at most `most` items that wait no longer; those with a pause of their own first."""
        taken: list[str] = []
        while len(taken) < most and self._until and self._until[0][0] <= time.monotonic():
            taken.append(heapq.heappop(self._until)[1])
        for site in [site for site in self._parked if self.site_seconds_left(site) <= 0]:
            keys = self._parked[site]
            taken += [keys.popleft() for _ in range(min(len(keys), most - len(taken)))]
            if not keys:
                del self._parked[site]
        return taken

    def seconds_left(self) -> float:
        """Return how long it is until the first may go on; 0 or less where one may now."""
        of_items = [self._until[0][0] - time.monotonic()] if self._until else []
        return min([*of_items, *map(self.site_seconds_left, self._parked)], default=0.0)

    def leave_alone(self, site: str, pause_seconds: float, *, is_asked_for: bool = True) -> None:
        """Let a whole site rest from now on, unless it rests for longer already.

        Args:
            is_asked_for: By the site; else the turn is only another's.

        """
        until = time.monotonic() + pause_seconds
        self._sites[site] = max(until, self._sites.get(site, until))
        (self._asked_for.add if is_asked_for else self._asked_for.discard)(site)

    def site_seconds_left(self, site: str) -> float:
        """Return how long a site still rests; 0 or less where it may be asked."""
        return self._sites.get(site, 0.0) - time.monotonic()

    def give_up(self) -> dict[str, list[str]]:
        """Take the items whose sites asked for a longer rest than a run waits, by site."""
        long = {
            site
            for site in self._parked.keys() & self._asked_for
            if self.site_seconds_left(site) > LONGEST_PAUSE_SECONDS
        }
        return {site: list(self._parked.pop(site)) for site in sorted(long)}

    def num_parked(self, site: str | None = None) -> int:
        """Return how many items wait for a site, or for any."""
        if site is not None:
            return len(self._parked.get(site, ()))
        return sum(map(len, self._parked.values()))

    def waiting(self) -> dict[str, int]:
        """Return how many items wait only because others of their site come first, by site."""
        return {
            site: len(keys) for site, keys in self._parked.items() if site not in self._asked_for
        }
