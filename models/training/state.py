"""What a run is made of while it goes, and how it is put down and taken up again."""

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import optim

from kinetics_builder.errors import ModelError
from models.checkpoints.states import load_state
from models.checkpoints.torch_files import save_torch
from models.clips.release import BrokenClip
from models.network import VideoNetwork

LAST = "last.pt"
_PARTS = {"identity", "step", "network", "optimiser", "broken", "metrics", "cpu_random"}
_AVERAGED = "averaged"


@dataclass
class TrainingState:
    """Weights, optimiser and place. Rates and batches are functions of the step."""

    network: VideoNetwork
    optimiser: optim.Optimizer
    identity: str
    step: int = 0
    broken: dict[str, BrokenClip] = field(default_factory=dict)
    """Clips that failed while training, by file."""
    metrics: dict[str, float] = field(default_factory=dict)
    """The newest values of the log."""
    averaged: VideoNetwork | None = None
    """The network with averaged weights; its buffers are those of `network`."""

    @property
    def judged(self) -> VideoNetwork:
        """Return what is measured and kept in the end."""
        return self.network if self.averaged is None else self.averaged

    @torch.no_grad()
    def keep_average(self, decay: float) -> None:
        """Move the averaged weights towards the newest: `decay` of them stays; 0 averages nothing.

        In the first steps less stays, so that the untrained weights are soon forgotten.
        """
        if not decay:
            return
        if self.averaged is None:
            self.averaged = deepcopy(self.network)
        share = 1 - min(decay, (1 + self.step) / (10 + self.step))
        pairs = zip(self.averaged.parameters(), self.network.parameters(), strict=True)
        for averaged, newest in pairs:
            averaged.lerp_(newest, share)
        for kept, buffer in zip(self.averaged.buffers(), self.network.buffers(), strict=True):
            kept.copy_(buffer)

    def save(self, folder: Path) -> None:
        """Write `last.pt`: all of it, or the one before stays."""
        data = {
            "identity": self.identity,
            "step": self.step,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "broken": [[clip.file, clip.reason] for clip in self.broken.values()],
            "metrics": self.metrics,
            "cpu_random": torch.get_rng_state(),
            _AVERAGED: None if self.averaged is None else self.averaged.state_dict(),
            "cuda_random": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }
        save_torch(folder / LAST, data)

    def resume(self, folder: Path) -> bool:
        """Take up `last.pt` and return True; return False where there is none."""
        path = folder / LAST
        if not path.is_file():
            return False
        data = load_state(path, _PARTS)
        if data["identity"] != self.identity:
            raise ModelError(f"{path} belongs to another run. Use --fresh or another --out.")
        self.network.load_state_dict(data["network"])
        self.optimiser.load_state_dict(data["optimiser"])
        if data.get(_AVERAGED) is not None:
            self.averaged = deepcopy(self.network)
            self.averaged.load_state_dict(data[_AVERAGED])
        self.step, self.metrics = data["step"], data["metrics"]
        self.broken = {file: BrokenClip(file, reason) for file, reason in data["broken"]}
        torch.set_rng_state(data["cpu_random"])
        if data["cuda_random"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(data["cuda_random"])
        return True


def saved_identity(folder: Path) -> str | None:
    """Return which run the state in `folder` is of, None where there is no whole one."""
    try:
        return str(load_state(folder / LAST, _PARTS)["identity"])
    except (ModelError, FileNotFoundError):
        return None
