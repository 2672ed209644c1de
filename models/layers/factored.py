"""3-D convolutions taken apart into one over space and one over time (arXiv:1711.11248).

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.bottleneck import Bottleneck, Residual, centred_conv, norm3d
from models.layers.conv import NormConfig, Size3
from models.layers.stem import Stem


class FactoredConv(nn.Module):
    """Two convolutions with normalisation and ReLU between them."""

    def __init__(self, first: nn.Conv3d, second: nn.Conv3d, norm: NormConfig) -> None:
        super().__init__()
        self.first = first
        self.norm = norm3d(first.out_channels, norm)
        self.second = second

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        """Return the second convolution's map, not yet normalised."""
        y_BCTHW: Tensor = self.second(F.relu(self.norm(self.first(x_BCTHW)), inplace=True))
        return y_BCTHW


def matched_width(num_in: int, num_out: int) -> int:
    """Return the channels between the two parts of a 3x3x3 convolution.

    With them the parts have as many parameters as the whole (arXiv:1711.11248, section 3.5).

    >>> matched_width(64, 64)
    144
    """
    return num_in * num_out * 27 // (num_in * 9 + num_out * 3)


def space_then_time(
    num_in: int, num_middle: int, num_out: int, stride: Size3, norm: NormConfig
) -> FactoredConv:
    """Return a 1x3x3 and a 3x1x1 convolution."""
    time_stride, *space_stride = stride
    return FactoredConv(
        centred_conv(num_in, num_middle, (1, 3, 3), (1, space_stride[0], space_stride[1])),
        centred_conv(num_middle, num_out, (3, 1, 1), (time_stride, 1, 1)),
        norm,
    )


class FactoredStem(Stem):
    """Stem whose convolution is over space, through 45 channels, then over time."""

    def convolution(self, num_in: int, num_out: int, kernel: Size3, norm: NormConfig) -> nn.Module:
        """Return the two convolutions; each takes its own part of the stride."""
        return FactoredConv(
            centred_conv(num_in, 45, (1, *kernel[1:]), (1, *self.stride[1:])),
            centred_conv(45, num_out, (kernel[0], 1, 1), (self.stride[0], 1, 1)),
            norm,
        )


class FactoredBottleneck(Bottleneck):
    """Bottleneck whose middle is 3x1x1, then 1x3x3, both of the inner width."""

    def middle(
        self, num_inner: int, time_kernel: int, stride: Size3, norm: NormConfig
    ) -> nn.Module:
        """Return the two convolutions; each takes its own part of the stride."""
        return FactoredConv(
            centred_conv(num_inner, num_inner, (3, 1, 1), (stride[0], 1, 1)),
            centred_conv(num_inner, num_inner, (1, 3, 3), (1, *stride[1:])),
            norm,
        )


class FactoredBasic(Residual):
    """Two 3x3x3 convolutions, each in two parts: the block of R(2+1)D-34."""

    is_shared = False
    """Whether both convolutions have the first's width between their parts."""

    def __init__(
        self,
        num_in: int,
        num_inner: int,
        num_out: int,
        *,
        time_kernel: int,
        stride: Size3,
        norm: NormConfig,
    ) -> None:
        super().__init__()
        if time_kernel != 3 or num_inner != num_out:
            raise ValueError(
                f"Expected 3 frames and equal widths, got {time_kernel=}, {num_inner=}, {num_out=}."
            )
        first = matched_width(num_in, num_out)
        second = first if self.is_shared else matched_width(num_out, num_out)
        self.conv_a = space_then_time(num_in, first, num_out, stride, norm)
        self.norm_a = norm3d(num_out, norm)
        self.conv_b = space_then_time(num_out, second, num_out, (1, 1, 1), norm)
        self.norm_b = norm3d(num_out, norm)
        self.add_shortcut(num_in, num_out, stride, norm)

    def residual(self, x_BCTHW: Tensor) -> Tensor:
        """Return the two factored convolutions, normalised."""
        y = F.relu(self.norm_a(self.conv_a(x_BCTHW)), inplace=True)
        added: Tensor = self.norm_b(self.conv_b(y))
        return added

    def last_norm(self) -> nn.BatchNorm3d:
        """Return the normalisation just before the sum."""
        return self.norm_b


class SharedFactoredBasic(FactoredBasic):
    """The block of torchvision's R(2+1)D-18."""

    is_shared = True
