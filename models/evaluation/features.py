"""Features of clips: what a layer of a trained network gives, averaged over a clip's views.

Shapes, as name suffixes: N clips, D features, B batch, C channels, T frames, H height, W width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.manifest import ManifestRow
from models.checkpoints.store import load_network
from models.clips.release import BrokenClip, read_release
from models.evaluation.opened import open_network
from models.evaluation.predict import as_they_are
from models.evaluation.teacher import weights_of
from models.explaining.units import find_layer, listening, pooled
from models.training.runtime import Runtime

TRUNK = "backbone"
"""All before the classifier: what its pathways give, side by side."""


@dataclass(frozen=True)
class ClipFeatures:
    """Features of the clips that could be read."""

    network: str
    layer: str
    """Its path in the network."""
    weights_sha256: str
    release_sha256: str
    rows: Sequence[ManifestRow]
    features_ND: NDArray[np.float32]
    broken: Sequence[BrokenClip]


class LayerNetwork(nn.Module):
    """A network that answers with what one of its layers gives."""

    def __init__(self, network: nn.Module, layer: str) -> None:
        super().__init__()
        self.network, self.layer = network, layer
        self.part = find_layer(network, layer)

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        """Return features_BD: of maps and tokens, the mean over all positions."""
        with listening(self.part) as heard:
            self.network(x_BCTHW)
        if heard.output is None:
            raise ModelError(f"The layer {self.layer!r} gives no features; choose one in it.")
        return pooled(heard.output)


def clip_features(
    checkpoint: Path,
    release: Path,
    layer: str = TRUNK,
    splits: Sequence[str] = ("train", "validate", "test"),
    runtime: Runtime | None = None,
) -> ClipFeatures:
    """Return the features of the clips of these splits, in the manifest's order.

    A clip's views are those of its network's test. Raises ModelError without the layer, and where
    there is no clip, or none can be read.
    """
    data, trained = read_release(release), load_network(checkpoint)
    if trained.card.spec.is_detector:
        raise ModelError(
            f"{checkpoint} is {trained.card.spec.name}, a detector; expected a network that tells "
            "clips apart."
        )
    weights = weights_of(checkpoint)
    opened = open_network(trained, weights.parent, data, runtime or Runtime())
    rows = [row for row in data.rows if row.split in splits]
    if not rows:
        raise ModelError(f"{release} has no clip of {', '.join(splits)}: --split names another.")
    usable = opened.frames.usable(tuple(rows))
    asked = opened.predictor(LayerNetwork(trained.network, layer), as_they_are)
    said = asked.predict(usable)
    if not said.rows:
        raise ModelError(
            f"{release}: none of the {len(rows)} clips of {', '.join(splits)} is readable."
        )
    return ClipFeatures(
        network=trained.card.spec.name,
        layer=layer,
        weights_sha256=file_sha256(weights),
        release_sha256=data.sha256,
        rows=said.rows,
        features_ND=said.scores_NK,
        broken=[*opened.frames.broken_of(tuple(rows)), *said.broken],
    )
