"""Networks for single frames: torchvision's by name, and one small enough to learn at once.

Shapes, as name suffixes: N frames, H height, W width, C channels, K labels.
"""

from collections.abc import Sequence
from typing import Any

import torchvision.models
from torch import Tensor, nn
from torchvision.models import get_model, list_models

from kinetics_builder.errors import ModelError

TINY = "tiny"
"""Our own: plain convolutions that learn from scratch within seconds of one core."""
BY_WORDS = "open_clip:"
"""What the names of backbones begin with whose classifier is made of words: see `text_image`."""
TINY_WIDTHS = (16, 32, 64, 96, 128)
_AUXILIARY: dict[str, dict[str, Any]] = {"googlenet": {"aux_logits": False, "init_weights": True}}


class TinyClassifier(nn.Module):
    """3x3 convolutions with batch normalisation, halving the picture at each, and a mean.

    On a thousand pictures and a few hundred steps it learns what the small networks of
    torchvision, made for ImageNet's millions, have not begun to.
    """

    def __init__(self, num_classes: int, widths: Sequence[int] = TINY_WIDTHS) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        num_in = 3
        for number, width in enumerate(widths):
            layers += _unit(num_in, width, stride=2)
            if number:
                layers += _unit(width, width, stride=1)
            num_in = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(num_in, num_classes)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Return logits_NK."""
        logits_NK: Tensor = self.classifier(self.features(x_NCHW).mean((2, 3)))
        return logits_NK


def _unit(num_in: int, num_out: int, stride: int) -> list[nn.Module]:
    conv = nn.Conv2d(num_in, num_out, 3, stride, padding=1, bias=False)
    return [conv, nn.BatchNorm2d(num_out), nn.ReLU(inplace=True)]


def build_classifier(backbone: str, num_classes: int) -> nn.Module:
    """Build an untrained classifier: `tiny`, or one of torchvision's by name."""
    if backbone == TINY:
        return TinyClassifier(num_classes)
    if backbone.startswith(BY_WORDS):
        from models.image_scoring.text_image import TextImageClassifier

        return TextImageClassifier(backbone.removeprefix(BY_WORDS), num_classes)
    if backbone not in list_models(module=torchvision.models):
        raise ModelError(
            f"torchvision has no classifier {backbone!r}. Small ones: shufflenet_v2_x0_5, "
            f"mobilenet_v3_small, squeezenet1_1, resnet18; without weights also {TINY!r}."
        )
    network: nn.Module = get_model(
        backbone, weights=None, num_classes=num_classes, **_AUXILIARY.get(backbone, {})
    )
    return network


def last_layer(network: nn.Module) -> nn.Linear:
    """Return the layer that gives the logits; ModelError where it is no linear one."""
    layers = [module for module in network.modules() if not any(module.children())]
    linear = [module for module in layers if isinstance(module, nn.Linear)]
    if not linear or any(isinstance(m, nn.Conv2d) for m in layers[layers.index(linear[-1]) :]):
        raise ModelError(
            "The backbone does not end in a linear layer, so it cannot stay frozen. Take another, "
            "such as resnet18 or mobilenet_v3_small, or let all of it learn."
        )
    return linear[-1]
