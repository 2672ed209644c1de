"""Some pictures of a video, large enough to see what is drawn or written in them.

They are kept from what is decoded anyway, and never more than a few, however long the video is.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from kinetics_builder.video.finding.judging import Judging
from kinetics_builder.video.finding.lettering import writing_share
from kinetics_builder.video.finding.overlays import overlay_share
from kinetics_builder.video.finding.screens import WITHIN_SECONDS, Screens
from kinetics_builder.video.reading.frames import Scaler

SHORT_SIDE = 240
"""Of the pictures, in pixels; those of a smaller video are as large as it is."""

STEP_SECONDS = 0.5
"""Between two of them, in a short video."""

MOST = 48
"""More are not kept: of a longer video every other one goes, as often as need be."""

MOST_READ = 12
"""Pictures in which writing is looked for."""


@dataclass
class Album:
    """Takes a video's pictures, in any order, and keeps some that lie apart.

    Judges see others of them, further apart.
    """

    judging: Judging = field(default_factory=lambda: Judging(()))
    _scaler: Scaler | None = None
    _screens: Screens = field(default_factory=Screens)
    _step: float = STEP_SECONDS
    _kept: dict[int, tuple[float, NDArray[np.uint8]]] = field(default_factory=dict)
    """Moment and picture, by the number of the step that it lies in."""
    _latest: float = float("-inf")
    """Moment of the one that was kept last, until another was compared with it."""

    def take(self, time_seconds: float, picture: VideoFrame) -> None:
        """Keep a picture, if none is kept from about that moment."""
        self.judging.take(time_seconds, picture)
        place = int(time_seconds / self._step)
        least, most = WITHIN_SECONDS
        is_beside = least <= time_seconds - self._latest <= most
        if place in self._kept and not is_beside:
            return
        if self._scaler is None:
            self._scaler = Scaler(None, min(SHORT_SIDE, picture.width, picture.height))
        rgb_HWC = self._scaler.upright(picture)
        self._screens.take(time_seconds, rgb_HWC)
        self._latest = float("-inf")
        if place not in self._kept:
            self._kept[place] = time_seconds, rgb_HWC
            self._latest = time_seconds
            self._thin_out()

    def scores(self) -> dict[str, float]:
        """Return a score in [0, 1] for each trait that can be told, by `FiltersConfig`'s names."""
        kept = [self._kept[place][1] for place in sorted(self._kept)]
        greys = [
            np.asarray(cv2.cvtColor(rgb_HWC, cv2.COLOR_RGB2GRAY), np.uint8) for rgb_HWC in kept
        ]
        if not greys:
            return {}
        count = min(MOST_READ, len(greys))
        read = [greys[n * len(greys) // count] for n in range(count)]
        found = {
            "screen": self._screens.score(),
            "overlay": overlay_share(np.stack(greys).astype(np.float32)),
            "text": float(np.mean([writing_share(grey) for grey in read])),
        }
        return {name: round(score, 4) for name, score in found.items() if score is not None}

    def _thin_out(self) -> None:
        while len(self._kept) > MOST:
            self._step *= 2
            before, self._kept = self._kept, {}
            for place in sorted(before):
                self._kept.setdefault(place // 2, before[place])
