"""Pictures as small as the network looks at them. No torch.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_QUALITY = 95


def shrunk(rgb_HWC: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    """Return a picture whose longer side has that many pixels."""
    height, width = rgb_HWC.shape[:2]
    factor = long_side / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if size == (width, height):
        return rgb_HWC
    return np.asarray(Image.fromarray(rgb_HWC).resize(size, Image.Resampling.BOX))


def packed(rgb_HWC: NDArray[np.uint8], long_side: int) -> bytes:
    """Return a picture whose longer side has that many pixels, as JPEG."""
    buffer = io.BytesIO()
    small = Image.fromarray(shrunk(rgb_HWC, long_side))
    small.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    return buffer.getvalue()


def unpacked(jpeg: bytes) -> NDArray[np.uint8]:
    """Return the picture that was packed, (H, W, 3)."""
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
