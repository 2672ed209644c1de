"""A network layer by layer, as papers print it (arXiv:1812.03982, table 1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

from models.counting import build_weightless, count_multiply_adds, input_shape
from models.layers.conv import SameMaxPool3d
from models.network import num_parameters
from models.spec import NetworkSpec

Shape = tuple[int, ...]
_MOST_KERNELS = 12
"""A part with more than these in it is opened, or else named by its class."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One row of the table: a layer, or a stage of blocks of one kind."""

    name: str
    """The module's path in the network."""
    kernels: str
    """Its convolutions, as `[1x3x3, 64; 1x1x1, 256] x 3`; shortcuts are left out, and strides
    where there are several."""
    output_shapes: tuple[Shape, ...]
    """(channels, frames, height, width) of each tensor that leaves it, without the batch."""
    parameters: int
    multiply_adds: int


@dataclass
class _Trace:
    """What the hooks have seen in one forward pass."""

    order: list[str] = field(default_factory=list)
    shapes: dict[str, tuple[Shape, ...]] = field(default_factory=dict)

    def note(self, name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        """Remember what left a layer the first time."""
        if name not in self.shapes:
            self.order.append(name)
            self.shapes[name] = tuple(tuple(y.shape[1:]) for y in _tensors(output))


def _tensors(output: Any) -> Iterator[Tensor]:
    """Yield what leaves a layer: a tensor, or some of them, or lists of such."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, list | tuple):
        for one in output:
            yield from _tensors(one)


def layers(spec: NetworkSpec) -> list[Layer]:
    """Return the layers of the network in the order in which they are run.

    It has the classes at which its published numbers were counted.
    """
    network = build_weightless(spec)
    rows = dict(_rows(network, ""))
    trace = _Trace()
    for name, module in rows.items():
        module.register_forward_hook(partial(trace.note, name))
    counter = count_multiply_adds(network, torch.empty(1, *input_shape(spec), device="meta"))
    counts = counter.get_flop_counts()
    return [
        Layer(
            name=name,
            kernels=_kernels(rows[name]),
            output_shapes=trace.shapes[name],
            parameters=num_parameters(rows[name]),
            multiply_adds=sum(counts.get(f"{type(network).__name__}.{name}", {}).values()) // 2,
        )
        for name in trace.order
    ]


def _rows(parent: nn.Module, path: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield the modules that are worth a row; containers of unlike parts are opened."""
    for name, module in parent.named_children():
        if not path or _is_opened(module) or _is_wrapper(parent, module):
            yield from _rows(module, f"{path}{name}.")
        elif not isinstance(module, nn.Dropout):
            yield f"{path}{name}", module


def _is_opened(module: nn.Module) -> bool:
    # Not at the top: torchvision takes torch's compiler with it, which is seconds of imports.
    from torchvision.models.detection.rpn import RegionProposalNetwork

    if isinstance(module, nn.ModuleList | nn.ModuleDict | RegionProposalNetwork):
        return True
    parts = list(module.children())
    if isinstance(module, nn.Sequential):
        return len({type(part) for part in parts}) > 1
    return any(isinstance(part, nn.ModuleList | nn.Sequential) for part in parts) and (
        len(_kernel_layers(module)) > _MOST_KERNELS
    )


def _is_wrapper(parent: nn.Module, module: nn.Module) -> bool:
    """Return whether `module` is all there is in `parent`, and has parts of its own."""
    return len(list(parent.children())) == 1 and any(True for _ in module.children())


def _kernels(module: nn.Module) -> str:
    """Return the convolutions and linear layers of `module`, runs of equal blocks counted."""
    if isinstance(module, SameMaxPool3d):
        return f"max pool {_sides(module.window)}{_stride(module.step)}"
    blocks = module.children() if isinstance(module, nn.Sequential) else [module]
    runs = [(text, len(list(run))) for text, run in groupby(_block(block) for block in blocks)]
    texts = [f"{text} x {times}" if times > 1 else text for text, times in runs if text]
    return ", ".join(texts) or type(module).__name__


def _block(block: nn.Module) -> str:
    parts = _kernel_layers(block)
    if len(parts) > _MOST_KERNELS:
        return type(block).__name__
    if len(parts) == 1 and not isinstance(parts[0], nn.Linear):
        return f"{_kernel(parts[0])}{_stride(parts[0].stride)}"
    text = "; ".join(_kernel(part) for part in parts)
    return f"[{text}]" if len(parts) > 1 else text


def _kernel_layers(module: nn.Module) -> list[nn.Conv3d | nn.Conv2d | nn.Linear]:
    return [
        part
        for name, part in module.named_modules()
        if isinstance(part, nn.Conv3d | nn.Conv2d | nn.Linear) and "shortcut" not in name
    ]


def _kernel(layer: nn.Conv3d | nn.Conv2d | nn.Linear) -> str:
    if isinstance(layer, nn.Linear):
        return f"linear, {layer.out_features}"
    depthwise = " depthwise" if layer.groups == layer.in_channels > 1 else ""
    dilated = f" dilated {layer.dilation[-1]}" if layer.dilation[-1] > 1 else ""
    return f"{_sides(layer.kernel_size)}{depthwise}{dilated}, {layer.out_channels}"


def _stride(stride: tuple[int, ...]) -> str:
    return f", stride {_sides(stride)}" if set(stride) != {1} else ""


def _sides(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))
