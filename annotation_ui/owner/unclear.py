"""Classes whose guideline is unclear, for a page that asks every few seconds.

Whether one is takes a look at all votes of careful workers. So it is taken once a minute at most,
and for no more than a twentieth of the time; in between the page shows what was found last.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy.orm import Session

from kinetics_builder.crowd.flags.guidelines import Unclear, read_unclear

LEAST_PAUSE_SECONDS = 60.0
PAUSE_PER_LOOK = 19
"""A pause is at least so many times as long as the look before it took."""


@dataclass
class UnclearClasses:
    """What the last look found."""

    clock: Callable[[], float] = time.monotonic
    """Seconds."""
    _found: Sequence[Unclear] = ()
    _due: float = -math.inf
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def read(self, session: Session) -> Sequence[Unclear]:
        """Return the unclear classes, looked at anew if it is time and nobody else is at it."""
        if self.clock() >= self._due and self._looking.acquire(blocking=False):
            try:
                self._look(session)
            finally:
                self._looking.release()
        return self._found

    def _look(self, session: Session) -> None:
        began = self.clock()
        self._found = read_unclear(session)
        ended = self.clock()
        self._due = ended + max(LEAST_PAUSE_SECONDS, PAUSE_PER_LOOK * (ended - began))


def unclear_classes() -> UnclearClasses:
    """Return those of the app that handles this request."""
    found: UnclearClasses = current_app.extensions["kbuild-unclear"]
    return found
