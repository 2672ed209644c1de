"""Finding faces by MTCNN (arXiv:1604.02878), with the weights that facenet-pytorch ships.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from importlib.metadata import version

import numpy as np
import torch
from numpy.typing import NDArray

from kinetics_builder.ava.boxes import clipped
from kinetics_builder.formats.boxes.pixels import Corners

SMALLEST = 16
"""Pixels of a face's side: smaller ones are not looked for."""

LEAST = (0.6, 0.7, 0.7)
"""Of MTCNN's three stages: how sure each must be. Low: a face too many is blurred sooner than one
too few."""


class MtcnnFaces:
    """Finds faces; nothing is fetched."""

    def __init__(self) -> None:
        from facenet_pytorch import MTCNN

        self.name = f"MTCNN of facenet-pytorch {version('facenet-pytorch')}"
        self._network = MTCNN(
            keep_all=True,
            device=torch.device("cpu"),
            min_face_size=SMALLEST,
            thresholds=list(LEAST),
        )

    def find(self, rgb_HWC: NDArray[np.uint8]) -> list[Corners]:
        """Return the boxes of faces, in shares of the picture's width and height."""
        height, width = rgb_HWC.shape[:2]
        if min(height, width) < SMALLEST:
            return []
        with torch.inference_mode():
            boxes, _ = self._network.detect(rgb_HWC)
        shares = [] if boxes is None else boxes / (width, height, width, height)
        return [corners for box in shares if (corners := clipped(box)) is not None]
