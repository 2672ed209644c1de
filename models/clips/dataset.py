"""Clips as batches.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from kinetics_builder.errors import ItemFailed
from kinetics_builder.formats.manifest import ManifestRow
from models.clips.decode import Times
from models.clips.disturbing import Disturbance
from models.clips.plan import Key
from models.clips.release import BrokenClip
from models.clips.sampling import random_times
from models.clips.sources import DecodedFrames, FrameSource
from models.clips.transforms import Augmentation, augment, drawn_once, has_sides
from models.spec import Sampling


@dataclass(frozen=True)
class Sample:
    """One training clip."""

    frames_THWC: Tensor
    label: int
    clip: str
    """Its file."""


@dataclass(frozen=True)
class Batch:
    """Training clips of one step, and those that could not be read."""

    frames_BTHWC: Tensor
    labels_B: Tensor
    clips: tuple[str, ...]
    broken: tuple[BrokenClip, ...]

    def __len__(self) -> int:
        return len(self.labels_B)

    @property
    def num_answers(self) -> int:
        """Return how many answers the loss is a mean of."""
        return len(self)

    def parts(self, size: int) -> "list[Batch]":
        """Return the clips as batches of at most `size`."""
        return [self._part(slice(first, first + size)) for first in range(0, len(self), size)]

    def _part(self, which: slice) -> "Batch":
        return Batch(self.frames_BTHWC[which], self.labels_B[which], self.clips[which], ())


class TrainingClips(Dataset[Sample | BrokenClip]):
    """Random stretches and crops of clips. The same key gives the same sample."""

    def __init__(
        self,
        rows: Sequence[ManifestRow],
        labels: Sequence[str],
        source: FrameSource,
        sampling: Sampling,
        augmentation: Augmentation,
        disturbance: Disturbance | None = None,
    ) -> None:
        self.rows, self.source = rows, source
        self.sampling, self.augmentation = sampling, augmentation
        self.disturbance = disturbance or Disturbance()
        self.numbers = {label: number for number, label in enumerate(labels)}

    def __getitem__(self, key: Key) -> Sample | BrokenClip:
        """Return a sample, or the reason why there is none."""
        row, sampling, augmentation = self.rows[key.clip], self.sampling, self.augmentation
        random = np.random.default_rng((key.seed, 1, key.position))
        if key.shape is not None:
            sampling = key.shape.sampled(sampling, random)
            augmentation = key.shape.augmented(augmentation)
        times = random_times(sampling, row.duration_seconds, random)
        try:
            frames_THWC = self._varied(row, times, augmentation, random)
        except ItemFailed as failure:
            return BrokenClip(row.file, str(failure))
        if self.disturbance:
            frames_THWC = self.disturbance.of(frames_THWC, random)
        return Sample(frames_THWC, self.numbers[row.label], row.file)

    def _varied(
        self,
        row: ManifestRow,
        times: Times,
        augmentation: Augmentation,
        random: np.random.Generator,
    ) -> Tensor:
        """Return a random square of the frames; where they are decoded, nothing else of them is."""
        flip = not has_sides(row.label)
        if not isinstance(self.source, DecodedFrames):
            return augment(self.source.frames(row, times), augmentation, flip, random)
        drawn = drawn_once(augmentation, flip, random)
        square_THWC = self.source.cut(row, times, augmentation.crop_size, drawn)
        return torch.from_numpy(square_THWC)


def collate(samples: Sequence[Sample | BrokenClip]) -> Batch:
    """Return the samples as one batch; a broken clip makes it smaller."""
    good = [sample for sample in samples if isinstance(sample, Sample)]
    return Batch(
        torch.stack([sample.frames_THWC for sample in good]) if good else torch.empty(0),
        torch.tensor([sample.label for sample in good], dtype=torch.long),
        tuple(sample.clip for sample in good),
        tuple(sample for sample in samples if isinstance(sample, BrokenClip)),
    )
