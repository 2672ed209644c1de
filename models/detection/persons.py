"""Finding persons on pictures by torchvision's detectors.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.ava.boxes import Found, clipped
from kinetics_builder.errors import ModelError
from models.checkpoints.torch_files import UnreadableTorchFile, load_torch

PERSON = 1
"""The class of persons: COCO's, and that of a detector that knows persons and background."""

_HEADS = {
    "fasterrcnn": "roi_heads.box_predictor.cls_score.weight",
    "retinanet": "head.classification_head.cls_logits.weight",
    "fcos": "head.classification_head.cls_logits.weight",
}
"""By the begin of a detector's name, the weight whose rows tell how many classes it knows."""

_WITHOUT_EPS = ("fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn")
"""Whose COCO_V1 were trained when frozen norms had no eps: torchvision takes it away for these."""


def detector_names() -> list[str]:
    """Return the names of the detectors there are."""
    from torchvision.models import detection, list_models

    return [name for name in list_models(module=detection) if name.split("_")[0] in _HEADS]


def check_name(name: str) -> None:
    """Raise ModelError, with the names there are, unless torchvision has the detector `name`."""
    if name not in (known := detector_names()):
        raise ModelError(
            f"detect.detector names {name!r}. There are: hog, trained, {', '.join(known)}."
        )


def own_weights(name: str, which: str = "") -> Any:
    """Return what torchvision knows of its own weights: `url`, `meta`.

    Args:
        name: The detector.
        which: The name of the weights, as "COCO_V1"; empty for the best.

    Raises:
        ModelError: There are none of that name; with those there are.

    """
    from torchvision.models import get_model_weights

    check_name(name)
    known = {one.name: one for one in get_model_weights(name)}
    if not which:
        return get_model_weights(name).DEFAULT
    if which not in known:
        raise ModelError(
            f"detect.weights names {which!r}, which is no file, and {name} has no such weights "
            f"of torchvision's. There are: {', '.join(known)}."
        )
    return known[which]


class TorchvisionDetector:
    """One of torchvision's detectors with weights from a file."""

    def __init__(self, name: str, weights: Path) -> None:
        """Build the network and load its weights.

        Raises:
            ModelError: There is no such detector; the file is none of weights, or of another.

        """
        check_name(name)
        self.name = name
        state = _state(weights)
        self._network, num_classes = _network(name, state, weights)
        self._person = PERSON if num_classes > 1 else 0

    def find(self, rgb_HWC: NDArray[np.uint8]) -> list[Found]:
        """Return the persons on an upright picture, best first, whatever their score."""
        height, width = rgb_HWC.shape[:2]
        picture_CHW = torch.tensor(rgb_HWC).permute(2, 0, 1) / 255
        with torch.inference_mode():
            [found] = self._network([picture_CHW])
        is_person = found["labels"] == self._person
        sizes = torch.tensor([width, height, width, height])
        boxes = (found["boxes"][is_person] / sizes).tolist()
        scores = found["scores"][is_person].tolist()
        clip = (clipped(box) for box in boxes)
        pairs = zip(clip, scores, strict=True)
        return [Found(corners, score) for corners, score in pairs if corners is not None]


def _state(weights: Path) -> Mapping[str, Tensor]:
    try:
        state = load_torch(weights)
    except FileNotFoundError as error:
        raise ModelError(f"{weights}: there is no such file of weights.") from error
    except (UnreadableTorchFile, OSError) as error:
        raise ModelError(f"{weights}: cannot be read as weights: {error}.") from error
    if isinstance(state, Mapping) and isinstance(state.get("model"), Mapping):
        state = state["model"]  # as torchvision's own training script writes it
    if not isinstance(state, Mapping) or not all(torch.is_tensor(v) for v in state.values()):
        raise ModelError(f"{weights}: expected tensors by name, found something else.")
    return state


def _network(name: str, state: Mapping[str, Tensor], weights: Path) -> tuple[nn.Module, int]:
    """Return the network with its weights, and how many classes it knows.

    Where there is one alone, it has the number 0: RetinaNet and FCOS need no background.
    """
    from torchvision.models import get_model

    head = _HEADS[name.split("_")[0]]
    if head not in state:
        raise ModelError(
            f"{weights}: holds no {head!r}, so these are no weights of {name}. Found: "
            f"{', '.join(list(state)[:3])}, ..."
        )
    num_classes = int(state[head].shape[0])
    if name.startswith("retinanet"):
        num_classes //= _anchors(name)
    network: nn.Module = get_model(
        name, weights=None, weights_backbone=None, num_classes=num_classes
    )
    try:
        network.load_state_dict(dict(state))
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:3]]
        raise ModelError(f"{weights}: does not fit {name}: {' '.join(lines)[:300]}") from error
    if name in _WITHOUT_EPS and _is_own(weights, own_weights(name, "COCO_V1")):
        for part in network.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.eps = 0.0
    return network.eval(), num_classes


def _is_own(weights: Path, known: Any) -> bool:
    """Tell whether a file is torchvision's own: its name there ends with the hash's begin."""
    digest = Path(known.url).stem.rpartition("-")[2]
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest().startswith(digest)


def _anchors(name: str) -> int:
    """Return how many boxes a RetinaNet looks at in each place."""
    from torchvision.models import get_model

    with torch.device("meta"):
        network = get_model(name, weights=None, weights_backbone=None, num_classes=2)
    return int(network.anchor_generator.num_anchors_per_location()[0])
