"""Clips as batches, in an order that is a pure function of the seed and the step.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kinetics_builder.errors import ItemFailed
from kinetics_builder.formats.manifest import ManifestRow
from models.clips.release import BrokenClip
from models.clips.sampling import random_times
from models.clips.sources import FrameSource
from models.clips.transforms import Augmentation, augment, has_sides
from models.spec import Sampling

Key = tuple[int, int, int]
"""(position of the clip, seed, position in the stream of samples)."""


@dataclass(frozen=True)
class Sample:
    """One training clip."""

    frames_THWC: Tensor
    label: int


@dataclass(frozen=True)
class Batch:
    """Training clips of one step, and those that could not be read."""

    frames_BTHWC: Tensor
    labels_B: Tensor
    broken: tuple[BrokenClip, ...]

    def __len__(self) -> int:
        return len(self.labels_B)


class TrainingClips(Dataset[Sample | BrokenClip]):
    """Random stretches and crops of clips. The same key gives the same sample."""

    def __init__(
        self,
        rows: Sequence[ManifestRow],
        labels: Sequence[str],
        source: FrameSource,
        sampling: Sampling,
        augmentation: Augmentation,
    ) -> None:
        self.rows, self.source = rows, source
        self.sampling, self.augmentation = sampling, augmentation
        self.numbers = {label: number for number, label in enumerate(labels)}

    def __getitem__(self, key: Key) -> Sample | BrokenClip:
        """Return a sample, or the reason why there is none."""
        index, seed, position = key
        row, sampling = self.rows[index], self.sampling
        random = np.random.default_rng((seed, 1, position))
        times = random_times(sampling, row.duration_seconds, random)
        try:
            frames = self.source.frames(row, times)
        except ItemFailed as failure:
            return BrokenClip(row.file, str(failure))
        flip = not has_sides(row.label)
        return Sample(augment(frames, self.augmentation, flip, random), self.numbers[row.label])


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Which clips make up which step: shuffled passes over all clips, one after another.

    The plan has no state, so a resumed run goes on with the batches it would have had.
    """

    num_clips: int
    batch_size: int
    """Clips of a step, over all ranks."""
    seed: int
    num_steps: int
    rank: int = 0
    num_ranks: int = 1

    def keys(self, step: int) -> list[Key]:
        """Return the samples of one step that belong to this rank."""
        first = step * self.batch_size
        stream = range(first + self.rank, first + self.batch_size, self.num_ranks)
        return [(self._clip(position), self.seed, position) for position in stream]

    def _clip(self, position: int) -> int:
        epoch, place = divmod(position, self.num_clips)
        return int(_order(self.num_clips, self.seed, epoch)[place])

    def steps_from(self, step: int) -> Iterator[list[Key]]:
        """Yield the keys of each step from `step` on."""
        for number in range(step, self.num_steps):
            yield self.keys(number)


@lru_cache(maxsize=2)
def _order(num_clips: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, 0, epoch)).permutation(num_clips)


def collate(samples: Sequence[Sample | BrokenClip]) -> Batch:
    """Return the samples as one batch; a broken clip makes it smaller."""
    good = [sample for sample in samples if isinstance(sample, Sample)]
    return Batch(
        torch.stack([sample.frames_THWC for sample in good]) if good else torch.empty(0),
        torch.tensor([sample.label for sample in good], dtype=torch.long),
        tuple(sample for sample in samples if isinstance(sample, BrokenClip)),
    )
