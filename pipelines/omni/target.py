"""What is known of a target's validation set, which nothing from the web may hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.released_clips import TABLE, released_pages
from pipelines.kinetics.against import older_rows

SPLITS = ("validate", "test")
"""Those of a target that are measured on."""


@dataclass(frozen=True)
class Target:
    """The clips of a target that are measured on."""

    name: str
    ids: dict[str, str] = field(default_factory=dict)
    """Videos, with the name of a clip of each."""
    files: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of clips' files, with their names."""
    uploaders: dict[str, str] = field(default_factory=dict)
    """Keyed hashes, as releases of this workspace have them, with the name of a clip of each."""
    prints: dict[str, bytes] = field(default_factory=dict)
    """Fingerprints of clips by their names."""

    @classmethod
    def read(cls, path: Path, splits: Sequence[str] = SPLITS) -> "Target":
        """Read a release's folder, a released file, or a list of ids.

        Of rows that say no split, and of lists of ids, all are taken.

        Raises:
            FormatError: It cannot be read, or holds nothing of these splits.

        """
        target = cls(path.resolve().name)
        for row in older_rows(path, target.name, splits):
            target.ids.setdefault(row["video_id"], row["name"])
            if row["sha256"]:
                target.files.setdefault(row["sha256"], row["name"])
        if not target.ids:
            raise FormatError(
                f"{path} holds no row of {' or '.join(splits)}. Give the release, the list or the "
                "ids of what is measured on; --split names other splits."
            )
        if path.is_dir() and (path / TABLE).is_file():
            target._take_table(path / TABLE, splits)
        return target

    def _take_table(self, path: Path, splits: Sequence[str]) -> None:
        for page in released_pages(path, ["file", "split", "uploader", "fingerprint"]):
            for file, split, uploader, data in zip(*page.values(), strict=True):
                if split in splits and uploader:
                    self.uploaders.setdefault(uploader, file)
                if split in splits and data is not None:
                    self.prints[file] = data
