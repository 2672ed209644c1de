"""A picture that is painted on again and again, in memory that two libraries share.

PIL paints on it, OpenCV halves it: handing each picture over would cost more than either.
"""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from pipelines.demo.drawing.painter import ENLARGED, HEIGHT, MARGIN, WIDTH

Picture = npt.NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""
_SIZE = (WIDTH * ENLARGED, HEIGHT * ENLARGED)


class Canvas:
    """Room for one enlarged picture in front of a backdrop, which has `MARGIN` on every side."""

    def __init__(self, backdrop: Image.Image) -> None:
        self._backdrop_HW4 = np.asarray(backdrop.convert("RGBX"))
        self._pixels_HW4 = np.empty((*_SIZE[::-1], 4), np.uint8)
        self.image = Image.frombuffer("RGBX", _SIZE, self._pixels_HW4, "raw", "RGBX", 0, 1)
        self.image.readonly = 0  # else painting would begin with a copy

    def clear(self, right: int = 0, down: int = 0) -> Image.Image:
        """Show the backdrop alone, as a camera sees it that looks so many pixels aside.

        Returns the picture to paint on: the same each time.
        """
        left, top = MARGIN + right, MARGIN + down
        self._pixels_HW4[:] = self._backdrop_HW4[top : top + _SIZE[1], left : left + _SIZE[0]]
        return self.image

    def halved(self) -> Picture:
        """Return what was painted at its true size, 160x120: its edges are soft."""
        small = cv2.resize(self._pixels_HW4, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return cast("Picture", cv2.cvtColor(small, cv2.COLOR_RGBA2RGB))

    def enlarged(self) -> Picture:
        """Return what was painted as it is, 320x240."""
        return cast("Picture", cv2.cvtColor(self._pixels_HW4, cv2.COLOR_RGBA2RGB))
