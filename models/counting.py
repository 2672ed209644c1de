"""How large a network is and how much it computes: counted on the meta device, never typed in.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from models.network import VideoNetwork, build_network, num_parameters
from models.spec import NetworkSpec, Published

_UNCHANGED = {
    *(Tensor.normal_, Tensor.uniform_, functional.batch_norm),
    *(nn.init.normal_, nn.init.uniform_, nn.init.trunc_normal_, nn.init.kaiming_normal_),
}
"""What neither changes a shape nor counts, and takes most of the time on the meta device."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """Sizes of one network, beside what was published."""

    name: str
    parameters: int
    """Learnt numbers at the classes of `published`: Kinetics-400's, or of detectors AVA's 80."""
    multiply_adds: int
    """Of one view of `input_shape`."""
    input_shape: tuple[int, ...]
    """(channels, frames, height, width)."""
    published: Published

    @property
    def parameters_difference(self) -> float | None:
        """Return our parameters over the published ones, minus 1; None without the latter."""
        paper = self.published.parameters
        return None if paper is None else self.parameters / paper - 1

    @property
    def multiply_adds_difference(self) -> float | None:
        """Return our multiply-adds over the published ones, minus 1; None without the latter."""
        paper = self.published.multiply_adds
        return None if paper is None else self.multiply_adds / paper - 1


class _ShapesOnly(TorchFunctionMode):
    """Draw no weights and normalise nothing."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        if func in _UNCHANGED:
            return args[0] if args else named["tensor"]
        return func(*args, **named)


def input_shape(spec: NetworkSpec) -> tuple[int, int, int, int]:
    """Return (C, T, H, W) of the view that is counted: the published one, else a training clip."""
    side = spec.sampling.crop_size
    size = spec.published.input_size or (spec.sampling.num_frames, side, side)
    return (spec.sampling.num_channels, *size)


def build_weightless(spec: NetworkSpec, num_classes: int | None = None) -> VideoNetwork:
    """Build the network on the meta device: shapes without numbers, at no cost in memory.

    Without `num_classes` it has those at which its published numbers were counted.
    """
    with torch.device("meta"), _ShapesOnly():
        return build_network(spec, num_classes or spec.published.num_classes).eval()


def count_multiply_adds(network: nn.Module, x_BCTHW: Tensor) -> FlopCounterMode:
    """Return the counter after one forward pass on the meta device: two a multiply-add.

    Convolutions, linear layers and products of matrices (attention) are counted; additions,
    normalisation, activations and pools are not, as in the papers.
    """
    counter: FlopCounterMode = FlopCounterMode(display=False)
    with torch.no_grad(), counter, _ShapesOnly():
        network(x_BCTHW)
    return counter


def count(spec: NetworkSpec) -> Count:
    """Count the parameters and the multiply-adds of the network that `spec` describes."""
    return _count(spec, input_shape(spec))


def count_view(spec: NetworkSpec, num_classes: int | None = None) -> Count:
    """Count the same on one view as a test looks at it, perhaps with other classes."""
    sampling = spec.view_sampling
    side = spec.views.crop_size or sampling.crop_size
    shape = sampling.num_channels, sampling.num_frames, side, side
    return _count(spec, shape, num_classes)


def _count(
    spec: NetworkSpec, shape: tuple[int, int, int, int], num_classes: int | None = None
) -> Count:
    network = build_weightless(spec, num_classes)
    counter = count_multiply_adds(network, torch.empty(1, *shape, device="meta"))
    return Count(
        name=spec.name,
        parameters=num_parameters(network),
        multiply_adds=counter.get_total_flops() // 2,
        input_shape=shape,
        published=spec.published,
    )
