"""How a folder that was built becomes a release: found again or named, signed, written down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.files import file_sha256
from kinetics_builder.signing import sign
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.folder import SUMS, publish
from pipelines.publishing.folders.line_marks import LINES, note_lines
from pipelines.publishing.folders.names import check_name, find_release, next_name, record_release

SIGNATURE = f"{SUMS}.sig"
"""Of `SUMS`, by the owner's key: 64 bytes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a release is to be called, and who signs it."""

    name: str | None = None
    """Of the new folder; the prefix and a number without it."""
    key: Path | None = None
    """A private Ed25519 key as PEM: the checksums are signed by it."""
    prefix: str = "v"

    def check(self) -> None:
        """Refuse a name that is none, and a key that signs nothing, before anything is written.

        Raises:
            WorkspaceError: No folder of releases may be called so.
            ConfigError: The key signs nothing.

        """
        if self.name is not None:
            check_name(self.name)
        if self.key is not None:
            sign(b"", self.key)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Which folder holds what was built."""

    folder: Path
    is_new: bool
    """False when a release with the same content was there already."""
    content_hash: str
    """SHA-256 of the release's checksum file: equal for equal content."""


def hand_over(
    workspace: Workspace, built: Path, wanted: Wanted, finish: Callable[[], Path | None]
) -> HandedOver:
    """Give a built folder, with its checksums, its name, or find the release that equals it.

    Args:
        workspace: Where.
        built: The folder; see `folder.building`.
        wanted: Checked before.
        finish: What is still to be done where the release is new: placing large files. It may
            return a folder with marks of lines that are known.

    Raises:
        WorkspaceError: The name is taken by other content, or a release was changed since.

    """
    content_hash = file_sha256(built / SUMS)
    folder = find_release(workspace.releases, wanted.name, content_hash)
    is_new = folder is None
    if folder is None:
        folder = workspace.releases / (wanted.name or next_name(workspace.releases, wanted.prefix))
        known = finish()
        note_lines(built, workspace.root / LINES / folder.name, known=known)
        sign_folder(built, wanted.key)
        publish(built, folder)
    sign_folder(folder, wanted.key)
    folder.touch()  # the newest release is the one made or found again last
    record_release(workspace, folder, content_hash)
    return HandedOver(folder, is_new, content_hash)


def sign_folder(folder: Path, key: Path | None) -> None:
    """Sign the checksums, where that is asked for and not done."""
    if key is None:
        return
    signature, target = sign((folder / SUMS).read_bytes(), key), folder / SIGNATURE
    if not target.is_file() or target.read_bytes() != signature:
        partial = folder / f".{SIGNATURE}.part"
        partial.write_bytes(signature)
        partial.replace(target)
