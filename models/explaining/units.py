"""Units of a network by name: `LAYER:N`, a channel of what a layer gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor, nn

from kinetics_builder.errors import ModelError


@dataclass
class Heard:
    """What a layer gave the last time."""

    output: Tensor | None = field(default=None)
    input: Tensor | None = field(default=None)


def find_layer(network: nn.Module, name: str) -> nn.Module:
    """Return the layer at the path `name`, as `kbuild models NETWORK` lists them.

    Raises ModelError, with the nearest names, where there is none.
    """
    known: dict[str, nn.Module] = dict(network.named_modules())
    if name and name in known:
        return known[name]
    near = get_close_matches(name, [one for one in known if one], n=3, cutoff=0.3)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    raise ModelError(
        f"The network has no layer {name!r}.{hint} `kbuild models NETWORK` lists its layers."
    )


def read_unit(text: str) -> tuple[str, int]:
    """Return the layer and the number of `LAYER:N`; ModelError for anything else.

    >>> read_unit("backbone.stages.2:17")
    ('backbone.stages.2', 17)
    """
    layer, colon, number = text.rpartition(":")
    if not (colon and layer and number.isdecimal()):
        raise ModelError(f"--unit {text!r}: write it as LAYER:N, for instance backbone.conv_1a:0.")
    return layer, int(number)


@contextmanager
def listening(layer: nn.Module) -> Iterator[Heard]:
    """Give what `layer` takes and gives, each time that the network is asked in the block."""
    heard = Heard()

    def note(_module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        heard.output = _tensor(output)
        heard.input = _tensor(inputs[0]) if inputs else None

    handle = layer.register_forward_hook(note)
    try:
        yield heard
    finally:
        handle.remove()


def _tensor(given: Any) -> Tensor | None:
    """Return a tensor, the pathways of a trunk side by side if they have equal sizes; else None."""
    if isinstance(given, Tensor):
        return given
    parts = [one for one in given if isinstance(one, Tensor)] if isinstance(given, list) else []
    if not parts:
        return None
    pooled = [one.mean((2, 3, 4)) if one.ndim == 5 else one for one in parts]
    return torch.cat(pooled, dim=1)


def pooled(given_BX: Tensor) -> Tensor:
    """Return one number a channel and clip, (B, C), averaged over all positions.

    Maps are (B, C, T, H, W), tokens (B, N, D); what is (B, C) already stays so.
    """
    if given_BX.ndim >= 4:
        return given_BX.flatten(2).mean(2)
    return given_BX.mean(1) if given_BX.ndim == 3 else given_BX
