"""How closely videos are looked at, as the settings ask."""

from dataclasses import dataclass, field

from kinetics_builder.video.finding.peaks import Grid
from kinetics_builder.video.finding.sampling import Draw

MIN_WINDOWS = 4
"""A video in which no more than so many times the proposed clips fit is short: most of it would be
looked at closely."""

EVEN_A_CLIP = 6
"""Frames that are scored in the time of a clip in a short video: in the demo's, more find no more
(benchmarks/results/scoring.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Closely:
    """How closely a video is looked at, and for which windows."""

    fine_seconds: float
    """Between two scored frames of a window."""
    coarse_seconds: float
    """Longest time that no frame of is scored."""
    clip_seconds: float
    num_peaks: int
    min_distance_seconds: float
    grid_seconds: float
    draw: Draw = field(default_factory=Draw)
    """How windows are chosen by two scorers, or by chance."""
    skims: bool = True
    """Whether short videos are looked at evenly, at `EVEN_A_CLIP` moments in the time of a clip;
    else they are looked at whole."""

    @property
    def even_seconds(self) -> float:
        """Return the time between two scored frames of a short video."""
        return self.clip_seconds / EVEN_A_CLIP

    def grid(self, duration_seconds: float) -> Grid:
        """Return where windows may lie."""
        return Grid(
            window_seconds=self.clip_seconds,
            step_seconds=self.grid_seconds,
            duration_seconds=round(duration_seconds, 3),
        )

    def is_worth_it(self, duration_seconds: float) -> bool:
        """Say whether a video is long enough for most of it to be passed over."""
        return duration_seconds > MIN_WINDOWS * self.num_peaks * self.clip_seconds
