"""Features along whole videos: what a layer of a trained network gives, moment by moment.

Shapes, as name suffixes: T moments, D features.
"""

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kinetics_builder.errors import ItemFailed, ModelError, Reason
from kinetics_builder.files import file_sha256
from kinetics_builder.places import raise_if_unread
from kinetics_builder.video.reading.timeline import Timeline, read_timeline
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
_MOST_MOMENTS = 1_000_000
_DAMAGE = (OSError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile)
Floats = NDArray[np.float32]


class Seen(NamedTuple):
    """What a network says along a video."""

    features_TD: Floats
    seconds: float
    """How long the video is."""


@dataclass(frozen=True)
class DenseFeatures:
    """Asks a network about windows that follow one another; what was asked is kept in a folder."""

    trained: TrainedNetwork
    layer: str
    every_seconds: float
    weights_sha256: str
    kept: Path
    device: torch.device

    @classmethod
    def open(
        cls, run: Path, layer: str, every_seconds: float | None, kept: Path, device: torch.device
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
        trained.network.to(device)
        every = every_seconds or sampling.span_seconds / 4
        return cls(trained, layer, every, file_sha256(weights_of(run)), kept, device)

    def of_video(self, path: Path) -> Seen:
        """Return what the network says along a video; raises ItemFailed as `decode_at` does.

        Moment t is the window around (t + 0.5) `every_seconds`, moved to lie inside the video.
        A video that has changed since is asked about anew.
        """
        key = f"{self.weights_sha256[:16]}-{self.layer}-{self.every_seconds:g}"
        file, version = self.kept / key / f"{path.name}.npz", _version(path)
        if (found := _kept(file, version)) is not None:
            return found
        line = read_timeline(path)
        seen = Seen(self._asked(path, line), line.end_seconds())

        def write(part: Path) -> None:
            with part.open("wb") as opened:
                np.savez(opened, **seen._asdict(), version=version)

        write_whole(file, write)
        return seen

    def _asked(self, path: Path, line: Timeline) -> Floats:
        spec, seconds = self.trained.card.spec, line.end_seconds()
        sampling, count = spec.view_sampling, self._num_moments(seconds)
        middles = (np.arange(count) + 0.5) * self.every_seconds
        last = max(0.0, seconds - sampling.span_seconds)
        starts = (middles - sampling.span_seconds / 2).clip(0, last)
        network = LayerNetwork(self.trained.network, self.layer)
        asking = Asking(network, spec.normalisation, self.device, reading=as_they_are)
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

    def _num_moments(self, seconds: float) -> int:
        moments = seconds / self.every_seconds
        if moments > _MOST_MOMENTS:
            raise ItemFailed(
                Reason.TOO_LARGE,
                f"{seconds:g} s every {self.every_seconds:g} s are more than {_MOST_MOMENTS:,} "
                "windows",
            )
        return max(1, math.ceil(moments - 1e-6))


def _version(path: Path) -> list[int]:
    """Return what changes with a file's content; raises ItemFailed where there is none."""
    try:
        state = path.stat()
    except OSError as error:
        raise ItemFailed(Reason.MISSING, f"cannot be read: {error.strerror}") from error
    return [state.st_size, state.st_mtime_ns]


def _kept(file: Path, version: list[int]) -> Seen | None:
    """Return what was kept of this version of a video; None where that is not, or not whole."""
    if not file.is_file():
        return None
    try:
        with np.load(file) as found:
            if found["version"].tolist() != version:
                return None
            return Seen(found["features_TD"], float(found["seconds"]))
    except _DAMAGE as error:
        raise_if_unread(error, file)
        return None
