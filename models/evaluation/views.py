"""The views of a clip that a network is asked about.

Shapes, as name suffixes: V views, T frames, H height, W width, C channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kinetics_builder.errors import ItemFailed
from kinetics_builder.formats.manifest import ManifestRow
from models.clips.decode import Frames
from models.clips.release import BrokenClip
from models.clips.sampling import view_times
from models.clips.sources import FrameSource
from models.clips.transforms import crops, played_backwards
from models.spec import NetworkSpec

Order = Literal["forward", "shuffled", "reversed"]
"""The order in which a network sees a view's frames; anything but forward is a probe."""


def view_crops(spec: NetworkSpec, frames_THWC: Frames) -> list[Tensor]:
    """Return the crops in which a network sees the frames of a view."""
    size = spec.views.crop_size or spec.sampling.crop_size
    return crops(frames_THWC, size, spec.views.num_crops)


@dataclass(frozen=True, kw_only=True)
class ClipViews(Dataset[Tensor | BrokenClip]):
    """All views of each clip; a clip is decoded once for all of them."""

    rows: Sequence[ManifestRow]
    spec: NetworkSpec
    source: FrameSource
    order: Order = "forward"
    seed: int = 0
    """Of the shuffled order."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Tensor | BrokenClip:
        """Return the clip's views, uint8 (V, T, H, W, C), or why there are none."""
        row = self.rows[index]
        moments = self._times(row)
        try:
            frames_THWC = self.source.frames(row, np.concatenate(moments))
        except ItemFailed as failure:
            return BrokenClip(row.file, str(failure))
        if self.order == "reversed":
            frames_THWC = played_backwards(frames_THWC)
        parts = np.split(frames_THWC, len(moments))
        return torch.stack([crop for part in parts for crop in view_crops(self.spec, part)])

    def _times(self, row: ManifestRow) -> list[NDArray[np.floating]]:
        sampling = self.spec.view_sampling
        order = self._order(row, sampling.num_frames)
        moments = view_times(sampling, row.duration_seconds, self.spec.views.num_clips)
        return [times[order] for times in moments]

    def _order(self, row: ManifestRow, num_frames: int) -> NDArray[np.int64]:
        order = np.arange(num_frames)
        if self.order == "reversed":
            return order[::-1]
        if self.order == "shuffled":
            random = np.random.default_rng((self.seed, int(row.sha256[:16], 16)))
            return random.permutation(order)
        return order
