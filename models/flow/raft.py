"""RAFT (arXiv:2003.12039), torchvision's network, with weights that somebody has.

Shapes, as name suffixes: T frames, B pairs, C = 3 colours, H height, W width, 2 directions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.checkpoints.readers.torch_file import read_torch
from models.training.device import choose_device

NUM_UPDATES = 12
"""Of each field, as torchvision evaluates its weights."""
_MULTIPLE, _LEAST = 8, 128
"""Sides must be multiples of the first, and as large as the second: edges are repeated."""
_ONLY_LARGE = "mask_predictor."
_PAIRS_AT_ONCE = 4


@dataclass(frozen=True)
class Raft:
    """The network, and where it runs."""

    name: str
    """`raft_large` or `raft_small`: the weights say which."""
    network: nn.Module
    device: torch.device

    @classmethod
    def load(cls, weights: Path, device: str) -> "Raft":
        """Return the network with the weights of a file.

        Raises:
            ModelError: The file cannot be read, or is of another network; no such device.

        """
        from torchvision.models.optical_flow import raft_large, raft_small

        state = read_torch(weights)
        build = raft_large if any(key.startswith(_ONLY_LARGE) for key in state) else raft_small
        network: nn.Module = build(weights=None, progress=False)
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise ModelError(
                f"{weights} does not hold the weights of torchvision's {build.__name__}: "
                f"{str(error).splitlines()[-1].strip()}"
            ) from error
        place = choose_device(device)
        return cls(build.__name__, network.eval().to(place), place)

    def fields(self, frames_THWC: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        """Yield the flow (H, W, 2) from each frame to the next, in pixels: T - 1 fields."""
        for first in range(0, len(frames_THWC) - 1, _PAIRS_AT_ONCE):
            some = frames_THWC[first : first + _PAIRS_AT_ONCE + 1]
            yield from self._between(some)

    @torch.no_grad()
    def _between(self, frames_THWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        height, width = frames_THWC.shape[1:3]
        frames = torch.from_numpy(np.ascontiguousarray(frames_THWC)).to(self.device)
        frames_TCHW = _padded(frames.permute(0, 3, 1, 2).float() / 127.5 - 1)
        found = self.network(frames_TCHW[:-1], frames_TCHW[1:], num_flow_updates=NUM_UPDATES)
        flow_B2HW: Tensor = found[-1][:, :, :height, :width]
        pixels: NDArray[np.float32] = flow_B2HW.permute(0, 2, 3, 1).cpu().numpy()
        return pixels


def _padded(frames_TCHW: Tensor) -> Tensor:
    """Return frames large enough, their right and lower edges repeated."""
    sides = frames_TCHW.shape[2:]
    more = [max(_LEAST, -(-side // _MULTIPLE) * _MULTIPLE) - side for side in sides]
    return F.pad(frames_TCHW, (0, more[1], 0, more[0]), mode="replicate")


@cache
def loaded(weights: Path, device: str) -> Raft:
    """Return the network, loaded once a process; with one thread on the CPU."""
    torch.set_num_threads(1)
    return Raft.load(weights, device)


def parameters(weights: Path) -> dict[str, Any]:
    """Return what a folder of flow says of the network; raises as `Raft.load`."""
    from kinetics_builder.files import file_sha256

    network = Raft.load(weights, "cpu").name
    return {"network": network, "weights": file_sha256(weights), "updates": NUM_UPDATES}


def version() -> str:
    """Return what computes it."""
    import torchvision

    return f"torchvision {torchvision.__version__}"
