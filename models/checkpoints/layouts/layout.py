"""What is known of one program's names for one family of networks."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor, nn

from models.checkpoints.readers.foreign import Origin
from models.spec import NetworkSpec


def as_it_is(tensor: Tensor) -> Tensor:
    """Return `tensor`."""
    return tensor


def as_first_released(spec: NetworkSpec) -> NetworkSpec:
    """Return `spec`; a detector with boxes that are not moved by half a position.

    So PySlowFast's Caffe2 files (`ALIGNED: False`) and pytorchvideo's networks were trained.
    """
    return replace(spec, head=replace(spec.head, aligned=False)) if spec.is_detector else spec


def as_described(spec: NetworkSpec) -> NetworkSpec:
    """Return `spec`."""
    return spec


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One program's names for the weights of networks of one family."""

    name: str
    """The program, as its users call it."""
    kind: str
    """The family: the `kind` of its backbone's config."""
    origin: Origin
    keys: Callable[[nn.Module], dict[str, str]]
    """From a network to {our key: theirs}, for every key of ours."""
    arrange: Callable[[Tensor], Tensor] = as_it_is
    """From a tensor of theirs to torch's order of axes."""
    adapt: Callable[[NetworkSpec], NetworkSpec] = as_described
    """From a network of ours to theirs, where the two differ (such as in how RGB is scaled)."""
    fills: tuple[tuple[str, float], ...] = ((r".*\.num_batches_tracked", 0),)
    """(pattern of our keys, value) of what their files may leave out."""
    ignores: str = "(?!)"
    """Pattern of their keys that are no weights, such as an optimiser's state."""

    def fill(self, key: str) -> float | None:
        """Return what our `key` is where their file has nothing for it; None: it must have."""
        values = (value for pattern, value in self.fills if re.fullmatch(pattern, key))
        return next(values, None)
