"""A trained network asked about what the web gave: pictures, clips, stretches of long videos.

Shapes, as name suffixes: T frames, H height, W width, C channels, S stretches, K classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from kinetics_builder.errors import ItemFailed, ModelError, Reason
from kinetics_builder.files import file_sha256
from kinetics_builder.intervals import Interval
from kinetics_builder.video.reading.timeline import read_timeline
from models.checkpoints.store import WEIGHTS, Card, TrainedNetwork, load_network
from models.clips.decode import Frames, decode_at, scaled_size
from models.clips.sampling import view_times
from models.evaluation.predict import Asking
from models.evaluation.views import view_crops
from models.network import channels_last

_AT_ONCE = 256
"""Pictures of a video that are held at a time."""


def weights_of(checkpoint: Path) -> Path:
    """Return the weights in `checkpoint`: a run's folder, or the file itself."""
    return checkpoint / WEIGHTS if checkpoint.is_dir() else checkpoint


def describe(checkpoint: Path) -> tuple[Card, str]:
    """Return the card of a network that can teach, and the SHA-256 of its weights.

    Raises:
        ModelError: There is none, it is damaged, or it sees boxes or flow.

    """
    card = load_network(checkpoint).card
    if card.spec.is_detector or card.spec.sampling.modality != "rgb":
        what = "boxes" if card.spec.is_detector else card.spec.sampling.modality.replace("_", " ")
        raise ModelError(
            f"{checkpoint} is {card.spec.name}, which is asked about {what}; expected a network "
            "that sees RGB clips and names one class (`kbuild train-baseline` on a release)."
        )
    return card, file_sha256(weights_of(checkpoint))


@dataclass(frozen=True)
class Teacher:
    """A network on the CPU, and how it looks at things."""

    trained: TrainedNetwork

    @classmethod
    def load(cls, checkpoint: Path, sha256: str) -> "Teacher":
        """Load the network whose weights have that sum; ModelError for any other.

        One thread is set for all of torch in this process.
        """
        if not weights_of(checkpoint).is_file() or file_sha256(weights_of(checkpoint)) != sha256:
            raise ModelError(
                f"{weights_of(checkpoint)} is gone, or no longer the network that was named. "
                "Name one again: `kbuild omni score --teacher CHECKPOINT`."
            )
        torch.set_num_threads(1)
        return cls(load_network(checkpoint))

    def of_picture(self, path: Path) -> NDArray[np.float32]:
        """Return scores_SK of a picture, as a clip in which nothing moves: S is 1.

        Raises ItemFailed(BROKEN) for a file that is none.
        """
        sampling = self.trained.card.spec.view_sampling
        picture_HWC = _read(path, sampling.short_side)
        frames_THWC = np.repeat(picture_HWC[np.newaxis], sampling.num_frames, axis=0)
        asking = self._asking()
        asking.take(view_crops(self.trained.card.spec, frames_THWC))
        return asking.averaged(1)

    def of_stretches(self, path: Path, stretches: Sequence[Interval]) -> NDArray[np.float32]:
        """Return scores_SK of stretches of a video, in the file's time, first to last.

        Raises ItemFailed as `decode_at` does.
        """
        spec, line, asking = self.trained.card.spec, read_timeline(path), self._asking()
        views = [self._times(stretch) for stretch in stretches]
        step = max(1, _AT_ONCE // max(1, views[0].size if views else 1))
        for first in range(0, len(views), step):
            times = np.stack(views[first : first + step])
            shown = decode_at(path, times.ravel(), spec.sampling.short_side, line=line)
            for frames_THWC in shown.reshape(-1, times.shape[-1], *shown.shape[1:]):
                asking.take(view_crops(spec, frames_THWC))
        return asking.averaged(len(stretches))

    def _times(self, stretch: Interval) -> NDArray[np.floating]:
        """Return the times of each view of a stretch, one row a view."""
        spec = self.trained.card.spec
        views = view_times(spec.view_sampling, stretch.length, spec.views.num_clips)
        return np.stack(views) + stretch.start

    def _asking(self) -> Asking:
        network = channels_last(self.trained.network)
        return Asking(network, self.trained.card.spec.normalisation, torch.device("cpu"))


def _read(path: Path, short_side: int) -> Frames:
    """Return a picture upright, scaled to `short_side` pixels."""
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
            size = scaled_size(*upright.size, short_side)
            return np.asarray(upright.resize(size, Image.Resampling.BOX))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ItemFailed(Reason.BROKEN, f"no picture that can be read: {error}") from error
