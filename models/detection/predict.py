"""Ask a detector who does what at key frames.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, N boxes of a key
frame, K classes.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from kinetics_builder.errors import ItemFailed
from models.clips.loading import in_order
from models.clips.release import BrokenClip
from models.detection.dataset import Clips, batched_boxes
from models.detection.folder import KeyFrame
from models.detection.looks import ONCE, Look, averaged
from models.detection.questions import Question
from models.detection.remembered import Bank
from models.detection.rows import Detections, of_each
from models.detection.transforms import in_pixels
from models.evaluation.at_once import AtOnce
from models.network import ProposingNetwork, normalise
from models.spec import NetworkSpec
from models.training.means import Means

Scores = NDArray[np.float32]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Said:
    """What a detector said of one key frame."""

    key_frame: KeyFrame
    detections: Detections
    """Of told boxes each action, with its probability, independent of the others; of boxes that it
    found itself one each, the likeliest first."""

    @classmethod
    def of(cls, question: Question, scores_NK: Scores) -> "Said":
        """Return what was said of the boxes of a question."""
        assert question.boxes_N4 is not None, "it was told boxes"
        return cls(question.key_frame, of_each(question.boxes_N4, scores_NK))


@dataclass(frozen=True)
class AskedClips(Dataset[Tensor | BrokenClip | None]):
    """The clips that questions are about."""

    questions: Sequence[Question]
    clips: Clips

    def __len__(self) -> int:
        return len(self.questions)

    def __getitem__(self, index: int) -> Tensor | BrokenClip | None:
        """Return a clip, uint8 (T, H, W, C), or why there is none; None: about no box."""
        question = self.questions[index]
        if question.boxes_N4 is not None and not len(question.boxes_N4):
            return None
        try:
            return torch.from_numpy(self.clips.frames(question.key_frame))
        except ItemFailed as failure:
            return BrokenClip(question.key_frame.name, str(failure))


@dataclass(frozen=True, kw_only=True)
class Asker(ABC, Generic[Answer]):
    """A network and the way to look at key frames: whole pictures."""

    network: nn.Module
    spec: NetworkSpec
    clips: Clips
    means: Means
    at_once: AtOnce = field(default_factory=lambda: AtOnce(4, "clip"))
    """Clips at once, where they are of one size."""

    @abstractmethod
    def answers(self, questions: list[Question], frames_BTHWC: Tensor) -> Iterator[Answer]:
        """Yield the answer to each question, of clips in uint8."""

    @abstractmethod
    def nothing(self, question: Question) -> Answer:
        """Return the answer to a question about no box."""

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer | BrokenClip]:
        """Yield the answer to each question, or why there is none, in their order."""
        self.network.eval()
        waiting: list[tuple[Question, Tensor]] = []
        seen = in_order(AskedClips(questions, self.clips), self.means.num_workers)
        for question, frames in zip(questions, seen, strict=True):
            if not isinstance(frames, Tensor):
                yield from self._answered(waiting)
                yield self.nothing(question) if frames is None else frames
                continue
            is_full = len(waiting) >= self.at_once.num
            if waiting and (waiting[0][1].shape != frames.shape or is_full):
                yield from self._answered(waiting)
            waiting.append((question, frames))
        yield from self._answered(waiting)

    def _answered(self, waiting: list[tuple[Question, Tensor]]) -> Iterator[Answer]:
        """Yield the answers to all that wait, and let none wait."""
        asked = list(waiting)
        waiting.clear()
        for answers in self.at_once.answers(asked, self._said):
            yield from answers

    @torch.no_grad()
    def _said(self, asked: Sequence[tuple[Question, Tensor]]) -> list[Answer]:
        questions = [question for question, _ in asked]
        frames_BTHWC = torch.stack([frames for _, frames in asked])
        return list(self.answers(questions, frames_BTHWC.to(self.means.device)))

    def seen(
        self, questions: Sequence[Question], frames_BTHWC: Tensor, look: Look
    ) -> tuple[Tensor, Tensor]:
        """Return x_BCTHW as the network eats it, and boxes_R5 in its pixels."""
        x_BCTHW = normalise(look.pictures(frames_BTHWC), self.spec.normalisation)
        size = int(x_BCTHW.shape[3]), int(x_BCTHW.shape[4])
        known = [look.boxes(one.boxes_N4) for one in questions if one.boxes_N4 is not None]
        boxes = [torch.from_numpy(in_pixels(some, *size)).float() for some in known]
        return x_BCTHW, batched_boxes(boxes).to(self.means.device)


def of_each_question(
    questions: Sequence[Question], rows_RC: NDArray[np.float32]
) -> list[NDArray[np.float32]]:
    """Return the rows of each question's boxes (N, C)."""
    numbers = [len(one.boxes_N4) for one in questions if one.boxes_N4 is not None]
    return np.split(rows_RC, np.cumsum(numbers)[:-1])


@dataclass(frozen=True, kw_only=True)
class Detector(Asker[Said]):
    """A detector that is asked who does what."""

    bank: Bank | None = None
    """What it remembers of the films."""
    looks: Sequence[Look] = ONCE
    """Its scores are averaged over them, where it is told boxes."""
    labels: Sequence[str] = ()
    """What its classes are called, for mirror images; may be left out where there are none."""

    def nothing(self, question: Question) -> Said:
        """Return that nobody does anything."""
        return Said.of(question, np.empty((0, 0), np.float32))

    def answers(self, questions: list[Question], frames_BTHWC: Tensor) -> Iterator[Said]:
        """Yield who does what."""
        if questions[0].boxes_N4 is None:
            yield from self._found(questions, self.seen([], frames_BTHWC, Look())[0])
        else:
            yield from self._told(questions, frames_BTHWC)

    def _told(self, questions: list[Question], frames_BTHWC: Tensor) -> Iterator[Said]:
        """Yield what is done in the boxes of the questions."""
        known = []
        if self.bank is not None:
            moments = [question.key_frame.moment for question in questions]
            known.append(torch.from_numpy(self.bank.around(moments)).to(self.means.device))
        scores = []
        for look in self.looks:
            logits_RK: Tensor = self.network(*self.seen(questions, frames_BTHWC, look), *known)
            scores.append(logits_RK.float().sigmoid())
        scores_RK = averaged(torch.stack(scores), self.looks, self.labels).cpu().numpy()
        for question, scores_NK in zip(
            questions, of_each_question(questions, scores_RK), strict=True
        ):
            yield Said.of(question, scores_NK)

    def _found(self, questions: list[Question], x_BCTHW: Tensor) -> Iterator[Said]:
        """Yield the people that the network finds, each box with one of the things they do."""
        assert isinstance(self.network, ProposingNetwork)
        height, width = x_BCTHW.shape[3:]
        sides_4 = np.array([width, height, width, height], np.float64)
        for question, found in zip(questions, self.network.find(x_BCTHW), strict=True):
            boxes_D4, classes_D, scores_D = (part.cpu().numpy() for part in found)
            yield Said(question.key_frame, Detections(boxes_D4 / sides_4, classes_D, scores_D))
