"""Clips around key frames with their boxes, as samples and batches.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, N boxes of a clip,
R boxes of a batch, K classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from kinetics_builder.errors import ItemFailed, Reason
from models.clips.decode import Frames
from models.clips.plan import Key
from models.clips.release import BrokenClip
from models.clips.transforms import Augmentation, has_sides
from models.detection.films import Films, film_at
from models.detection.folder import KeyFrame, Moment
from models.detection.frames import OpenFilms
from models.detection.transforms import cut_with_a_box, in_pixels, moved, seen
from models.spec import Sampling


@dataclass(frozen=True)
class BoxSample:
    """One training clip, and who does what in it."""

    frames_THWC: Tensor
    boxes_N4: Tensor
    """In pixels of the clip."""
    actions_NK: Tensor
    """1.0 for what is done."""
    moment: Moment


@dataclass(frozen=True)
class BoxBatch:
    """Clips of one step, and key frames that could not be read."""

    frames_BTHWC: Tensor
    boxes_R5: Tensor
    """(place in the batch, x1, y1, x2, y2)."""
    actions_RK: Tensor
    moments: tuple[Moment, ...]
    """Which key frame each clip lies around."""
    broken: tuple[BrokenClip, ...]

    def __len__(self) -> int:
        return len(self.frames_BTHWC)

    @property
    def num_answers(self) -> int:
        """Return how many answers the loss is a mean of."""
        return len(self.boxes_R5)

    @property
    def clips(self) -> tuple[str, ...]:
        """Return what each clip is called: its film, and the second of its key frame."""
        return tuple(f"{film} at {place / 1e6:g} s" for film, place in self.moments)

    def parts(self, size: int) -> "list[BoxBatch]":
        """Return the clips as batches of at most `size`, each with its boxes."""
        return [self._part(first, first + size) for first in range(0, len(self), size)]

    def _part(self, first: int, end: int) -> "BoxBatch":
        places_R = self.boxes_R5[:, 0]
        inside_R = (places_R >= first) & (places_R < end)
        boxes_R5 = self.boxes_R5[inside_R]
        boxes_R5[:, 0] -= first
        return BoxBatch(
            frames_BTHWC=self.frames_BTHWC[first:end],
            boxes_R5=boxes_R5,
            actions_RK=self.actions_RK[inside_R],
            moments=self.moments[first:end],
            broken=(),
        )


@dataclass(frozen=True)
class Clips:
    """The clips around key frames."""

    films: Films
    opened: OpenFilms
    sampling: Sampling

    def frames(self, key_frame: KeyFrame) -> Frames:
        """Return uint8 (T, H, W, 3); raise ItemFailed where no film shows the moment."""
        film = film_at(self.films, key_frame.video_id, key_frame.seconds)
        if film is None:
            raise ItemFailed(Reason.BROKEN, self.why(key_frame))
        return self.opened.around(film, key_frame.seconds, self.sampling)

    def why(self, key_frame: KeyFrame) -> str:
        """Return why no film shows the moment."""
        parts = self.films.get(key_frame.video_id, ())
        if not parts:
            return f"there is no film {key_frame.video_id!r}"
        return f"{parts[0].file} begins at {parts[0].start_seconds:g} s, behind the key frame"


class KeyFrameClips(Dataset[BoxSample | BrokenClip]):
    """Random cuts of the clips around key frames. The same key gives the same sample."""

    def __init__(
        self,
        key_frames: Sequence[KeyFrame],
        labels: Sequence[str],
        clips: Clips,
        augmentation: Augmentation,
    ) -> None:
        self.key_frames, self.clips, self.augmentation = key_frames, clips, augmentation
        self.sided_K = np.array([has_sides(label) for label in labels], np.bool_)

    def __getitem__(self, key: Key) -> BoxSample | BrokenClip:
        """Return a sample, or the reason why there is none."""
        key_frame = self.key_frames[key.clip]
        random = np.random.default_rng((key.seed, 1, key.position))
        try:
            frames = self.clips.frames(key_frame)
        except ItemFailed as failure:
            return BrokenClip(key_frame.name, str(failure))
        size, crop = (frames.shape[1], frames.shape[2]), self.augmentation.crop_size
        pixels_N4 = in_pixels(key_frame.boxes_N4, *size)
        if not seen(pixels_N4).any():
            return BrokenClip(key_frame.name, "none of its boxes has an area inside the picture")
        flip = not key_frame.actions_NK[:, self.sided_K].any()
        cut = cut_with_a_box(pixels_N4, size, self.augmentation, flip, random)
        boxes_N4 = moved(pixels_N4, cut, crop)
        seen_N = seen(boxes_N4)
        return BoxSample(
            cut.of(frames, crop),
            torch.from_numpy(boxes_N4[seen_N]).float(),
            torch.from_numpy(key_frame.actions_NK[seen_N]).float(),
            key_frame.moment,
        )


def batched_boxes(boxes: Sequence[Tensor]) -> Tensor:
    """Return boxes_R5 of several clips' boxes_N4, each with its clip's place before it."""
    placed = [
        torch.cat([torch.full((len(some), 1), float(place)), some], dim=1)
        for place, some in enumerate(boxes)
    ]
    return torch.cat(placed) if placed else torch.empty(0, 5)


def collate_boxes(samples: Sequence[BoxSample | BrokenClip]) -> BoxBatch:
    """Return the samples as one batch; a broken key frame makes it smaller."""
    good = [sample for sample in samples if isinstance(sample, BoxSample)]
    return BoxBatch(
        frames_BTHWC=torch.stack([one.frames_THWC for one in good]) if good else torch.empty(0),
        boxes_R5=batched_boxes([sample.boxes_N4 for sample in good]),
        actions_RK=torch.cat([one.actions_NK for one in good]) if good else torch.empty(0, 0),
        moments=tuple(sample.moment for sample in good),
        broken=tuple(sample for sample in samples if isinstance(sample, BrokenClip)),
    )
