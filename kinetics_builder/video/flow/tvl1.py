"""TV-L1 optical flow (Zach, Pock and Bischof 2007; doi:10.5201/ipol.2013.26), by OpenCV's contrib.

Shapes, as name suffixes: T frames, H height, W width, C = 3 colours, 2 directions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class TVL1:
    """The parameters, spelled out so that no other OpenCV changes them.

    arXiv:1705.07750 and arXiv:1608.00859 name the method and no parameters. The tools of the
    latter, by which most released flow was made, take OpenCV's own: these.
    """

    tau: float = 0.25
    """Time step of the scheme."""
    data_weight: float = 0.15
    """Lambda: the smaller, the smoother."""
    theta: float = 0.3
    """How tightly the two terms are held together."""
    num_scales: int = 5
    num_warps: int = 5
    """Of each scale."""
    epsilon: float = 0.01
    """Change below which a warp is done."""
    num_inner: int = 30
    num_outer: int = 10
    """300 iterations a warp, at most: so many inner ones after each median filter."""
    scale_step: float = 0.8
    gamma: float = 0.0
    median_filter: int = 5
    """Width, pixels."""

    def build(self) -> Any:
        """Return OpenCV's algorithm."""
        return cv2.optflow.DualTVL1OpticalFlow_create(  # type: ignore[attr-defined]
            self.tau,
            self.data_weight,
            self.theta,
            self.num_scales,
            self.num_warps,
            self.epsilon,
            self.num_inner,
            self.num_outer,
            self.scale_step,
            self.gamma,
            self.median_filter,
            False,
        )

    def fields(self, frames_THWC: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        """Yield the flow (H, W, 2) from each frame to the next, in pixels: T - 1 fields.

        Of grey frames, and in one thread: equal frames give equal flow.
        """
        cv2.setNumThreads(1)
        algorithm = self.build()
        before: NDArray[Any] | None = None
        for frame_HWC in frames_THWC:
            grey = cv2.cvtColor(frame_HWC, cv2.COLOR_RGB2GRAY)
            if before is not None:
                yield algorithm.calc(before, grey, None)
            before = grey


def version() -> str:
    """Return what computes it."""
    return f"OpenCV {cv2.__version__}"
