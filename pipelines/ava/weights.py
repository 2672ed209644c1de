"""Where a detector's weights are, and how torchvision's own get there: only when asked."""

from pathlib import Path

from kinetics_builder.ava.settings import DetectConfig
from kinetics_builder.errors import ConfigError, SourceError
from kinetics_builder.workspace import Workspace

HOG, TRAINED = "hog", "trained"
"""Detectors that are none of torchvision's."""

OWN = "detector.pt"
"""What `kbuild train-detector` writes into a workspace."""


def weights_of(workspace: Workspace) -> Path | None:
    """Return the file of the detector's weights, None for one that needs none.

    A file that is named but not there is returned all the same: whoever reads it says so.
    """
    config = workspace.config.detect
    if config.detector == HOG:
        return None
    if _is_file(config):
        return workspace.detector_weights
    if config.detector == TRAINED:
        return workspace.root / OWN
    which = f"-{config.weights}" if config.weights else ""
    return workspace.root / "weights" / f"{config.detector}{which}.pth"


def require_weights(workspace: Workspace) -> None:
    """Raise ConfigError, with what to do, where the detector's weights are not there."""
    config, file = workspace.config.detect, weights_of(workspace)
    if file is None or file.is_file():
        return
    if _is_file(config):
        raise ConfigError(f"detect.weights names {file}, where there is no file.")
    if config.detector == TRAINED:
        raise ConfigError(
            f"detect.detector is {TRAINED}, and {file} is not there. Let `kbuild train-detector` "
            "make it from boxes that people drew, or name another file by detect.weights."
        )
    raise ConfigError(
        f"detect.detector is {config.detector}, whose weights are not here. Name a file of them "
        "by detect.weights in kbuild.toml, or let `kbuild ava detect --download` fetch "
        "torchvision's own."
    )


def fetch_weights(workspace: Workspace) -> Path | None:
    """Fetch torchvision's own weights of the detector, if they are not there; return the file.

    Raises:
        ModelError: There is no such detector, or no such weights.
        SourceError: They cannot be fetched.

    """
    config, file = workspace.config.detect, weights_of(workspace)
    if file is None or file.is_file() or _is_file(config) or config.detector == TRAINED:
        return file
    from http.client import HTTPException
    from urllib.error import HTTPError

    from torch.hub import download_url_to_file

    from models.detection.persons import own_weights

    known = own_weights(config.detector, config.weights)
    digest = Path(known.url).stem.rpartition("-")[2]
    file.parent.mkdir(exist_ok=True)
    try:
        download_url_to_file(known.url, str(file), hash_prefix=digest, progress=False)
    except (OSError, RuntimeError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is the site's answer, and holds its connection
        raise SourceError(
            f"{known.url}: cannot be fetched: {error or type(error).__name__}. Try again, or name "
            "a file of weights by detect.weights in kbuild.toml."
        ) from error
    return file


def _is_file(config: DetectConfig) -> bool:
    """Say whether the setting names a file, and not weights of torchvision's."""
    return "/" in config.weights or "." in config.weights
