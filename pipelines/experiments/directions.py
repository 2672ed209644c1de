"""What the papers found, asked of a table: whether one row is above another."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.experiments.estimates import Estimate
from pipelines.experiments.results import Table


@dataclass(frozen=True, kw_only=True)
class Claim:
    """That a row is above another by a least number of points."""

    text: str
    source: str
    better: str
    worse: str
    least: float = 0.0
    """Least difference, as a share; below 0 where the one may cost a little."""
    labels: frozenset[str] | None = None
    """Of the clips of these labels alone."""
    is_cheaper: bool = False
    """Whether a test by the better one must also compute less."""


@dataclass(frozen=True)
class Direction:
    """A claim, and what was measured."""

    claim: Claim
    difference: Estimate | None
    """None where it could not be measured."""
    missing: str = ""
    """Why not."""
    costs: tuple[int, int] | None = None
    """Multiply-adds of the better one and of the other, where they are part of the claim."""

    @property
    def holds(self) -> bool | None:
        """Tell whether the difference is large enough; None where there is none."""
        if self.difference is None:
            return None
        return self.difference.mean >= self.claim.least and self._is_cheap

    @property
    def _is_cheap(self) -> bool:
        return self.costs is None or self.costs[0] < self.costs[1]

    @property
    def is_sure(self) -> bool:
        """Tell whether the whole interval says the same."""
        if self.difference is None:
            return False
        if not self._is_cheap:
            return True
        is_above = self.difference.low >= self.claim.least
        return is_above if self.holds else self.difference.high < self.claim.least

    @property
    def verdict(self) -> str:
        """Return it in words."""
        return {True: "holds", False: "does not hold", None: "not measured"}[self.holds]

    @property
    def figures(self) -> str:
        """Return the difference in points, its interval, and what was asked."""
        if self.difference is None:
            return self.missing
        ends = self.difference.low, self.difference.high
        points = [100 * value for value in (self.difference.mean, *ends)]
        asked = f"at least {100 * self.claim.least:+.0f}" if self.claim.least else "0 or more"
        unsure = "" if self.is_sure else "; the interval leaves the opposite open"
        return (
            f"{points[0]:+.1f} points ({points[1]:+.1f} to {points[2]:+.1f}), {asked} wanted"
            f"{self._told_costs}{unsure}"
        )

    @property
    def _told_costs(self) -> str:
        if self.costs is None:
            return ""
        ours, theirs = (cost / 1e6 for cost in self.costs)
        return f"; {ours:,.1f} M multiply-adds beside {theirs:,.1f} M"

    @property
    def line(self) -> str:
        """Return it as a line for people."""
        return f"{self.verdict:<14} {self.claim.text}: {self.figures}"


def directions_of(claims: Sequence[Claim], table: Table) -> list[Direction]:
    """Hold the claims against a table."""
    found = []
    for claim in claims:
        measured = table.paired(claim.better, claim.worse, claim.labels)
        rows = [table.results[name] for name in (claim.better, claim.worse)]
        reasons = dict.fromkeys(reason for row in rows for reason in row.reasons)
        missing = "" if measured else "; ".join(reasons) or "no seed has both"
        costs = (rows[0].multiply_adds, rows[1].multiply_adds) if claim.is_cheaper else None
        found.append(Direction(claim, measured, missing, costs))
    return found
