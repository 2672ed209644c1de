"""Whether a network is measured on what it has learnt from.

K400's training set, for instance, has videos of K600's validation set. Videos and files go by
their ids and hashes, as `kbuild releases check --against` holds them; where the release that was
learnt from is another one and at hand, clips also by how they look.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.manifest import manifest_table
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE
from kinetics_builder.text.counting import counted
from pipelines.learnt.notes import learnt_of, learnt_of_release
from pipelines.publishing.clips.held_against import in_both

if TYPE_CHECKING:
    import pyarrow

OVERLAP = "overlap.json"
MOST_COMPARED = 5_000
"""Clips whose looks are compared without being asked to: the time grows with their pairs."""


@dataclass(frozen=True)
class Overlap:
    """What a split shares with what a network has learnt from."""

    split: str
    num_clips: int
    is_known: bool
    """Whether it is known at all what the network has learnt from."""
    shared: tuple[str, ...] = ()
    """Files of clips whose video, or file, it has learnt from."""
    alike: tuple[str, ...] = ()
    """What looks like something that it has learnt from, in words."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "split": self.split,
            "num_clips": self.num_clips,
            "is_known": self.is_known,
            "num_shared": len(self.shared),
            "num_alike": len(self.alike),
        }

    def lines(self) -> list[str]:
        """Return what there is to warn of."""
        of = f"of {counted(self.num_clips, 'clip')} of the split {self.split}"
        lines = []
        if self.shared:
            lines.append(
                f"Warning: {len(self.shared)} {of} are of videos that the network has learnt from, "
                f"or are the same files, for instance {self.shared[0]}: it is worth less than it "
                "seems."
            )
        if self.alike:
            lines.append(
                f"Warning: {len(self.alike)} {of} look like what the network has learnt from, for "
                f"instance {self.alike[0]}."
            )
        if not self.is_known:
            lines.append(
                f"It is not noted what the network has learnt from: whether it has seen clips "
                f"of the split {self.split} cannot be told (`kbuild checkpoint import "
                "--learnt-from`)."
            )
        return lines


def find_overlap(run: Path, release: Path, split: str, releases: Iterable[Path] = ()) -> Overlap:
    """Return what the split of a release shares with what the network in `run` has learnt from.

    Args:
        run: The network's folder.
        release: The folder of the release.
        split: One of its splits.
        releases: Other releases at hand.

    Raises:
        FormatError: A list or a note cannot be read.

    """
    manifest = _of_split(manifest_table(release / MANIFEST), split)
    learnt, at_hand = learnt_of(run), _learnt_release(run, [release, *releases])
    if learnt is None and at_hand is not None:
        learnt = learnt_of_release(at_hand)
    if learnt is None:
        return Overlap(split, len(manifest), is_known=False)
    files = manifest["file"].to_pylist()
    shared = tuple(files[row] for row in in_both(manifest, learnt.videos, learnt.files))
    alike: tuple[str, ...] = ()
    if at_hand is not None and at_hand.resolve() != release.resolve():
        alike = tuple(_alike(release, split, at_hand, {*shared}))
    return Overlap(split, len(manifest), True, shared, alike)


def _of_split(manifest: "pyarrow.Table", split: str) -> "pyarrow.Table":
    from pyarrow import compute

    return manifest.filter(compute.equal(manifest["split"], split))


def _learnt_release(run: Path, releases: Sequence[Path]) -> Path | None:
    """Return which of the releases the network in `run` was trained on, by its hash."""
    from models.checkpoints.weights import read_card
    from models.clips.release import release_sha256

    wanted = read_card(run).get("release_sha256")
    for folder in releases:
        try:
            if wanted and release_sha256(folder) == wanted:
                return folder
        except ModelError:
            continue  # a folder of another kind
    return None


def _alike(release: Path, split: str, learnt: Path, shared: set[str]) -> Iterator[str]:
    """Yield clips of the split that look like training clips of another release."""
    from kinetics_builder.config import DeduplicateConfig
    from pipelines.publishing.clips.alike import Side, alike_between

    sides = Side(release, split), Side(learnt, "train")
    if not all((side.folder / TABLE).is_file() for side in sides):
        return
    if sum(side.num_clips for side in sides) > MOST_COMPARED:
        return
    for one, other, similarity in alike_between(sides, DeduplicateConfig().min_similarity):
        if one not in shared:
            yield f"{one} like {other} ({similarity:.2f})"
