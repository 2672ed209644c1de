"""Stretches of videos as batches, with the actions that are done in each.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, K classes, P points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kinetics_builder.errors import ItemFailed
from kinetics_builder.metrics.charades import times_of_points
from models.clips.cropping import decode_cut
from models.clips.decode import decode_at
from models.clips.plan import Key
from models.clips.release import BrokenClip
from models.clips.sampling import frame_times, latest_start, random_start
from models.clips.transforms import Augmentation, drawn_once
from models.evaluation.views import view_crops
from models.many_labels.folder import Video
from models.spec import NetworkSpec, Sampling


@dataclass(frozen=True)
class ActionsSample:
    """One stretch."""

    frames_THWC: Tensor
    is_done_K: Tensor
    clip: str
    """Its video."""


@dataclass(frozen=True)
class ActionsBatch:
    """Stretches of one step, and videos that could not be read."""

    frames_BTHWC: Tensor
    is_done_BK: Tensor
    """1.0 for what is done at some moment of the stretch."""
    clips: tuple[str, ...]
    broken: tuple[BrokenClip, ...]

    def __len__(self) -> int:
        return len(self.is_done_BK)

    @property
    def num_answers(self) -> int:
        """Return how many answers the loss is a mean of."""
        return len(self)

    def parts(self, size: int) -> "list[ActionsBatch]":
        """Return the stretches as batches of at most `size`."""
        return [self._part(slice(first, first + size)) for first in range(0, len(self), size)]

    def _part(self, which: slice) -> "ActionsBatch":
        frames_BTHWC, is_done_BK = self.frames_BTHWC[which], self.is_done_BK[which]
        return ActionsBatch(frames_BTHWC, is_done_BK, self.clips[which], ())


@dataclass(frozen=True)
class ActionClips(Dataset[ActionsSample | BrokenClip]):
    """Random stretches and crops of videos. The same key gives the same sample."""

    videos: Sequence[Video]
    num_classes: int
    sampling: Sampling
    augmentation: Augmentation

    def __getitem__(self, key: Key) -> ActionsSample | BrokenClip:
        """Return a sample, or the reason why there is none."""
        video, sampling, augmentation = self.videos[key.clip], self.sampling, self.augmentation
        random = np.random.default_rng((key.seed, 1, key.position))
        if key.shape is not None:
            sampling = key.shape.sampled(sampling, random)
            augmentation = key.shape.augmented(augmentation)
        start = random_start(video.seconds, sampling.span_seconds, random)
        times = frame_times(start, sampling.num_frames, sampling.step_seconds, video.seconds)
        drawn = drawn_once(augmentation, True, random)
        try:
            square_THWC = decode_cut(video.path, times, augmentation.crop_size, drawn)
        except ItemFailed as failure:
            return BrokenClip(video.video_id, str(failure))
        end = min(start + sampling.span_seconds, video.seconds)
        is_done_K = torch.from_numpy(done_within(video, start, end, self.num_classes))
        return ActionsSample(torch.from_numpy(square_THWC), is_done_K, video.video_id)


def done_within(video: Video, start: float, end: float, num_classes: int) -> NDArray[np.float32]:
    """Return 1.0 for each class that is done at some moment from `start` to `end`."""
    is_done_K = np.zeros(num_classes, np.float32)
    for action in video.actions:
        if action.start <= end and start <= action.end:
            is_done_K[action.number] = 1.0
    return is_done_K


def collate_actions(samples: Sequence[ActionsSample | BrokenClip]) -> ActionsBatch:
    """Return the samples as one batch; a broken video makes it smaller."""
    good = [sample for sample in samples if isinstance(sample, ActionsSample)]
    return ActionsBatch(
        torch.stack([sample.frames_THWC for sample in good]) if good else torch.empty(0),
        torch.stack([sample.is_done_K for sample in good]) if good else torch.empty(0, 1),
        tuple(sample.clip for sample in good),
        tuple(sample for sample in samples if isinstance(sample, BrokenClip)),
    )


@dataclass(frozen=True)
class PointViews(Dataset[Tensor | BrokenClip]):
    """A view around each of Charades' 25 points of a video, which is decoded once for all."""

    videos: Sequence[Video]
    spec: NetworkSpec

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, index: int) -> Tensor | BrokenClip:
        """Return the views, uint8 (P, T, H, W, C), or why there are none."""
        video, sampling = self.videos[index], self.spec.view_sampling
        last = latest_start(video.seconds, sampling.span_seconds)
        starts = (times_of_points(video.seconds) - sampling.span_seconds / 2).clip(0, last)
        count, step = sampling.num_frames, sampling.step_seconds
        moments = [frame_times(float(one), count, step, video.seconds) for one in starts]
        try:
            frames = decode_at(video.path, np.concatenate(moments), sampling.short_side)
        except ItemFailed as failure:
            return BrokenClip(video.video_id, str(failure))
        crops = (view_crops(self.spec, part) for part in np.split(frames, len(moments)))
        return torch.stack([some[len(some) // 2] for some in crops])
