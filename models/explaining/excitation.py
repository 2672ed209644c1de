"""What a unit of a network asks for, in appearance and in motion: activation maximisation.

Source: arXiv:1801.01415, which finds inputs that excite units of networks of video, with a
penalty on change over time that is varied from none (what is fast) to much (what is slow).

Shapes, as name suffixes: B batch (1), C channels, T frames, H height, W width, K classes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.explaining.units import find_layer, listening, pooled
from models.network import VideoNetwork
from models.spec import NetworkSpec, Normalisation

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """How a clip is sought that excites a unit."""

    slowness: float = 0.0
    """Weight of the penalty on change from one frame to the next; 0 lets all be fast."""
    smoothness: float = 1.0
    """Weight of the same penalty between pixels that lie beside each other."""
    num_steps: int = 200
    rate: float = 0.02
    """How far a step moves a pixel, in [0, 1], about."""
    jitter: int = 4
    """Pixels that the clip is moved by lot at each step, so that no position is special."""
    seed: int = 0
    """Of the noise that it starts from, and of the moves."""

    def __post_init__(self) -> None:
        for name in ("slowness", "smoothness"):
            if getattr(self, name) < 0:
                raise ModelError(f"{name} must be 0 or more, got {getattr(self, name)}.")
        if self.num_steps < 1 or self.rate <= 0:
            raise ModelError(
                f"A search takes at least 1 step at a rate above 0, got {self.num_steps} at "
                f"{self.rate}."
            )


@dataclass(frozen=True)
class Found:
    """A clip that excites a unit."""

    search: Search
    pictures_THWC: Pictures
    before: float
    """The activation of the noise that it began with, averaged over all positions."""
    after: float
    change: float
    """Mean difference of a pixel from one frame to the next, in [0, 1]."""


Activation = Callable[[Tensor], Tensor]
"""From a normalised clip x_BCTHW to one number."""


def of_class(network: VideoNetwork, number: int) -> Activation:
    """Return the logit of a class."""
    return lambda x_BCTHW: network(x_BCTHW)[0, number]


def of_unit(network: VideoNetwork, layer: str, number: int) -> Activation:
    """Return the mean of a channel of a layer over all positions; ModelError without the layer."""
    part: nn.Module = find_layer(network, layer)

    def activation(x_BCTHW: Tensor) -> Tensor:
        with listening(part) as heard:
            network(x_BCTHW)
        if heard.output is None:
            raise ModelError(f"The layer {layer!r} gives no numbers a channel; choose one in it.")
        units_BC = pooled(heard.output)
        if number >= units_BC.shape[1]:
            raise ModelError(
                f"The layer {layer!r} has {units_BC.shape[1]} units, 0 to "
                f"{units_BC.shape[1] - 1}; there is no {number}."
            )
        return units_BC[0, number]

    return activation


def excite(
    network: VideoNetwork, spec: NetworkSpec, activation: Activation, search: Search
) -> Found:
    """Return the clip that was found; equal searches give equal pictures on one machine.

    Gradients of the activation are brought to one size, so that the penalties mean the same for
    every unit.
    """
    network.eval().requires_grad_(False)
    random = torch.Generator().manual_seed(search.seed)
    side = spec.sampling.crop_size
    shape = (1, spec.sampling.num_channels, spec.sampling.num_frames, side, side)
    clip = (0.5 + 0.02 * torch.randn(shape, generator=random)).requires_grad_()
    optimiser = torch.optim.Adam([clip], lr=search.rate, betas=(0.9, 0.99))
    before = float(activation(_normalised(clip, spec.normalisation)).detach())
    for _ in range(search.num_steps):
        _step(clip, optimiser, activation, search, spec.normalisation, random)
    with torch.no_grad():
        after = float(activation(_normalised(clip, spec.normalisation)))
        change = float((clip[:, :, 1:] - clip[:, :, :-1]).abs().mean()) if shape[2] > 1 else 0.0
        shades = (clip[0] * 255).round().to(torch.uint8).permute(1, 2, 3, 0).numpy()
    return Found(search, shades, before, after, change)


def _step(
    clip: Tensor,
    optimiser: torch.optim.Optimizer,
    activation: Activation,
    search: Search,
    normalisation: Normalisation,
    random: torch.Generator,
) -> None:
    moves = torch.randint(-search.jitter, search.jitter + 1, (2,), generator=random).tolist()
    moved = clip.roll(moves, dims=(3, 4))
    (slope,) = torch.autograd.grad(activation(_normalised(moved, normalisation)), clip)
    wanted = slope / slope.square().mean().sqrt().clamp(min=1e-12)
    (against,) = torch.autograd.grad(_penalty(clip, search), clip)
    clip.grad = against - wanted
    optimiser.step()
    with torch.no_grad():
        clip.clamp_(0, 1)


def _penalty(clip: Tensor, search: Search) -> Tensor:
    """Return half the sum of squared differences, in units in which a gradient is of size 1."""
    across = sum(_squares(clip, axis) for axis in (3, 4))
    return search.smoothness * across + search.slowness * _squares(clip, 2)


def _squares(clip: Tensor, axis: int) -> Tensor:
    """Return half the sum of squared differences along an axis."""
    return clip.diff(dim=axis).square().sum() / 2


def _normalised(clip: Tensor, normalisation: Normalisation) -> Tensor:
    mean, std = (
        torch.tensor(values).view(1, -1, 1, 1, 1)
        for values in (normalisation.mean, normalisation.std)
    )
    return (clip - mean) / std
