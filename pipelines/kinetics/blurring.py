"""Who finds the faces that `cut` blurs."""

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ConfigError

if TYPE_CHECKING:
    from kinetics_builder.video.cutting.faces import FaceFinder

PACKAGE = "facenet_pytorch"


def said_of_faces(config: CutConfig) -> list[str]:
    """Return what a hash of settings is made of; empty where faces stay as they are.

    Raises:
        ConfigError: The package that finds faces is not installed.

    """
    if not config.blur_faces:
        return []
    if find_spec(PACKAGE) is None:
        raise ConfigError(
            "cut.blur_faces needs a package that is not installed: "
            "`pip install 'kinetics-builder[faces]'`."
        )
    return ["faces", PACKAGE, version("facenet-pytorch")]


@cache
def load_finder() -> "FaceFinder":
    """Load the finder of faces once a process."""
    from models.detection.faces import MtcnnFaces

    return MtcnnFaces()
