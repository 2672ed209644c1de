"""How well a scorer places clips on videos that it has not learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kinetics_builder.config import ProposeConfig
from kinetics_builder.files import as_marked
from kinetics_builder.intervals import temporal_iou
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.finding.peaks import Grid, best_peaks
from kinetics_builder.video.reading.frames import iterate_frames
from pipelines.picturing.judged import JudgedVideo
from pipelines.running.engines.pool import Pool

if TYPE_CHECKING:
    from models.image_scoring.scorer import ImageScorer

MIN_IOU = 0.5
"""Of a proposed window with an accepted clip that counts as found."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What was found again of accepted clips of held-out videos."""

    num_clips: int = 0
    num_found: int = 0
    num_unread: int = 0
    """Videos that could not be read."""

    @property
    def recall(self) -> float | None:
        """Return the share that was found; None without clips."""
        return self.num_found / self.num_clips if self.num_clips else None


def measure_placing(
    videos: Sequence[JudgedVideo],
    storage: Storage,
    scorer: Path,
    pool: Pool,
    *,
    config: ProposeConfig,
    every_seconds: float,
) -> Placing:
    """Score each video with the scorer in that folder, propose, and count clips found again."""
    work = partial(
        found_in, storage=storage, scorer=scorer, config=config, every_seconds=every_seconds
    )
    waiting = [video for video in videos if video.accepted]
    num_clips = num_found = num_unread = 0
    while waiting or pool.num_open():
        while waiting and pool.num_open() < pool.capacity:
            video = waiting.pop(0)
            pool.submit(video.video_id, work, video)
        for outcome in pool.finished():
            if outcome.failure:
                num_unread += 1
            else:
                num_clips, num_found = num_clips + outcome.result[0], num_found + outcome.result[1]
    return Placing(num_clips, num_found, num_unread)


def found_in(
    video: JudgedVideo,
    *,
    storage: Storage,
    scorer: Path,
    config: ProposeConfig,
    every_seconds: float,
) -> tuple[int, int]:
    """Return how many accepted clips a video has of the scorer's labels, and how many are found.

    Raises ItemFailed as `FrameReader` and `Storage.here` do, and for a file that is not the one
    downloaded.
    """
    judge = _scorer(scorer)
    clips = [clip for clip in video.clips if clip.is_accepted and clip.label in judge.labels]
    if not clips:
        return 0, 0
    size, path = (judge.card.size, judge.card.size), storage.here(video.file, video.mark)
    with as_marked(path, video.mark):
        frames = list(iterate_frames(path, every_seconds=every_seconds, size=size))
    scores_NK = judge.score(np.stack([frame.rgb_HWC for frame in frames]))
    times = [frame.time_seconds for frame in frames]
    grid = Grid(
        window_seconds=config.clip_seconds,
        step_seconds=config.grid_seconds,
        duration_seconds=round(video.duration_seconds, 3),
    )
    num_found = 0
    for clip in clips:
        column = judge.labels.index(clip.label)
        peaks = best_peaks(
            times,
            [float(score) for score in scores_NK[:, column]],
            grid,
            num_peaks=config.num_peaks,
            min_distance_seconds=config.min_distance_seconds,
        )
        num_found += any(temporal_iou(peak.window, clip.window) >= MIN_IOU for peak in peaks)
    return len(clips), num_found


@cache
def _scorer(folder: Path) -> "ImageScorer":
    """Load a scorer once a process."""
    from models.image_scoring.scorer import ImageScorer

    return ImageScorer.load(folder)
