"""Which videos are filtered by what was seen of them, and what is only noted of their clips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NoReturn

from kinetics_builder.config import FiltersConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.moments import Moments, of_window
from kinetics_builder.video.finding.peaks import Peak

REASONS = {
    "still": Reason.STILL,
    "dark": Reason.DARK,
    "cartoon": Reason.CARTOON,
    "screen": Reason.SCREEN,
    "overlay": Reason.OVERLAY,
    "text": Reason.TEXT,
    "nobody": Reason.NO_PERSON,
    "nsfw": Reason.NSFW,
}
"""Of what is filtered, by the trait that it has too much of."""


@dataclass
class Windows:
    """Lets those windows of a video pass of which judges say nothing that is refused."""

    moments: Moments
    filters: FiltersConfig
    _refused: dict[str, float] = field(default_factory=dict)
    """Of what was refused, the least score of each filter."""
    _most: dict[str, float] = field(init=False)
    """Of each trait that is refused, what a window may have."""

    def __post_init__(self) -> None:
        thresholds, noted = self.filters.thresholds, self.filters.note
        self._most = {name: most for name, most in thresholds.items() if name not in noted}

    def fit(self, window: Interval) -> bool:
        """Say whether a window passes."""
        scores = of_window(self.moments, window)
        refused = {n: score for n, score in scores.items() if score > self._most.get(n, inf)}
        for name, score in refused.items():
            self._refused[name] = min(score, self._refused.get(name, score))
        return not refused

    def fitting(self, peaks: Sequence[Peak]) -> Sequence[Peak]:
        """Return the windows that pass."""
        if not self.moments:
            return peaks
        return [peak for peak in peaks if self.fit(peak.window)]

    def explain(self) -> None:
        """Raise ItemFailed, with the least score, where a window was refused."""
        if self._refused:
            _refuse(next(iter(self._refused)), self._refused, self.filters, "everywhere ")


def require_fit(traits: Mapping[str, float], filters: FiltersConfig) -> None:
    """Raise ItemFailed, with the score, for a video that has too much of a trait.

    A trait of which nothing is known filters nothing.
    """
    for name in above(traits, filters):
        if name not in filters.note:
            _refuse(name, traits, filters)


def noted(traits: Mapping[str, float], filters: FiltersConfig) -> dict[str, float] | None:
    """Return the scores that are above their thresholds and only noted; None without any."""
    found = above(traits, filters)
    return {name: score for name, score in found.items() if name in filters.note} or None


def above(traits: Mapping[str, float], filters: FiltersConfig) -> dict[str, float]:
    """Return the scores that are above their thresholds, in the order of the settings."""
    return {
        name: traits[name]
        for name, most in filters.thresholds.items()
        if traits.get(name, 0.0) > most
    }


def _refuse(
    name: str, scores: Mapping[str, float], filters: FiltersConfig, where: str = ""
) -> NoReturn:
    most = filters.thresholds[name]
    told = f"{name} {where}{scores[name]:g}, above filters.{name} = {most:g}"
    raise ItemFailed(REASONS[name], told)
