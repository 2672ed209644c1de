"""A release as training sees it: labels, clips by split, and a hash of it all. No torch."""

import errno
import hashlib
import os
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.manifest import ManifestRow, read_manifest
from kinetics_builder.formats.release_files import MANIFEST
from models.clips.places import ClipPlace

SPLITS = ("train", "validate", "test")


REMEDY = "`kbuild releases check` lists such clips of a release."
"""For a file that is another than its row says."""


@dataclass(frozen=True, slots=True)
class BrokenClip:
    """A clip that could not be read: left out, counted and listed, never replaced."""

    file: str
    reason: str


class Missing(StrEnum):
    """What becomes of clips that cannot be read where accuracy is measured; none is replaced."""

    LEAVE_OUT = "leave-out"
    COUNT_WRONG = "count-wrong"


MUCH_MISSING = 0.02
"""Share of missing clips from which on a run says so before it begins, and its card at its head."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release folder, read."""

    folder: Path
    labels: tuple[str, ...]
    rows: tuple[ManifestRow, ...]
    sha256: str
    """Hash of the manifest and the labels, hence of every clip's hash."""
    place: ClipPlace | None = None
    """What has its clips; None: its folder."""

    def split(self, name: str) -> tuple[ManifestRow, ...]:
        """Return the clips of one split, in the manifest's order."""
        if name not in SPLITS:
            raise ModelError(f"There is no split {name!r}. Known: {', '.join(SPLITS)}.")
        return tuple(row for row in self.rows if row.split == name)

    def path(self, row: ManifestRow) -> Path:
        """Return where the clip's file lies, copied to this machine where it must be.

        Raises ItemFailed where that cannot be.
        """
        return self.folder / row.file if self.place is None else self.place.here(row)


def release_sha256(folder: Path) -> str:
    """Return the hash of a release's manifest and labels, without reading the rows."""
    manifest, classes = _files(folder)
    return hashlib.sha256(manifest.read_bytes() + b"\0" + classes.read_bytes()).hexdigest()


def read_release(folder: Path) -> Release:
    """Read `clips.csv` and `classes.txt` of a release folder."""
    manifest, classes = _files(folder)
    labels = tuple(classes.read_text(encoding="utf-8").split("\n"))
    labels = tuple(label for label in labels if label)
    rows = tuple(read_manifest(manifest))
    _check(manifest, labels, rows)
    return Release(folder, labels, rows, release_sha256(folder))


def _files(folder: Path) -> tuple[Path, Path]:
    """Return the manifest and the list of labels."""
    manifest, classes = folder / MANIFEST, folder / "classes.txt"
    for path in (manifest, classes):
        if not path.is_file():
            raise ModelError(
                f"{folder} is no release: it has no {path.name}. "
                "Give the folder that `kbuild release` wrote; `kbuild releases adopt` makes one of "
                "others' clips."
            )
    return manifest, classes


def _check(manifest: Path, labels: tuple[str, ...], rows: tuple[ManifestRow, ...]) -> None:
    if not rows:
        raise ModelError(f"{manifest} lists no clip: there is nothing to learn from.")
    if repeated := [label for label, count in Counter(labels).items() if count > 1]:
        raise ModelError(f"{manifest.parent / 'classes.txt'} has {repeated[0]!r} twice.")
    known = set(labels)
    for number, row in enumerate(rows, start=2):
        if row.label not in known:
            raise ModelError(f"{manifest}:{number}: the label {row.label!r} is not in classes.txt.")


def readable(release: Release, rows: tuple[ManifestRow, ...]) -> tuple[list[int], list[BrokenClip]]:
    """Return the positions in `rows` whose file is there at its listed size, and the others."""
    good, broken = [], []
    for index, row in enumerate(rows):
        try:
            size = _num_bytes(release, row)
        except OSError as error:
            broken.append(BrokenClip(row.file, error.strerror or "cannot be opened"))
            continue
        if size == row.bytes:
            good.append(index)
        else:
            broken.append(BrokenClip(row.file, f"{size} bytes, the manifest says {row.bytes}"))
    return good, broken


def _num_bytes(release: Release, row: ManifestRow) -> int:
    if release.place is None:
        return release.path(row).stat().st_size
    if (size := release.place.num_bytes(row)) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), row.file)
    return size
