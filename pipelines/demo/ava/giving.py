"""What is given away: the release, how right its rows are, and how many of them are of use."""

from collections.abc import Sequence
from pathlib import Path

from kinetics_builder.ava.checking.settings import Settings
from kinetics_builder.workspace import Workspace
from pipelines.ava.checking import check
from pipelines.ava.releasing.release import Asked, release
from pipelines.demo.ava import claims
from pipelines.demo.ava.tally import StepTally, owners_of, tally_labels
from pipelines.demo.ava.truth import FilmTruth


def give_away(
    workspace: Workspace, truths: Sequence[FilmTruth]
) -> tuple[Path, tuple[StepTally, ...]]:
    """Release what people said; return the folder, and how right and how useful it is."""
    folder = release(workspace, Asked()).folder
    boxes, labels = claims.released(folder)
    rows = tally_labels("release", labels, boxes, owners_of(boxes, truths), truths)
    return folder, (rows, _tally_use(folder))


def _tally_use(folder: Path) -> StepTally:
    """Return how many of the release's key frames training and measuring use."""
    report = check("kbuild", folder, None, Settings())
    stated = sum(part.stated.key_frames for part in report.parts)
    used = sum(part.used.key_frames for part in report.parts)
    lost = {one.what: one.count for one in report.findings if one.fails}
    return StepTally("check", "key frames", stated, used, used, lost)
