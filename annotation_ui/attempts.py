"""Counting wrong codes, so that nobody guesses at leisure and nobody else is locked out.

Codes carry 64 random bits or more: what is counted is not what keeps the door, but what keeps
a guesser from taking the server's time. So a code that is right opens even where many others
are typed wrongly, in an office or a school behind one address.
"""

import ipaddress
import math
import time

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from annotation_ui.languages.words import gettext
from kinetics_builder.crowd.invitations import hash_code

OF_A_CODE = "10 per minute"
"""Failures with one code, such as names guessed for it; then it is barred."""
OF_AN_ADDRESS = "120 per minute"
"""Failures from one address, whatever the codes; then wrong codes hear when to try again."""

NEWCOMERS = "120 per minute"
"""People from one address whom a paid panel sends for the first time; who was here before, in the
same session, comes in all the same."""


class Attempts:
    """The failed logins, and the newcomers, of the last minute, in memory."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._of_a_code, self._of_an_address = parse(OF_A_CODE), parse(OF_AN_ADDRESS)
        self._newcomers = parse(NEWCOMERS)

    def seconds_barred(self, code: str) -> int:
        """Return after how many seconds the code may be tried again; 0 for now."""
        return self._seconds(self._of_a_code, hash_code(code))

    def fail(self, code: str) -> int:
        """Count a wrong code; return after how many seconds to try again, 0 for now."""
        self._limiter.hit(self._of_a_code, hash_code(code))
        here = network(request.remote_addr)
        if self._limiter.hit(self._of_an_address, here):
            return 0
        return self._seconds(self._of_an_address, here)

    def newcomer(self) -> int:
        """Count a newcomer; return after how many seconds to try again, 0 for now."""
        here = f"newcomer {network(request.remote_addr)}"
        return (
            0 if self._limiter.hit(self._newcomers, here) else self._seconds(self._newcomers, here)
        )

    def _seconds(self, limit: RateLimitItem, key: str) -> int:
        if self._limiter.test(limit, key):
            return 0
        window = self._limiter.get_window_stats(limit, key)
        return max(1, math.ceil(window.reset_time - time.time()))


def attempts() -> Attempts:
    """Return what was counted by the app that handles this request."""
    found: Attempts = current_app.extensions["kbuild-attempts"]
    return found


def refuse_for(seconds: int) -> ResponseReturnValue:
    """Return the page that says when to try again, for programs too (`Retry-After`)."""
    title = gettext("Too many wrong codes")
    message = gettext(
        "Too many wrong codes. Wait %(number)s seconds, then try again.", number=seconds
    )
    page = render_template("error.html", title=title, message=message)
    return page, 429, {"Retry-After": str(seconds)}


def network(address: str | None) -> str:
    """Return who is one and the same: an IPv4 address, or the 64-bit network of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
