"""A trained network with the frames of a release before it."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from models.checkpoints.store import TrainedNetwork
from models.clips.opening import CachePolicy, OpenFrames, open_frames
from models.clips.release import Release
from models.evaluation.predict import Predictor, Reading, probabilities
from models.network import channels_last
from models.training.device import choose_device
from models.training.runtime import Runtime


@dataclass(frozen=True)
class OpenNetwork:
    """A network, and a release's frames at the size and rate that it sees."""

    trained: TrainedNetwork
    frames: OpenFrames
    runtime: Runtime
    device: torch.device

    def predictor(
        self,
        network: nn.Module | None = None,
        reading: Reading = probabilities,
    ) -> Predictor:
        """Return what asks the network, or another one that sees the same, about clips."""
        asked = (network or self.trained.network).to(self.device)
        return Predictor(
            network=channels_last(asked),
            spec=self.trained.card.spec,
            source=self.frames.source,
            device=self.device,
            reading=reading,
            num_workers=0 if self.frames.is_cached else self.runtime.num_workers,
        )


def open_network(
    trained: TrainedNetwork, folder: Path, data: Release, runtime: Runtime
) -> OpenNetwork:
    """Open the frames of `data` for a network of the run in `folder`.

    Raises ModelError where none of its clips is readable, or they are not what it sees.
    """
    torch.set_num_threads(runtime.num_threads)
    device = choose_device(runtime.device)
    policy = CachePolicy(
        folder=runtime.cache or folder.parent / "frames",
        max_bytes=runtime.cache_bytes,
        num_workers=max(1, runtime.num_workers),
        clips=runtime.clips,
        flow=runtime.flow,
    )
    frames = open_frames(data, trained.card.spec.sampling, policy, lambda line: None)
    return OpenNetwork(trained, frames, runtime, device)
