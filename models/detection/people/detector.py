"""The trained detector: a file of weights with its card, and what it finds on a picture.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from kinetics_builder.ava.boxes import Found, clipped, strongest
from kinetics_builder.errors import ModelError
from models.checkpoints.torch_files import UnreadableTorchFile, load_torch, save_torch
from models.detection.people.network import MULTIPLE, PeopleNetwork, boxes_of
from models.detection.people.pictures import shrunk

KIND = "person detector"
_WEAKEST = 0.02
"""Middles that are less likely are not looked at."""
_MOST = 100
"""Boxes of a picture."""
_MAX_OVERLAP = 0.7


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectorCard:
    """What a detector is and where it comes from."""

    width: int
    """Channels of the network's first layer."""
    long_side: int
    """Pixels of a picture's longer side when it is looked at."""
    recipe: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)


class TrainedDetector:
    """Finds persons as it learnt it, on the CPU."""

    name = "trained"

    def __init__(self, network: PeopleNetwork, card: DetectorCard) -> None:
        self.network = network.eval()
        self.card = card

    @classmethod
    def load(cls, path: Path, num_threads: int = 1) -> "TrainedDetector":
        """Load what `kbuild train-detector` wrote; ModelError where `path` is nothing of it.

        `num_threads` is set for all of torch in this process: in a pool of processes, more
        than one thread each is slower by far.
        """
        torch.set_num_threads(num_threads)
        again = "Run `kbuild train-detector` to make one, and name it by detect.weights."
        try:
            data = load_torch(path)
        except FileNotFoundError as error:
            raise ModelError(f"{path}: there is no such detector. {again}") from error
        except (UnreadableTorchFile, OSError) as error:
            raise ModelError(f"{path}: cannot be read as a detector: {error}. {again}") from error
        if not isinstance(data, dict) or data.get("kind") != KIND:
            raise ModelError(
                f"{path}: expected a detector that `kbuild train-detector` wrote, found another "
                f"file of torch. {again}"
            )
        try:
            card = DetectorCard(**data["card"])
            network = PeopleNetwork(card.width)
            network.load_state_dict(data["weights"])
        except (LookupError, TypeError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(
                f"{path}: does not hold a whole detector: {reason}. {again}"
            ) from error
        return cls(network, card)

    def save(self, path: Path) -> None:
        """Write the detector into one file."""
        weights = self.network.state_dict()
        save_torch(path, {"kind": KIND, "card": asdict(self.card), "weights": weights})

    @torch.inference_mode()
    def find(self, rgb_HWC: NDArray[np.uint8]) -> list[Found]:
        """Return the persons on an upright picture, best first, whatever their score."""
        small_HWC = shrunk(rgb_HWC, self.card.long_side)
        height, width = small_HWC.shape[:2]
        logits_Bhw, distances_B4hw = self.network(prepared([small_HWC]))
        heat_hw = torch.sigmoid(logits_Bhw[0])
        boxes_4hw = boxes_of(distances_B4hw)[0]
        is_peak_hw = heat_hw == F.max_pool2d(heat_hw[None], 3, stride=1, padding=1)[0]
        heights = torch.where(is_peak_hw, heat_hw, torch.zeros_like(heat_hw)).flatten()
        scores, spots = heights.topk(min(_MOST, len(heights)))
        boxes_M4 = boxes_4hw.flatten(1)[:, spots].T / torch.tensor([width, height] * 2)
        found = []
        for score, box in zip(scores.tolist(), boxes_M4.tolist(), strict=True):
            corners = clipped(box) if score >= _WEAKEST else None
            if corners is not None:
                found.append(Found(corners, round(score, 4)))
        return strongest(found, _MAX_OVERLAP)


def prepared(pictures: list[NDArray[np.uint8]]) -> Tensor:
    """Return pictures as the network takes them: around 0, as large as the largest, padded."""
    height = _padded(max(one.shape[0] for one in pictures))
    width = _padded(max(one.shape[1] for one in pictures))
    x_B3HW = torch.zeros(len(pictures), 3, height, width)
    for place, rgb_HWC in enumerate(pictures):
        rows, columns = rgb_HWC.shape[:2]
        pixels = torch.from_numpy(np.array(rgb_HWC)).permute(2, 0, 1)
        x_B3HW[place, :, :rows, :columns] = pixels / 64 - 2
    return x_B3HW


def _padded(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE
