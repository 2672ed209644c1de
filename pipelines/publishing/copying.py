"""Verb `releases copy`: a release -> the folder or store where it is given away."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from kinetics_builder.errors import ItemFailed, WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.broken import check_folder
from pipelines.publishing.folders.errata import BESIDE
from pipelines.publishing.folders.folder import SUMS, listed_files
from pipelines.publishing.folders.handing_over import SIGNATURE

_UNDERWAY = "unfinished.sha256"
"""Stands there, with the hash of the checksums, until all else is there."""
_BESIDE = (SIGNATURE, *BESIDE)
"""What may come after a release was given away."""
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was copied."""

    url: str
    """Of the release, there."""
    num_copied: int
    num_there: int
    """Files that an earlier run had copied."""
    bytes: int
    """Of the files that were copied."""
    num_proven: int
    """Files that were read back there, and are those of the checksums; none where all was there."""


def require_target(workspace: Workspace, target: str) -> None:
    """See that releases can be copied below a folder or address.

    Raises:
        ConfigError: It is no address that fsspec knows, or needs a package that is not installed.
        WorkspaceError: It takes no file.

    """
    _There(target.rstrip("/"), workspace).root.require_writable()


def copy_release(
    workspace: Workspace, folder: Path, target: str, *, proves_again: bool = False
) -> CopyReport:
    """Copy a release below a folder or an address that fsspec knows, its checksums last.

    Every file is read back there before: whoever sees checksums there has the whole of it. A run
    that was broken off is gone on with by the same call; a release that is there already gets its
    signature and errata alone.

    Args:
        workspace: Whose settings say how its stores are opened.
        folder: The release.
        target: Gets a folder of the release's name.
        proves_again: Read a release back, too, that is there already.

    Raises:
        WorkspaceError: The release is not as it was made; another one of its name is there, whole
            or begun; or the target takes no file, or keeps it otherwise than it was sent.

    """
    if "://" not in target and Path(target).resolve().is_relative_to(folder.resolve()):
        raise WorkspaceError(f"{target} lies in the release itself. Choose another place.")
    check_folder(folder)
    there = _There(f"{target.rstrip('/')}/{folder.name}", workspace)
    listed = listed_files(folder)
    names = list(listed)
    try:
        is_whole = there.begin(folder)
        copied = [] if is_whole else there.put_all(folder, names)
        is_proven = proves_again or not is_whole
        if is_proven:
            copied += there.prove(folder, listed, copied)
        beside = [name for name in _BESIDE if (folder / name).is_file()]
        there.put(folder, beside)
        if not is_whole:
            there.put(folder, [SUMS])
            there.root.remove(_UNDERWAY)
    except ItemFailed as failure:
        again = "The same command goes on from here."
        raise WorkspaceError(f"{failure.message} {again}") from failure
    return CopyReport(
        url=there.root.url,
        num_copied=len(copied),
        num_there=len(names) - len(copied),
        bytes=sum((folder / name).stat().st_size for name in copied),
        num_proven=len(names) if is_proven else 0,
    )


def copied_line(report: CopyReport) -> str:
    """Return what people are told of it."""
    proven = f"; {counted(report.num_proven, 'file')} read back" if report.num_proven else ""
    return (
        f"{report.url}: {counted(report.num_copied, 'file')} copied "
        f"({report.bytes / 1e6:.1f} MB), {report.num_there} were there{proven}."
    )


class _There:
    """Where a release is copied to."""

    def __init__(self, url: str, workspace: Workspace) -> None:
        told = workspace.config.storage.options if "://" in url else {}
        self._options = tuple(sorted(told.items()))
        self.root = RemoteFolder(url, self._options)

    def begin(self, folder: Path) -> bool:
        """Say whether all is there; else note what is coming.

        Raises:
            WorkspaceError: Another release is there, or the folder takes no file.

        """
        content_hash = file_sha256(folder / SUMS)
        with TemporaryDirectory() as name:
            known = Path(name) / "known"
            for kept, hash_of in ((SUMS, file_sha256), (_UNDERWAY, _text)):
                if self.root.entry(kept) is None:
                    continue
                self.root.fetch(kept, known)
                if hash_of(known) != content_hash:
                    raise WorkspaceError(
                        f"{self.root.url} holds another release already ({kept} is of other "
                        "content). Choose another place, or remove what is there."
                    )
                if kept == SUMS:
                    return True
            self.root.require_writable()
            known.write_text(f"{content_hash}\n", "utf-8")
            self.root.put(known, _UNDERWAY)
        return False

    def put_all(self, folder: Path, names: Iterable[str]) -> list[str]:
        """Copy files that are not there in their full size; return which."""
        by_parent: dict[str, list[str]] = {}
        for name in names:
            by_parent.setdefault(str(PurePosixPath(name).parent), []).append(name)
        copied = []
        for parent, some in by_parent.items():
            kept = self._at(parent).entries()
            sizes = {name: (folder / name).stat().st_size for name in some}
            left = [
                name
                for name in some
                if (one := kept.get(PurePosixPath(name).name)) is None or one.bytes != sizes[name]
            ]
            self.put(folder, left)
            copied += left
        return copied

    def prove(self, folder: Path, listed: Mapping[str, str], copied: Collection[str]) -> list[str]:
        """Read files back, and copy those anew that are not what they should be; return which.

        Args:
            folder: The release.
            listed: The SHA-256 of each file, by name.
            copied: Those that were copied just now: no second try makes them better.

        Raises:
            WorkspaceError: One that was copied is not there as it was sent.

        """
        wrong = self._wrong(listed)
        old = [name for name in wrong if name not in set(copied)]
        self.put(folder, old)
        lost = [name for name in wrong if name not in set(old)] or self._wrong(
            {name: listed[name] for name in old}
        )
        if lost:
            others = f", and {len(lost) - 1} others" if len(lost) > 1 else ""
            raise WorkspaceError(
                f"{self.root.url}/{lost[0]}{others}: what is read back there is not what was "
                "sent. The place does not keep files as they are: choose another one."
            )
        return old

    def _wrong(self, listed: Mapping[str, str]) -> list[str]:
        def is_wrong(name: str) -> bool:
            path = PurePosixPath(name)
            return self._at(str(path.parent)).sha256(path.name) != listed[name]

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [
                name for name, bad in zip(listed, pool.map(is_wrong, listed), strict=True) if bad
            ]

    def put(self, folder: Path, names: Sequence[str]) -> None:
        """Copy files; the first that fails ends it."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(lambda name: self._put_one(folder, name), names):
                pass

    def _put_one(self, folder: Path, name: str) -> None:
        path = PurePosixPath(name)
        self._at(str(path.parent)).put(folder / name, path.name)

    def _at(self, parent: str) -> RemoteFolder:
        url = self.root.url if parent == "." else f"{self.root.url}/{parent}"
        return RemoteFolder(url, self._options)


def _text(path: Path) -> str:
    return path.read_text("utf-8").strip()
