"""Features along whole videos: what a layer of a trained network gives, moment by moment.

Shapes, as name suffixes: T moments, D features.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from kinetics_builder.errors import ModelError
from kinetics_builder.files import file_sha256
from kinetics_builder.video.reading.timeline import read_timeline
from models.checkpoints.files import write_whole
from models.checkpoints.store import TrainedNetwork, load_network
from models.clips.decode import decode_at
from models.clips.sampling import frame_times
from models.evaluation.features import LayerNetwork
from models.evaluation.predict import Asking, as_they_are
from models.evaluation.teacher import weights_of
from models.evaluation.views import view_crops

_AT_ONCE = 256
"""Pictures of a video that are held at a time."""
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class DenseFeatures:
    """Asks a network about windows that follow one another; what was asked is kept in a folder."""

    trained: TrainedNetwork
    layer: str
    every_seconds: float
    weights_sha256: str
    kept: Path

    @classmethod
    def open(
        cls, run: Path, layer: str, every_seconds: float | None, kept: Path
    ) -> "DenseFeatures":
        """Open the network in `run`; without `every_seconds`, windows overlap by three quarters.

        Raises ModelError for networks that see boxes, flow, or several stretches at a time.
        """
        trained = load_network(run)
        spec = trained.card.spec
        sampling = spec.view_sampling
        if spec.is_detector or sampling.modality != "rgb" or sampling.num_segments != 1:
            raise ModelError(
                f"{run} is {spec.name}; expected a network that sees one stretch of RGB at a time."
            )
        every = every_seconds or sampling.span_seconds / 4
        return cls(trained, layer, every, file_sha256(weights_of(run)), kept)

    def of_video(self, path: Path, seconds: float) -> Floats:
        """Return features_TD of a video of that length; raises ItemFailed as `decode_at` does.

        Moment t is the window around (t + 0.5) `every_seconds`, moved to lie inside the video.
        """
        key = f"{self.weights_sha256[:16]}-{self.layer}-{self.every_seconds:g}"
        file = self.kept / key / f"{path.stem}.npy"
        if file.is_file():
            found: Floats = np.load(file)
            return found
        features = self._asked(path, seconds)

        def write(part: Path) -> None:
            with part.open("wb") as opened:
                np.save(opened, features)

        write_whole(file, write)
        return features

    def _asked(self, path: Path, seconds: float) -> Floats:
        spec, line = self.trained.card.spec, read_timeline(path)
        sampling, count = spec.view_sampling, max(1, math.ceil(seconds / self.every_seconds - 1e-6))
        middles = (np.arange(count) + 0.5) * self.every_seconds
        last = max(0.0, seconds - sampling.span_seconds)
        starts = (middles - sampling.span_seconds / 2).clip(0, last)
        network = LayerNetwork(self.trained.network, self.layer)
        asking = Asking(network, spec.normalisation, torch.device("cpu"), reading=as_they_are)
        step = max(1, _AT_ONCE // sampling.num_frames)
        for first in range(0, count, step):
            times = np.stack(
                [
                    frame_times(float(one), sampling.num_frames, sampling.step_seconds, seconds)
                    for one in starts[first : first + step]
                ]
            )
            shown = decode_at(path, times.ravel(), sampling.short_side, line=line)
            for frames_THWC in shown.reshape(*times.shape, *shown.shape[1:]):
                crops = view_crops(spec, frames_THWC)
                asking.take([crops[len(crops) // 2]])
        return asking.averaged(count)
