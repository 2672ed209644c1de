"""Which videos are filtered by what was seen of them, and what is only noted of their clips."""

from collections.abc import Mapping

from kinetics_builder.config import FiltersConfig
from kinetics_builder.errors import ItemFailed, Reason

REASONS = {
    "still": Reason.STILL,
    "dark": Reason.DARK,
    "cartoon": Reason.CARTOON,
    "screen": Reason.SCREEN,
    "overlay": Reason.OVERLAY,
    "text": Reason.TEXT,
}
"""Of a video that is filtered, by the trait that it has too much of."""


def require_fit(traits: Mapping[str, float], filters: FiltersConfig) -> None:
    """Raise ItemFailed, with the score, for a video that has too much of a trait.

    A trait of which nothing is known filters nothing.
    """
    for name, score in _above(traits, filters).items():
        if name not in filters.note:
            most = filters.thresholds[name]
            raise ItemFailed(REASONS[name], f"{name} {score:g}, above filters.{name} = {most:g}")


def noted(traits: Mapping[str, float], filters: FiltersConfig) -> dict[str, float] | None:
    """Return the scores that are above their thresholds and only noted; None without any."""
    found = _above(traits, filters)
    return {name: score for name, score in found.items() if name in filters.note} or None


def _above(traits: Mapping[str, float], filters: FiltersConfig) -> dict[str, float]:
    """Return the scores that are above their thresholds, in the order of the settings."""
    return {
        name: traits[name]
        for name, most in filters.thresholds.items()
        if traits.get(name, 0.0) > most
    }
