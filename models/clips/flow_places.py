"""Where the flow of a release lies: beside its clips, in another folder, in shards, in a store.

Its lists lie there, too. No torch.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from kinetics_builder.errors import FormatError, ItemFailed, ModelError, Reason, WorkspaceError
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.storage.stores import AGAIN
from kinetics_builder.video.flow.folder import ROWS, SETTINGS, FlowFolder, FlowRow, flow_name
from kinetics_builder.video.flow.settings import FlowSettings
from models.clips.places import ClipPlace, Sharded, Stored, Unpacked


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A file of flow, as places are asked for it."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class FlowPlace:
    """Has flow."""

    said: str
    """What people call it."""
    options: str
    """Of `kbuild flow`: those that say where clips and flow lie."""
    settings: FlowSettings | None
    """How it was computed; None where there is none."""
    listed: tuple[FlowRow, ...]
    loose: ClipPlace
    shards: Sharded | None = None
    """What has the files that lie in tar files."""

    @cached_property
    def rows(self) -> dict[str, FlowRow]:
        """Return what became of each clip, by its file."""
        return {row.file: row for row in self.listed}

    def num_bytes(self, row: FlowRow) -> int | None:
        """Return how large the flow of a clip is, None where it is known to be missing."""
        file = _file(row)
        return self._having(file).num_bytes(file)

    def here(self, row: FlowRow) -> Path:
        """Return a file of this machine that holds it; raise ItemFailed where there is none."""
        file = _file(row)
        return self._having(file).here(file)

    def _having(self, file: FlowFile) -> ClipPlace:
        if self.shards is not None and file.file in self.shards.members:
            return self.shards
        return self.loose


def flow_place(release: Path, where: str, copies: Path, clips: str = "") -> FlowPlace:
    """Return what has the flow of a release.

    Args:
        release: The folder of its lists.
        where: A folder, or a store's address, that `kbuild flow --to` was given; empty for
            the one beside the clips.
        copies: The folder of copies.
        clips: Where its clips lie, as `clip_place` takes it.

    Raises:
        ModelError: There is no such folder, or nobody can tell how the flow was computed.
        WorkspaceError: The store gives nothing.

    """
    options = "".join(
        f" {option} {value}" for option, value in (("--clips", clips), ("--to", where)) if value
    )
    with flow_lists(release, where) as lists:
        settings, rows = lists.settings(), _rows(lists, f"kbuild flow {release}{options}")
        if "://" in where:
            stored = Stored(RemoteFolder(where.rstrip("/")), copies)
            return FlowPlace(where, options, settings, rows, stored)
        shards = lists.shards()
        packed = read_flow_shards(shards, copies) if shards else None
        loose = Unpacked(lists.root)
        return FlowPlace(str(lists.root), options, settings, rows, loose, packed)


def _rows(lists: FlowFolder, command: str) -> tuple[FlowRow, ...]:
    try:
        return tuple(lists.rows())
    except FormatError as error:
        raise ModelError(f"{error} `{command}` writes it anew.") from error


def read_flow_shards(shards: Sequence[Path], copies: Path) -> Sharded:
    """Return what has the flow in tar files; raises ModelError for one that cannot be read."""
    try:
        return Sharded.read(shards, copies)
    except ModelError as error:
        raise ModelError(
            f"{error} Where it held flow, remove it: `kbuild flow` computes that again."
        ) from error


@contextmanager
def flow_lists(release: Path, where: str) -> Iterator[FlowFolder]:
    """Let the block read the lists of a release's flow; those of a store are fetched.

    Raises as `flow_place`.
    """
    if "://" in where:
        with TemporaryDirectory(prefix="kbuild-flow-") as folder:
            fetch_lists(RemoteFolder(where.rstrip("/")), FlowFolder(Path(folder)))
            yield FlowFolder(Path(folder))
        return
    if where and not Path(where).is_dir():
        raise ModelError(f"{where} is no folder: --flow names where `kbuild flow --to` put it.")
    yield FlowFolder(Path(where)) if where else FlowFolder.of(release)


def fetch_lists(remote: RemoteFolder, folder: FlowFolder) -> None:
    """Copy the lists of a store's flow, as far as they are there.

    Raises:
        WorkspaceError: The store gives nothing.

    """
    for name in (SETTINGS, ROWS):
        try:
            remote.fetch(name, folder.root / name)
        except ItemFailed as failure:
            (folder.root / name).unlink(missing_ok=True)
            if failure.reason is not Reason.MISSING:
                raise WorkspaceError(f"{failure.message} {AGAIN}") from failure


def flow_sha256(release: Path, where: str = "") -> str:
    """Return a hash that changes with any flow of a release; empty where there is none.

    Raises as `flow_place`.
    """
    with flow_lists(release, where) as lists:
        files = [lists.root / name for name in (SETTINGS, ROWS)]
        if not all(path.is_file() for path in files):
            return ""
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _file(row: FlowRow) -> FlowFile:
    return FlowFile(flow_name(row.file), row.bytes, row.sha256)
