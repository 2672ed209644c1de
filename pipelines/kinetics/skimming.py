"""Looking at all of a short video, evenly: at so many moments a clip.

In a video that hardly more clips fit into than are proposed, most windows would be looked at
closely. It is decoded once instead, without the pictures that others can do without, and at
moments evenly apart is scored. Cuts are looked for where two of these moments show pictures that
are new all over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.album import Album
from kinetics_builder.video.finding.curves import Curve
from kinetics_builder.video.finding.cuts import CutFinder, may_lie_between
from kinetics_builder.video.finding.estimates import joined
from kinetics_builder.video.finding.impressions import STEP_SECONDS, Impressions
from kinetics_builder.video.finding.placing import COMPARED_SECONDS
from kinetics_builder.video.finding.shots import small
from kinetics_builder.video.reading.frames import Frame
from kinetics_builder.video.reading.held import HeldPictures
from pipelines.kinetics.watching import Score, scored_curves

MARGIN_SECONDS = 4 * COMPARED_SECONDS
"""Before and behind a stretch in which a cut may lie: its pictures are compared with these."""


@dataclass
class Skimming:
    """One video, decoded, with the frames that are scored."""

    held: HeldPictures
    whole: Interval
    frames: Sequence[Frame]
    album: Album

    @classmethod
    def of(
        cls,
        path: Path,
        size: tuple[int, int],
        duration_seconds: float,
        every_seconds: float,
        album: Album,
    ) -> Self | None:
        """Decode a file; None where `HeldPictures` says so.

        Args:
            path: The file.
            size: (width, height) of the frames, upright.
            duration_seconds: Of the video.
            every_seconds: The first frame at or after each multiple is scored.
            album: Takes the pictures as they are decoded.

        """
        held = HeldPictures.of(path, size, min(COMPARED_SECONDS, every_seconds), album.take)
        if held is None:
            return None
        whole = Interval(0.0, duration_seconds)
        return cls(held, whole, held.between(whole, every_seconds), album)

    def curves(self, score: Score) -> list[Curve]:
        """Return the scores over time of each label."""
        return scored_curves(iter(self.frames), score)

    def cuts(self) -> tuple[float, ...]:
        """Return when the shots begin, but for the first, seconds."""
        pictures = [(frame.time_seconds, small(frame.rgb_HWC)) for frame in self.frames]
        suspicious = [
            Interval(one - MARGIN_SECONDS, two + MARGIN_SECONDS)
            for (one, before), (two, after) in pairwise(pictures)
            if may_lie_between(before, after)
        ]
        return tuple(cut for stretch in joined(suspicious) for cut in self._cuts_in(stretch))

    def traits(self) -> dict[str, float]:
        """Return what the video is like: see `Impressions` and `Album`."""
        impressions = Impressions()
        for frame in self.held.between(self.whole, STEP_SECONDS):
            impressions.take(frame.time_seconds, small(frame.rgb_HWC))
        return impressions.scores() | self.album.scores()

    def _cuts_in(self, stretch: Interval) -> list[float]:
        finder = CutFinder()
        for frame in self.held.between(stretch, COMPARED_SECONDS):
            finder.take(frame.time_seconds, small(frame.rgb_HWC))
        return [round(cut, 4) for cut in finder.cuts()]
