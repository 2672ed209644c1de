"""Residual blocks of 3-D ResNets, and the bottleneck of arXiv:1812.03982, table 1."""

from abc import ABC, abstractmethod

import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.conv import NormConfig, Size3
from models.layers.flat_conv import FlatConv3d, is_over_time


def norm3d(num_channels: int, norm: NormConfig) -> nn.BatchNorm3d:
    """Return batch normalisation over `num_channels`."""
    return nn.BatchNorm3d(num_channels, eps=norm.eps, momentum=norm.momentum)


def centred_conv(
    num_in: int, num_out: int, kernel: Size3, stride: Size3, groups: int = 1
) -> nn.Conv3d:
    """Return a convolution without bias, padded by half a kernel on both sides."""
    padding = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
    layer = FlatConv3d if is_over_time(kernel, stride) else nn.Conv3d
    return layer(num_in, num_out, kernel, stride, padding, groups=groups, bias=False)


class Residual(nn.Module, ABC):
    """A block that adds something to its input."""

    def add_shortcut(self, num_in: int, num_out: int, stride: Size3, norm: NormConfig) -> None:
        """Give the block a 1x1x1 convolution as its shortcut, where the sizes change."""
        self.has_projection = num_in != num_out or stride != (1, 1, 1)
        if self.has_projection:
            self.shortcut_conv = centred_conv(num_in, num_out, (1, 1, 1), stride)
            self.shortcut_norm = norm3d(num_out, norm)

    @abstractmethod
    def residual(self, x_BCTHW: Tensor) -> Tensor:
        """Return what the block adds."""

    @abstractmethod
    def last_norm(self) -> nn.BatchNorm3d:
        """Return the normalisation just before the sum."""

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        """Return relu(shortcut(x) + residual(x))."""
        y = self.residual(x_BCTHW)
        shortcut = x_BCTHW
        if self.has_projection:
            shortcut = self.shortcut_norm(self.shortcut_conv(x_BCTHW))
        return F.relu(y + shortcut, inplace=True)


class Bottleneck(Residual):
    """Tx1x1, 1x3x3, 1x1x1 and a shortcut; the stride stands on the layer in the middle."""

    is_cubic = False
    """Whether the middle has the length in time, and not the beginning."""

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
        first, middle = (1, time_kernel) if self.is_cubic else (time_kernel, 1)
        self.conv_a = centred_conv(num_in, num_inner, (first, 1, 1), (1, 1, 1))
        self.norm_a = norm3d(num_inner, norm)
        self.conv_b = self.middle(num_inner, middle, stride, norm)
        self.norm_b = norm3d(num_inner, norm)
        self.conv_c = centred_conv(num_inner, num_out, (1, 1, 1), (1, 1, 1))
        self.norm_c = norm3d(num_out, norm)
        self.add_shortcut(num_in, num_out, stride, norm)

    def middle(
        self, num_inner: int, time_kernel: int, stride: Size3, norm: NormConfig
    ) -> nn.Module:
        """Return the layer between the two that change the number of channels."""
        return centred_conv(num_inner, num_inner, (time_kernel, 3, 3), stride)

    def residual(self, x_BCTHW: Tensor) -> Tensor:
        """Return the three convolutions, normalised."""
        y = F.relu(self.norm_a(self.conv_a(x_BCTHW)), inplace=True)
        y = F.relu(self.norm_b(self.conv_b(y)), inplace=True)
        added: Tensor = self.norm_c(self.conv_c(y))
        return added

    def last_norm(self) -> nn.BatchNorm3d:
        """Return the normalisation just before the sum."""
        return self.norm_c


class CubicBottleneck(Bottleneck):
    """1x1x1, Tx3x3, 1x1x1: the middle has the length in time (arXiv:1711.07971, section 4)."""

    is_cubic = True


def zero_last_norms(module: nn.Module) -> None:
    """Start every residual branch at zero (arXiv:1706.02677, section 5.1)."""
    for part in module.modules():
        if isinstance(part, Residual):
            nn.init.zeros_(part.last_norm().weight)
