"""The kinds of release there are, and which of them a folder is."""

from pathlib import Path

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.ava.released.kind import FILMS
from pipelines.publishing.clips.kind import CLIPS
from pipelines.publishing.folders.kind import ReleaseKind
from pipelines.timelines.kind import SEGMENTS

KINDS = (CLIPS, FILMS, SEGMENTS)


def kind_of(folder: Path) -> ReleaseKind | None:
    """Return what kind of release a folder is; None if it is none of ours."""
    return next((kind for kind in KINDS if (folder / kind.sign).is_file()), None)


def known_kind(folder: Path) -> ReleaseKind:
    """Return the same; raises WorkspaceError for a folder that is no release."""
    kind = kind_of(folder)
    if kind is None:
        raise WorkspaceError(f"{folder} is no release: {_expected()}.")
    return kind


def find_folder(workspace: Workspace, name: str | None) -> Path:
    """Return the folder of a release by its name or path; the newest without a name.

    Raises:
        WorkspaceError: There is no release.

    """
    if name is not None:
        for folder in (workspace.releases / name, Path(name)):
            if kind_of(folder) is not None:
                return folder
        raise WorkspaceError(
            f"{name!r} is neither a release below {workspace.releases} nor the folder of one: "
            f"{_expected()}."
        )
    found = releases_of(workspace)
    if not found:
        commands = " or ".join(f"`{kind.command}`" for kind in KINDS)
        raise WorkspaceError(
            f"{workspace.releases} holds no release. Run {commands} first, or name a folder."
        )
    return found[0]


def releases_of(workspace: Workspace) -> list[Path]:
    """Return the folders of a workspace's releases, the one made, or found again, last first."""
    found = [path for path in workspace.releases.glob("[!.]*") if kind_of(path) is not None]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def _expected() -> str:
    signs = " or ".join(f"{kind.sign} (`{kind.command}`)" for kind in KINDS)
    return f"expected a folder with {signs}"
