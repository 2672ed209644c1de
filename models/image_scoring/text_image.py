"""Judging pictures by words alone: a text-image model of open_clip, as a classifier of its images.

What a text says of a label is worked out once; what is kept is the image tower with one row of
weights a label, which any scorer's folder holds. Source: arXiv:2103.00020, 3.1.

Shapes, as name suffixes: N pictures, H height, W width, C channels (RGB), D features, K labels.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.image_scoring.folder import BACKGROUND
from models.image_scoring.normalising import MEAN, STD

TEMPLATES = ("a photo of a person {}.", "a frame of a video of {}.", "{}.")
NOTHING = ("a photo of a room.", "a photo of a person.", "a photo.", "a title on a screen.")
"""What is seen where none of the labels is."""


class TextImageClassifier(nn.Module):
    """The image tower of a model by name, and a row of weights for each label."""

    factor: Tensor
    offset: Tensor

    def __init__(self, name: str, num_classes: int) -> None:
        super().__init__()
        self.visual = _model(name).visual
        self.classifier = nn.Linear(_num_features(self.visual), num_classes, bias=False)
        mean, std = (_stretched(self.visual, key) for key in ("image_mean", "image_std"))
        ours, spread = torch.tensor(MEAN).view(-1, 1, 1), torch.tensor(STD).view(-1, 1, 1)
        self.register_buffer("factor", spread / std, persistent=False)
        self.register_buffer("offset", (ours - mean) / std, persistent=False)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Return logits_NK for pictures normalised as all scorers' are."""
        features_ND = self.visual(x_NCHW * self.factor + self.offset)
        logits_NK: Tensor = self.classifier(F.normalize(features_ND, dim=1))
        return logits_NK


def from_words(name: str, weights: Path, labels: Sequence[str]) -> tuple[TextImageClassifier, int]:
    """Return the classifier of `labels` and the background, and the side of its pictures.

    Raises:
        ModelError: open_clip is missing, knows no such model, or the weights are of another.

    """
    import open_clip

    model = _model(name)
    try:
        with _offline():
            open_clip.load_checkpoint(model, str(weights))
            tokenizer = open_clip.get_tokenizer(name)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{weights} cannot be taken as weights of {name}: {reason}") from error
    model.eval()
    network = TextImageClassifier(name, len(labels) + 1)
    network.visual.load_state_dict(model.visual.state_dict())
    texts = [[template.format(label) for template in TEMPLATES] for label in labels]
    with torch.no_grad():
        rows = [_meaning(model, tokenizer, some) for some in (*texts, NOTHING)]
        network.classifier.weight.copy_(torch.stack(rows) * model.logit_scale.exp())
    return network, _side(model.visual)


def labels_of(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns that `from_words` gives."""
    return *labels, BACKGROUND[0]


def _meaning(model: Any, tokenizer: Any, texts: Sequence[str]) -> Tensor:
    features_KD = model.encode_text(tokenizer(list(texts)), normalize=True)
    return F.normalize(features_KD.mean(0), dim=0)


def _model(name: str) -> Any:
    try:
        import open_clip
    except ModuleNotFoundError as error:
        raise ModelError(
            "Judging by words needs open_clip, which is not installed. Run "
            "`pip install 'kinetics-builder[text-image]'`."
        ) from error
    if name not in open_clip.list_models():
        known = ", ".join(open_clip.list_models()[:200:20])
        raise ModelError(f"open_clip knows no model {name!r}. It knows such as {known}.")
    try:
        with _offline():
            return open_clip.create_model(name, pretrained=None, load_weights=False)
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"{name} needs files that are not inside open_clip: {error}. Take another model, such "
            "as ViT-B-32."
        ) from error


@contextmanager
def _offline() -> Iterator[None]:
    """Keep the libraries below from fetching anything."""
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


def _side(visual: Any) -> int:
    size = visual.image_size
    return int(size[0] if isinstance(size, (tuple, list)) else size)


def _num_features(visual: nn.Module) -> int:
    side = _side(visual)
    with torch.no_grad():
        return int(visual.eval()(torch.zeros(1, 3, side, side)).shape[1])


def _stretched(visual: Any, key: str) -> Tensor:
    import open_clip

    standard = {
        "image_mean": open_clip.OPENAI_DATASET_MEAN,
        "image_std": open_clip.OPENAI_DATASET_STD,
    }
    return torch.tensor(getattr(visual, key, None) or standard[key]).view(-1, 1, 1)
