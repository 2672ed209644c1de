"""Ask a network about clips, over several views of each.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, N clips, K classes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.formats.manifest import ManifestRow
from models.clips.loading import in_order
from models.clips.release import BrokenClip
from models.clips.sources import FrameSource
from models.evaluation.at_once import AtOnce
from models.evaluation.views import ClipViews, Order
from models.network import normalise
from models.spec import NetworkSpec, Normalisation
from models.training.ranks import Ranks, gathered

Reading = Callable[[Tensor], Tensor]
"""From a network's answers to a batch of views to what is kept of each; (B, any number) both."""


def probabilities(logits_BK: Tensor) -> Tensor:
    """Return the softmax: one class is right."""
    return logits_BK.float().softmax(1)


def as_they_are(answers_BD: Tensor) -> Tensor:
    """Return the answers themselves."""
    return answers_BD.float()


@dataclass(frozen=True)
class Predictions:
    """What a network said."""

    rows: list[ManifestRow]
    """The clips that could be read."""
    scores_NK: NDArray[np.float32]
    """Softmax, averaged over the views."""
    broken: list[BrokenClip] = field(default_factory=list)


@dataclass
class Asking:
    """Views on their way through a network, so many at a time."""

    network: nn.Module
    normalisation: Normalisation
    device: torch.device
    reading: Reading = probabilities
    at_once: AtOnce = field(default_factory=AtOnce)
    _waiting: list[Tensor] = field(default_factory=list)
    _scores: list[Tensor] = field(default_factory=list)

    def take(self, views: Sequence[Tensor]) -> None:
        """Ask about views, uint8 (T, H, W, C), as soon as there are enough."""
        self.network.eval()
        self._waiting.extend(views)
        while len(self._waiting) >= self.at_once.num:
            self._ask_what_fits()

    def averaged(self, num_clips: int) -> NDArray[np.float32]:
        """Return what was read of each clip, averaged over its views: as many of each."""
        while self._waiting:
            self._ask_what_fits()
        if not self._scores:
            return np.zeros((0, 1), np.float32)
        num_classes = self._scores[0].shape[1]
        views = torch.cat(self._scores).view(num_clips, -1, num_classes)
        mean: NDArray[np.float32] = views.mean(1).numpy()
        return mean

    def _ask_what_fits(self) -> None:
        views = self._waiting[: self.at_once.num]
        self._scores.extend(self.at_once.answers(views, self._said))
        del self._waiting[: len(views)]

    @torch.no_grad()
    def _said(self, views: Sequence[Tensor]) -> Tensor:
        frames_BTHWC = torch.stack(list(views)).to(self.device)
        logits_BK: Tensor = self.network(normalise(frames_BTHWC, self.normalisation))
        return self.reading(logits_BK).cpu()


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """A network and the way to look at clips with it."""

    network: nn.Module
    spec: NetworkSpec
    source: FrameSource
    device: torch.device
    order: Order = "forward"
    seed: int = 0
    """Of the shuffled order."""
    at_once: AtOnce = field(default_factory=AtOnce)
    num_workers: int = 0
    """Processes that decode ahead; 0 decodes between two answers."""
    reading: Reading = probabilities

    def predict(self, rows: Sequence[ManifestRow]) -> Predictions:
        """Return the scores of all `rows` that can be read."""
        kept: list[ManifestRow] = []
        broken: list[BrokenClip] = []
        asking = Asking(
            self.network, self.spec.normalisation, self.device, self.reading, self.at_once
        )
        views = ClipViews(
            rows=rows, spec=self.spec, source=self.source, order=self.order, seed=self.seed
        )
        for row, seen in zip(rows, in_order(views, self.num_workers), strict=True):
            if isinstance(seen, BrokenClip):
                broken.append(seen)
                continue
            asking.take(list(seen))
            kept.append(row)
        return Predictions(kept, asking.averaged(len(kept)), broken)


def predict_shared(predictor: Predictor, rows: Sequence[ManifestRow], ranks: Ranks) -> Predictions:
    """Return what the network says of all `rows`; each rank asks about its share of them.

    All ranks must call it, and all get the same.
    """
    parts: list[Predictions] = gathered(ranks, predictor.predict(ranks.share_of(rows)))
    said = [part.scores_NK for part in parts if part.rows] or [parts[0].scores_NK]
    return Predictions(
        [row for part in parts for row in part.rows],
        np.concatenate(said),
        [clip for part in parts for clip in part.broken],
    )


def label_numbers(rows: Sequence[ManifestRow], labels: Sequence[str]) -> NDArray[np.int64]:
    """Return each row's class number."""
    numbers = {label: number for number, label in enumerate(labels)}
    return np.array([numbers[row.label] for row in rows], dtype=np.int64)
