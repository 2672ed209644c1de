"""One line of a plan."""

from dataclasses import dataclass

from pipelines.inspecting.planning.draws import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How much there is of one thing, how much is to come, and why."""

    part: str
    """What it is about: source, time, disk, people."""
    name: str
    unit: str = ""
    """Empty for a number of things; hours, bytes, money."""
    so_far: float | None = None
    """None where nothing counts it."""
    to_come: Range
    assumption: str
    origin: str
    """Who says so."""
