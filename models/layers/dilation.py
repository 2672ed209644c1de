"""Kernels with holes: a map that sees as far as a smaller one, and keeps its size."""

from torch import nn


def dilate(stage: nn.Module, dilation: int) -> None:
    """Spread all kernels over space in `stage`, padded so that sizes stay as they were.

    With the stage's stride taken away, a trained network sees what it saw, at twice as many
    positions along each side (arXiv:1606.00915, section 3.1).
    """
    for part in stage.modules():
        if isinstance(part, nn.Conv3d) and part.kernel_size[1:] != (1, 1):
            _, height, width = part.kernel_size
            part.dilation = (1, dilation, dilation)
            part.padding = (
                int(part.padding[0]),
                height // 2 * dilation,
                width // 2 * dilation,
            )
