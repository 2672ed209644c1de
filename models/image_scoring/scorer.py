"""An image classifier that says what each frame of a video shows.

Shapes, as name suffixes: N frames, H height, W width, C channels (RGB), K labels.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_json
from models.checkpoints.weights import CARD, read_card, read_weights, write_weights
from models.image_scoring.networks import build_classifier
from models.image_scoring.normalising import normalise_images

WEIGHTS = "scorer.safetensors"


@dataclass(frozen=True, kw_only=True)
class ScorerCard:
    """What a scorer is and where it comes from."""

    backbone: str
    """`tiny`, or one of torchvision's classification networks."""
    size: int
    """Height and width of the input; frames are squeezed to it."""
    labels: tuple[str, ...]
    recipe: dict[str, Any]
    metrics: dict[str, float]
    broken: tuple[tuple[str, str], ...] = field(default=())
    """(file, reason) of pictures that could not be read."""


class ImageScorer:
    """A trained classifier, on the CPU."""

    def __init__(self, network: nn.Module, card: ScorerCard) -> None:
        self.network = network.eval().to(memory_format=torch.channels_last)
        self.card = card

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the names of the columns that `score` gives."""
        return self.card.labels

    @classmethod
    def load(cls, path: Path, num_threads: int = 1) -> "ImageScorer":
        """Load the folder that `kbuild train-scorer` wrote.

        `num_threads` is set for all of torch in this process: in a pool of processes, more
        than one thread each is slower by far.
        """
        torch.set_num_threads(num_threads)
        data, card = _read_card(path)
        network = build_classifier(card.backbone, len(card.labels))
        state = read_weights(path / WEIGHTS, data, "Run `kbuild train-scorer` again.")
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise ModelError(
                f"{path / WEIGHTS} does not hold the scorer of its card: {error} "
                "Run `kbuild train-scorer` again."
            ) from error
        return cls(network, card)

    def save(self, folder: Path) -> None:
        """Write the weights, then the card with their mark."""
        mark = write_weights(folder / WEIGHTS, self.network.state_dict())
        write_json(folder / CARD, {"kind": "image scorer", "weights": mark} | asdict(self.card))

    @torch.no_grad()
    def score(self, frames_NHWC: NDArray[np.uint8], batch_size: int = 64) -> NDArray[np.float32]:
        """Return probabilities (N, K) for RGB frames of any one size; rows sum to 1."""
        num_labels = len(self.labels)
        if not len(frames_NHWC):
            return np.zeros((0, num_labels), np.float32)
        scores = [
            self.network(self._input(frames_NHWC[start : start + batch_size])).softmax(1)
            for start in range(0, len(frames_NHWC), batch_size)
        ]
        result: NDArray[np.float32] = torch.cat(scores).numpy()
        return result

    def _input(self, frames_NHWC: NDArray[np.uint8]) -> Tensor:
        frames = torch.from_numpy(np.ascontiguousarray(frames_NHWC))
        size = (self.card.size, self.card.size)
        if frames.shape[1:3] != size:
            planes = frames.permute(0, 3, 1, 2)
            small = F.interpolate(planes, size=size, mode="bilinear", antialias=True)
            frames = small.permute(0, 2, 3, 1)
        return normalise_images(frames)


def _read_card(folder: Path) -> tuple[dict[str, Any], ScorerCard]:
    """Return the card's plain values, and the card."""
    path = folder / CARD
    try:
        data = read_card(folder)
        return data, ScorerCard(
            backbone=data["backbone"],
            size=data["size"],
            labels=tuple(data["labels"]),
            recipe=data["recipe"],
            metrics=data["metrics"],
            broken=tuple((file, reason) for file, reason in data["broken"]),
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelError(
            f"{path.parent} holds no image scorer: {path.name} is not there. "
            "Give the folder that `kbuild train-scorer` wrote."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path} is no card of an image scorer ({error!r}). Run `kbuild train-scorer` again."
        ) from error
