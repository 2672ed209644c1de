"""Bottlenecks whose 3x3x3 convolution keeps channels apart (arXiv:1904.02811)."""

from torch import nn

from models.layers.bottleneck import Bottleneck, centred_conv, norm3d
from models.layers.conv import NormConfig, Size3


class ReducedBottleneck(Bottleneck):
    """The interaction-reduced block: its middle is one depthwise 3x3x3."""

    def middle(
        self, num_inner: int, time_kernel: int, stride: Size3, norm: NormConfig
    ) -> nn.Module:
        """Return the depthwise convolution."""
        return centred_conv(num_inner, num_inner, (3, 3, 3), stride, groups=num_inner)


class PreservedBottleneck(Bottleneck):
    """The interaction-preserved block: a 1x1x1 before the depthwise 3x3x3 mixes channels."""

    def middle(
        self, num_inner: int, time_kernel: int, stride: Size3, norm: NormConfig
    ) -> nn.Module:
        """Return the two convolutions; between them stands a norm, but no ReLU."""
        return nn.Sequential(
            centred_conv(num_inner, num_inner, (1, 1, 1), (1, 1, 1)),
            norm3d(num_inner, norm),
            centred_conv(num_inner, num_inner, (3, 3, 3), stride, groups=num_inner),
        )
