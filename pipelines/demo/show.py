"""How a demo talks to a person, and how long its parts took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipelines.running.reports import Reporter, SilentReporter


@dataclass(frozen=True, slots=True)
class Show:
    """How a demo talks to a person."""

    say: Callable[[str], None] = lambda line: None
    reporter: Callable[[], Reporter] = SilentReporter


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall time of a demo's parts, in their order."""

    begun: float = field(default_factory=time.monotonic)
    parts: dict[str, float] = field(default_factory=dict)
    """Seconds by part."""

    @contextmanager
    def timing(self, part: str) -> Iterator[None]:
        """Count the block's time to a part."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.parts[part] = self.parts.get(part, 0.0) + time.monotonic() - begun

    @property
    def seconds(self) -> float:
        """Return the time since the beginning."""
        return time.monotonic() - self.begun
