"""Convolutions over time alone, computed as 2-D ones where that is faster.

Shapes, as name suffixes: B batch, C channels, T frames, P positions of a frame.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.conv import Size3

MANY = 512
"""Positions of a batch from which oneDNN is faster than matrix products by hand. On one thread
torch takes the latter for kernels of one position, unless a step or a dilation is asked for."""


def idle_dilation(num_positions: int, groups: int) -> int:
    """Return a dilation over an axis in which a kernel has one position: it changes speed alone.

    Channelwise convolutions would be slower by far.
    """
    return 2 if groups == 1 and num_positions >= MANY else 1


class FlatConv3d(nn.Conv3d):
    """A kernel of Tx1x1, run on the CPU over a plane of frames and positions.

    On one core most such layers take a half to a fifth of a 3-D convolution's time, forward
    and backward, and in channels-last order 1x1x1 gains too (benchmarks/convolutions.py).
    The answer is the same but for the order of its sums, the parameters are `nn.Conv3d`'s.
    """

    is_flat = True
    """Whether the plane is used at all; False keeps the rounding of a 3-D convolution."""

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        """Return the feature map of shape (B, C, ceil(T / stride), H, W)."""
        if not self.is_flat or x_BCTHW.device.type != "cpu":
            return super().forward(x_BCTHW)
        num_positions = x_BCTHW.numel() // x_BCTHW.shape[1]
        y_BCTP = F.conv2d(
            x_BCTHW.flatten(3),
            self.weight.flatten(3),
            self.bias,
            stride=(self.stride[0], 1),
            padding=(int(self.padding[0]), 0),
            dilation=(1, idle_dilation(num_positions, self.groups)),
            groups=self.groups,
        )
        return y_BCTP.view(*y_BCTP.shape[:3], *x_BCTHW.shape[3:])


def is_over_time(kernel: Size3, stride: Size3) -> bool:
    """Return whether a convolution sees one position at a time, and all of them."""
    return kernel[1:] == (1, 1) and stride[1:] == (1, 1)


def keep_rounding(module: nn.Module) -> None:
    """Compute all convolutions in `module` as 3-D ones, to the last bit."""
    for part in module.modules():
        if isinstance(part, FlatConv3d):
            part.is_flat = False
