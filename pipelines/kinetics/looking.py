"""Which frames of a video are scored: key frames first, then closely where it may be best.

Shapes: N frames, K labels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.album import Album
from kinetics_builder.video.finding.curves import Curve
from kinetics_builder.video.finding.cuts import CutFinder
from kinetics_builder.video.finding.estimates import (
    estimated_peaks,
    is_inside,
    joined,
    left_out,
    to_look_at,
)
from kinetics_builder.video.finding.impressions import Impressions
from kinetics_builder.video.finding.peaks import Grid, Peak, best_apart, every_peak
from kinetics_builder.video.finding.placing import beside_cuts
from kinetics_builder.video.finding.sampling import Draw, Sampling
from kinetics_builder.video.finding.shots import small
from kinetics_builder.video.reading.frames import Frame
from kinetics_builder.video.reading.glimpses import Glimpses
from pipelines.kinetics.closely import Closely
from pipelines.kinetics.watching import Score, curves_of

KEYS_A_CLIP = 4
"""Key frames that are scored in the time of a clip, at most, where there are many."""

MAX_ROUNDS = 3
"""So often what was seen closely changes where else must be looked."""


@dataclass
class Looking:
    """One video that is looked at: what was seen of it so far."""

    glimpses: Glimpses
    score: Score
    closely: Closely
    grid: Grid
    draws: Sequence[tuple[Draw, Sequence[int]]] = ()
    """How windows are chosen, and by which of the curves together: looked at beside each curve's
    own best."""
    album: Album = field(default_factory=Album)
    """Takes the pictures as they are decoded; see `Glimpses`."""
    looked: list[Interval] = field(default_factory=list)
    """What was looked at closely, in order."""
    _rows: dict[float, NDArray[np.float32]] = field(default_factory=dict)
    _pictures: dict[float, NDArray[np.uint8]] = field(default_factory=dict)
    """Those that are compared for cuts."""
    _cuts: dict[Interval, list[float]] = field(default_factory=dict)
    """Of each stretch that was compared."""

    def look(self) -> None:
        """Score the key frames, then the windows that may be the best until they are known."""
        self._take(self.glimpses.key_frames(self.closely.clip_seconds / KEYS_A_CLIP))
        self._fill_gaps()
        for _ in range(MAX_ROUNDS):
            if not (wanted := self._wanted()):
                break
            for window in wanted:
                for part in left_out(window, self.looked):
                    self._look_at(part)
        for window in self._beside_cuts():
            for part in left_out(window, self.looked):
                self._look_at(part)

    def curves(self) -> list[Curve]:
        """Return the scores over time of each label."""
        times = sorted(self._rows)
        scores_NK = np.stack([self._rows[time] for time in times])
        return curves_of([round(time, 4) for time in times], scores_NK)

    def cuts(self) -> tuple[float, ...]:
        """Return when shots begin within what was looked at closely, seconds."""
        known = self._cuts
        self._cuts = {s: known[s] if s in known else self._cuts_in(s) for s in self.looked}
        return tuple(sorted(cut for cuts in self._cuts.values() for cut in cuts))

    def traits(self) -> dict[str, float]:
        """Return what was seen tells about the video: see `Impressions` and `Album`."""
        impressions = Impressions()
        for time in sorted(self._pictures):
            impressions.take(time, self._pictures[time])
        return impressions.scores() | self.album.scores()

    def _cuts_in(self, stretch: Interval) -> list[float]:
        finder = CutFinder()
        for time in sorted(self._pictures):
            if stretch.start <= time < stretch.end:
                finder.take(time, self._pictures[time])
        return [round(cut, 4) for cut in finder.cuts()]

    def _take(self, frames: Sequence[Frame]) -> None:
        if frames:
            rows = self.score(frames)
            times = (round(frame.time_seconds, 6) for frame in frames)
            self._rows |= dict(zip(times, rows, strict=True))

    def _fill_gaps(self) -> None:
        """Score pictures where key frames lie too far apart, or the first comes late."""
        longest = self.closely.coarse_seconds
        times = [0.0, *sorted(self._rows), self.grid.duration_seconds]
        for begin, end in pairwise(times):
            count = int((end - begin - 1e-3) / longest)
            if count:
                step = (end - begin) / (count + 1)
                inside = Interval(begin + step / 2, end - step + 2 * self.closely.fine_seconds)
                self._take(self.glimpses.between(inside, step / 2))

    def _seen(self, curve: Curve) -> list[Peak]:
        """Return the windows that were looked at closely."""
        peaks = every_peak(*curve, self.grid)
        return [peak for peak in peaks if is_inside(peak.window, self.looked)]

    def _wanted(self) -> list[Interval]:
        """Return the windows that must be looked at before each label's best are known."""
        wanted: list[Interval] = []
        estimates = self._best(lambda curve: estimated_peaks(curve, self.grid))
        for (draw, estimated), (_, seen) in zip(estimates, self._best(self._seen), strict=True):
            near = [] if draw.sampling is Sampling.RANDOM else seen
            wanted += to_look_at(estimated, near, self.looked)
        return joined(wanted)

    def _best(
        self, windows: Callable[[Curve], Sequence[Peak]]
    ) -> Iterator[tuple[Draw, list[Peak]]]:
        """Yield the best windows by each curve, and by each draw."""
        judged = [windows(curve) for curve in self.curves()]
        ranked = [(Draw(), peaks) for peaks in judged]
        ranked += [(draw, draw.weighed([judged[i] for i in at])) for draw, at in self.draws]
        for draw, peaks in ranked:
            far = self.closely.min_distance_seconds
            yield draw, best_apart(peaks, self.closely.num_peaks, far)

    def _beside_cuts(self) -> list[Interval]:
        """Return where the best windows may go that lie across cuts."""
        cuts, wanted = self.cuts(), list[Interval]()
        for _, best in self._best(self._seen) if cuts else ():
            for peak in best:
                wanted += beside_cuts(peak.window, self.grid, cuts)
        return joined(wanted)

    def _look_at(self, part: Interval) -> None:
        """Look at a stretch from a key frame close before it on, where decoding begins anyway."""
        earliest = part.start - self.closely.clip_seconds / 2
        known = [*self.glimpses.key_times, *(stretch.end for stretch in self.looked)]
        begin = max([earliest, *(time for time in known if time <= part.start)])
        stretch = Interval(max(0.0, begin), part.end)
        frames = self.glimpses.between(stretch, self.closely.fine_seconds)
        self._take(frames)
        self._pictures |= {frame.time_seconds: small(frame.rgb_HWC) for frame in frames}
        self.looked = joined([*self.looked, stretch])
