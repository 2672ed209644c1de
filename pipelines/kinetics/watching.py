"""Watching all of a video: its frames at regular times, and where its shots begin."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.finding.album import Album
from kinetics_builder.video.finding.curves import Curve
from kinetics_builder.video.finding.cuts import CutFinder
from kinetics_builder.video.finding.impressions import Impressions
from kinetics_builder.video.finding.placing import COMPARED_SECONDS
from kinetics_builder.video.finding.shots import small
from kinetics_builder.video.reading.frames import Every, Frame, Scaler
from kinetics_builder.video.reading.showing import shown_pictures

Scores = NDArray[np.float32]
Score = Callable[[Sequence[Frame]], Scores]
"""Gives scores_NK of N frames for K labels."""

_AT_ONCE = 64
"""Frames that are held and scored together."""


@dataclass
class Watching:
    """Decodes a video once; iterating gives its frames as `FrameReader` does."""

    path: Path
    size: tuple[int, int]
    """(width, height) of the frames, upright."""
    every_seconds: float
    album: Album = field(default_factory=Album)
    _impressions: Impressions = field(default_factory=Impressions)
    _finder: CutFinder = field(default_factory=CutFinder)

    def __iter__(self) -> Iterator[Frame]:
        """Give the first frame at or after each multiple of `every_seconds`."""
        scaler = Scaler(self.size, 0)
        given, compared = Every(self.every_seconds), Every(COMPARED_SECONDS)
        for time, picture, _ in shown_pictures(self.path):
            is_given, is_compared = given.takes(time), compared.takes(time)
            if not (is_given or is_compared):
                continue
            frame = Frame(time, scaler.upright(picture))
            if is_compared:
                bgr_HWC = small(frame.rgb_HWC)
                self._finder.take(time, bgr_HWC)
                self._impressions.take(time, bgr_HWC)
                self.album.take(time, picture)
            if is_given:
                yield frame

    def traits(self) -> dict[str, float]:
        """Return what was watched tells about the video: see `Impressions` and `Album`."""
        return self._impressions.scores() | self.album.scores()

    def cuts(self) -> tuple[float, ...]:
        """Return when the shots begin, but for the first, in what was watched, seconds."""
        return tuple(round(cut, 4) for cut in self._finder.cuts())


def scored_curves(frames: Iterator[Frame] | Watching, score: Score) -> list[Curve]:
    """Return the scores over time of each label; some frames are held at a time."""
    feed = iter(frames)
    times: list[float] = []
    scores: list[Scores] = []
    while some := list(islice(feed, _AT_ONCE)):
        times += [round(frame.time_seconds, 4) for frame in some]
        scores.append(score(some))
    return curves_of(times, np.concatenate(scores))


def curves_of(times: list[float], scores_NK: Scores) -> list[Curve]:
    """Return each label's scores over time, as they are kept."""
    return [Curve(times, [round(float(p), 5) for p in column]) for column in scores_NK.T]
