"""Ask a detector who does what at key frames.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, N boxes of a key
frame, K classes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.errors import ItemFailed
from models.clips.decode import Frames
from models.clips.release import BrokenClip
from models.detection.dataset import Clips, batched_boxes
from models.detection.folder import Boxes, KeyFrame
from models.detection.transforms import in_pixels
from models.network import normalise
from models.spec import NetworkSpec

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Question:
    """A key frame, and the boxes that are asked about."""

    key_frame: KeyFrame
    boxes_N4: Boxes
    """Shares of width and height."""


@dataclass(frozen=True)
class Said:
    """What a detector said of one key frame."""

    question: Question
    scores_NK: Scores
    """The probability of each action, independent of the others."""


@dataclass(frozen=True, kw_only=True)
class Detector:
    """A network and the way to look at key frames: whole pictures, once."""

    network: nn.Module
    spec: NetworkSpec
    clips: Clips
    device: torch.device
    batch_size: int = 4
    """Clips at once, where they are of one size."""

    def ask(self, questions: Sequence[Question]) -> Iterator[Said | BrokenClip]:
        """Yield the answer to each question, or why there is none, in their order."""
        self.network.eval()
        waiting: list[tuple[Question, Frames]] = []
        for question in questions:
            if not len(question.boxes_N4):
                yield from self._answered(waiting)
                yield Said(question, np.empty((0, 0), np.float32))
                continue
            try:
                frames = self.clips.frames(question.key_frame)
            except ItemFailed as failure:
                yield from self._answered(waiting)
                yield BrokenClip(question.key_frame.name, str(failure))
                continue
            if waiting and (waiting[0][1].shape != frames.shape or len(waiting) == self.batch_size):
                yield from self._answered(waiting)
            waiting.append((question, frames))
        yield from self._answered(waiting)

    @torch.no_grad()
    def _answered(self, waiting: list[tuple[Question, Frames]]) -> Iterator[Said]:
        """Yield the answers to all that wait, and let none wait."""
        if not waiting:
            return
        questions = [question for question, _ in waiting]
        frames_BTHWC = torch.from_numpy(np.stack([frames for _, frames in waiting]))
        waiting.clear()
        size = int(frames_BTHWC.shape[2]), int(frames_BTHWC.shape[3])
        boxes = [torch.from_numpy(in_pixels(q.boxes_N4, *size)).float() for q in questions]
        x_BCTHW = normalise(frames_BTHWC.to(self.device), self.spec.normalisation)
        logits_RK: Tensor = self.network(x_BCTHW, batched_boxes(boxes).to(self.device))
        scores_RK = logits_RK.float().sigmoid().cpu()
        parts = np.split(scores_RK.numpy(), np.cumsum([len(some) for some in boxes])[:-1])
        for question, scores_NK in zip(questions, parts, strict=True):
            yield Said(question, scores_NK)
