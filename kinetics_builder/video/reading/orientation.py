"""How a stored picture is brought upright: turned in quarters, and mirrored where it must be.

Shapes: H height, W width, C = 3 colours.
"""

from typing import Any, NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray


class Orientation(NamedTuple):
    """What is done to a stored picture, in this order."""

    swaps_sides: bool = False
    """Rows become columns."""
    flips_across: bool = False
    """Left and right change places."""
    flips_down: bool = False
    """Top and bottom change places."""

    @property
    def rotation_degrees(self) -> int:
        """Counter-clockwise turn: 0, 90, 180 or 270, after which a mirrored one is flipped."""
        if self.swaps_sides:
            return 270 if self.flips_across else 90
        return 180 if self.flips_down else 0

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right change places, as in the picture of a front camera."""
        return (self.swaps_sides + self.flips_across + self.flips_down) % 2 == 1

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return (width, height) of the upright picture for the stored one's, or back."""
        return (height, width) if self.swaps_sides else (width, height)

    def upright(self, picture_HW: NDArray[Any]) -> NDArray[Any]:
        """Return a stored picture (H, W) or (H, W, C) upright."""
        if self.swaps_sides:
            picture_HW = picture_HW.swapaxes(0, 1)
        if self.flips_across:
            picture_HW = picture_HW[:, ::-1]
        if self.flips_down:
            picture_HW = picture_HW[::-1]
        return np.ascontiguousarray(picture_HW)


UPRIGHT = Orientation()


def orientation_of(frame: VideoFrame) -> Orientation:
    """Return how a decoded frame is brought upright, to the nearest quarter turn.

    The display matrix (ISO/IEC 14496-12, 6.2.2) sends the pixel (x, y) to (a x + c y, b x + d y).
    """
    told: Any = frame.side_data
    data = told.get("DISPLAYMATRIX")
    if data is None:
        return UPRIGHT
    a, b, _, c, d = np.frombuffer(bytes(data), dtype=np.int32)[:5].astype(np.int64)
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(True, bool(c < 0), bool(b < 0))
    return Orientation(False, bool(a < 0), bool(d < 0))
