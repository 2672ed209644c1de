"""Verb `releases sign`: the checksums of a release, and what is said beside it, by a key."""

from pathlib import Path

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.broken import check_folder
from pipelines.publishing.folders.errata import ERRATA, sign_errata
from pipelines.publishing.folders.folder import SUMS
from pipelines.publishing.folders.handing_over import Wanted, sign_folder
from pipelines.publishing.folders.names import noted_hash


def sign_release(workspace: Workspace, folder: Path, key: Path) -> None:
    """Sign a release that is as it was made, in place of a signature that it had.

    Raises:
        ConfigError: The key signs nothing.
        WorkspaceError: A file is not as it was made, or the checksums are not.

    """
    Wanted(key=key).check()
    check_folder(folder)
    if noted_hash(workspace, folder) not in (None, file_sha256(folder / SUMS)):
        raise WorkspaceError(
            f"{folder / SUMS} was changed since it was released. `kbuild releases check "
            f"{folder.name}` tells where; nothing was signed."
        )
    sign_folder(folder, key)
    if (folder / ERRATA).is_file():
        sign_errata(folder, key)
