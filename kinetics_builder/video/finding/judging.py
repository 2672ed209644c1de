"""Showing judges some of the pictures of a video that are decoded anyway."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from av.video.frame import VideoFrame

from kinetics_builder.video.finding.moments import TIMES, PictureJudge
from kinetics_builder.video.reading.frames import Scaler

STEP_SECONDS = 2.0
"""Between two pictures that are shown."""

SHORT_SIDE = 480
"""Of these, in pixels; those of a smaller video are as large as it is."""


@dataclass
class Judging:
    """Takes a video's pictures, in any order, and shows judges those that lie apart."""

    judges: Sequence[PictureJudge]
    _scaler: Scaler | None = None
    _said: dict[int, tuple[float, list[float]]] = field(default_factory=dict)
    """Moment and scores, by the number of the step that it lies in."""

    def take(self, time_seconds: float, picture: VideoFrame) -> None:
        """Show a picture, if none was shown from about that moment."""
        place = int(time_seconds / STEP_SECONDS)
        if not self.judges or place in self._said:
            return
        if self._scaler is None:
            self._scaler = Scaler(None, min(SHORT_SIDE, picture.width, picture.height))
        rgb_HWC = self._scaler.upright(picture)
        scores = [round(float(judge.score(rgb_HWC)), 4) for judge in self.judges]
        self._said[place] = round(time_seconds, 4), scores

    def moments(self) -> dict[str, list[float]] | None:
        """Return the moments and what each judge said; None without a judge."""
        if not self.judges:
            return None
        said = [self._said[place] for place in sorted(self._said)]
        found = {TIMES: [time for time, _ in said]}
        for number, judge in enumerate(self.judges):
            found[judge.name] = [scores[number] for _, scores in said]
        return found
