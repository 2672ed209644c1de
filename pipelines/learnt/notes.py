"""What a trained network has learnt from: the videos, and the files, by their ids and hashes.

A run notes them in a file of its own, with those of the network that it started from: so it is
known later, whatever became of the release.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats import parquet
from pipelines.kinetics.against import older_rows

LEARNT = "learnt.parquet"
_COLUMNS = {"youtube_id": "string", "sha256": "string"}
_LEARNT_SPLITS = ("train",)


@dataclass(frozen=True)
class Learnt:
    """Clips that a network has learnt from."""

    clips: frozenset[tuple[str, str]]
    """(video, SHA-256 of the clip's file; "" where that is not known)."""

    @property
    def videos(self) -> set[str]:
        """Return the videos' ids."""
        return {video for video, _ in self.clips}

    @property
    def files(self) -> set[str]:
        """Return the files' hashes."""
        return {sha256 for _, sha256 in self.clips} - {""}


def note_learnt(run: Path, datasets: Iterable[Path], init: Path | None = None) -> None:
    """Write down what the network in the folder `run` has learnt from.

    Args:
        run: Its folder.
        datasets: Releases, of which it is the split train, or other datasets as
            `kbuild releases check --against` takes them.
        init: The folder of the network that it started from.

    Raises:
        FormatError: A dataset cannot be read.

    """
    before = learnt_of(init) if init is not None else None
    clips = {clip for path in datasets for clip in _clips(path)}
    clips |= before.clips if before is not None else frozenset()
    rows = ({"youtube_id": video, "sha256": sha256} for video, sha256 in sorted(clips))
    parquet.write(run / LEARNT, _COLUMNS, rows)


def _clips(path: Path) -> Iterable[tuple[str, str]]:
    for row in older_rows(path, path.name, _LEARNT_SPLITS):
        yield row["video_id"], row["sha256"]


def learnt_of_release(release: Path) -> Learnt:
    """Return what a network has learnt from that was trained on a release and on nothing else."""
    return Learnt(frozenset(_clips(release)))


def learnt_of(run: Path) -> Learnt | None:
    """Return what the network in a folder has learnt from; None where it is not noted.

    Raises:
        FormatError: The note is damaged.

    """
    path = run / LEARNT
    if not path.is_file():
        return None
    return Learnt(frozenset((row["youtube_id"], row["sha256"]) for row in parquet.rows(path)))
