"""A loss that is no number: noticed without waiting for the device at each step, and kept."""

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from kinetics_builder.errors import ModelError
from models.checkpoints.torch_files import save_torch
from models.training.lessons import Batch
from models.training.ranks import Ranks

ASTRAY = "astray.pt"
MOST_UNREAD = 2
"""Steps that a GPU may be behind before their losses are waited for: it never runs out of work."""


class GoneAstray(Exception):
    """A loss that is no number, and the clips that gave it."""

    def __init__(self, step: int, loss: float, batch: Batch) -> None:
        super().__init__(f"loss {loss} at step {step}")
        self.step, self.loss, self.batch = step, loss, batch


@dataclass
class Watch:
    """Is shown the losses, and reads each a little later."""

    most_unread: int
    """How many may wait to be read; 0 reads each at once."""
    _unread: deque[tuple[int, Tensor, Batch, Any]] = field(default_factory=deque)

    @classmethod
    def on(cls, device: torch.device) -> "Watch":
        """Return a watch that a device need not stop for."""
        return cls(MOST_UNREAD if device.type == "cuda" else 0)

    def note(self, step: int, loss: Tensor, batch: Batch) -> None:
        """Take the loss of some clips; raise GoneAstray for one whose turn it is."""
        copied, is_there = loss.detach().to("cpu", non_blocking=True), None
        if loss.is_cuda:
            is_there = torch.cuda.Event()  # type: ignore[no-untyped-call]
            is_there.record()
        self._unread.append((step, copied, batch, is_there))
        while len(self._unread) > self.most_unread:
            self._read()

    def settle(self) -> None:
        """Read what is unread; raise GoneAstray for the first loss that is no number."""
        while self._unread:
            self._read()

    def _read(self) -> None:
        step, copied, batch, is_there = self._unread.popleft()
        if is_there is not None:
            is_there.synchronize()
        if not math.isfinite(loss := float(copied)):
            raise GoneAstray(step, loss, batch)


@contextmanager
def astray_kept(folder: Path, ranks: Ranks) -> Iterator[None]:
    """Let the block run; of a loss that is no number write the clips into a run's folder.

    The file is a dict that `torch.load` reads: step, loss, clips (their names), and the tensors.
    Raises ModelError, which names it.
    """
    try:
        yield
    except GoneAstray as astray:
        path = folder / (ASTRAY if ranks.is_first else f"astray-{ranks.rank}.pt")
        clips = list(astray.batch.clips)
        told = {"step": astray.step, "loss": astray.loss, "clips": clips}
        save_torch(path, told | _tensors(astray.batch))
        raise ModelError(
            f"The loss is {astray.loss} at step {astray.step}: the run has gone astray. Its clips "
            f"({', '.join(clips[:2])}{', ...' if clips[2:] else ''}) are kept in {path}. "
            "Train again with --fresh and a lower --rate."
        ) from None


def _tensors(batch: Any) -> dict[str, Tensor]:
    values = {one.name: getattr(batch, one.name) for one in fields(batch)}
    return {name: value for name, value in values.items() if isinstance(value, Tensor)}
