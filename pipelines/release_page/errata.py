"""What is said beside a release, as its page tells it."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.publishing.folders.errata import errata_lines

_MOST = 50


@dataclass(frozen=True, slots=True)
class ToldErrata:
    """The newest errata, in words."""

    lines: list[str]
    num_more: int


def errata_of(release: Path) -> ToldErrata:
    """Return what a page tells of the errata of a release, the newest first."""
    lines = errata_lines(release)[::-1]
    return ToldErrata(lines[:_MOST], max(0, len(lines) - _MOST))
