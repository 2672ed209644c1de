"""Which release at hand a network has learnt from, whatever kind of network it is."""

from collections.abc import Iterable
from pathlib import Path

from kinetics_builder.errors import KbuildError


def told_of_release(run: Path, releases: Iterable[Path]) -> str:
    """Return in a sentence which of the releases the network in `run` has learnt from, or "".

    Detectors know a release by all of its annotations, other networks by its lists. Raises
    ModelError where `run` holds no network.
    """
    from models.checkpoints.store import read_spec
    from models.checkpoints.weights import read_card
    from models.training.baseline import read_course

    spec, wanted = read_spec(run), read_card(run).get("release_sha256")
    for folder in releases if wanted else ():
        try:
            if read_course(spec, folder).sha256 == wanted:
                return f"It has learnt from {folder}."
        except KbuildError:
            continue  # a folder of another kind
    return ""
