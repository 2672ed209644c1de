"""Where the clips of a release lie that are not in its folder: in a store, or in tar shards.

A clip is copied to this machine when it is needed. Copies are named by what they hold, and bounded:
the least used go first. No torch.
"""

import json
import os
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

from kinetics_builder.errors import ItemFailed, ModelError, Reason
from kinetics_builder.storage.cache import make_room, touch
from kinetics_builder.storage.remote import RemoteFolder

COPIED_BYTES = 20 << 30
"""Copies that are kept, at most."""


class Listed(Protocol):
    """A file that a list names: a clip's, or the one of its flow."""

    @property
    def file(self) -> str:
        """Return its name in the place."""

    @property
    def bytes(self) -> int:
        """Return how large it is."""

    @property
    def sha256(self) -> str:
        """Return the hash of what it holds."""


class ClipPlace(Protocol):
    """Has clips."""

    def num_bytes(self, row: Listed) -> int | None:
        """Return how large a clip is, None where it is known to be missing."""

    def here(self, row: Listed) -> Path:
        """Return a file of this machine that holds a clip; raise ItemFailed where there is none."""

    def of_one(self, row: Listed, copies: Path) -> "ClipPlace":
        """Return the place as far as it is asked for one clip, with copies of its own."""


def clip_place(where: str, copies: Path) -> ClipPlace | None:
    """Return what has the clips at `where`.

    Args:
        where: A folder laid out as the release's is, one of WebDataset's shards (`*.tar`) with the
            clips' files in their JSON, as `kbuild convert --to webdataset` writes them, or a
            store's address; empty for the release's own folder.
        copies: The folder of copies.

    Raises:
        ModelError: There is no such folder, or its shards hold no clip.
        ConfigError: The address is of no kind that is known.

    """
    if not where:
        return None
    if "://" in where:
        return Stored(RemoteFolder(where.rstrip("/")), copies)
    folder = Path(where)
    if not folder.is_dir():
        raise ModelError(f"{folder} is no folder: --clips names where the release's clips lie.")
    shards = sorted(folder.glob("*.tar"))
    return Sharded.read(shards, copies) if shards else Unpacked(folder)


@dataclass(frozen=True)
class Unpacked:
    """Clips in another folder."""

    folder: Path

    def num_bytes(self, row: Listed) -> int | None:
        """Return the file's size."""
        path = self.here(row)
        return path.stat().st_size if path.is_file() else None

    def here(self, row: Listed) -> Path:
        """Return the file."""
        return self.folder / row.file

    def of_one(self, row: Listed, copies: Path) -> "Unpacked":
        """Return the place: nothing is copied."""
        return self


@dataclass(frozen=True)
class Stored:
    """Clips at an address of a store."""

    remote: RemoteFolder
    copies: Path

    def num_bytes(self, row: Listed) -> int | None:
        """Return what the release says: what is there, its copying will tell."""
        return row.bytes

    def here(self, row: Listed) -> Path:
        """Return a copy."""
        return _copied(self.copies, row, lambda part: self.remote.fetch(row.file, part))

    def of_one(self, row: Listed, copies: Path) -> "Stored":
        """Return the place with other copies."""
        return replace(self, copies=copies)


class Member(NamedTuple):
    """Where a clip lies in a shard."""

    shard: Path
    begin: int
    num_bytes: int
    key: str
    """Of its sample."""


@dataclass(frozen=True)
class Sharded:
    """Clips in tar files."""

    members: dict[str, Member]
    """By the clip's file."""
    copies: Path

    @classmethod
    def read(cls, shards: Sequence[Path], copies: Path) -> "Sharded":
        """Look through the heads of all shards; raise ModelError where one cannot be read."""
        members: dict[str, Member] = {}
        for shard in shards:
            try:
                members |= _members(shard)
            except (tarfile.TarError, OSError, ValueError) as error:
                raise ModelError(f"{shard} cannot be read as a shard: {error}.") from error
        if not members:
            raise ModelError(
                f"{shards[0].parent} has {len(shards)} tar files and in none of them a clip whose "
                "JSON names its file. `kbuild convert --to webdataset` writes such."
            )
        return cls(members, copies)

    def num_bytes(self, row: Listed) -> int | None:
        """Return the size of its member."""
        member = self.members.get(row.file)
        return None if member is None else member.num_bytes

    def here(self, row: Listed) -> Path:
        """Return a copy."""
        if row.file not in self.members:
            raise ItemFailed(Reason.MISSING, f"{row.file} is in none of the shards")
        member = self.members[row.file]

        def extract(part: Path) -> None:
            with member.shard.open("rb") as file:
                file.seek(member.begin)
                part.write_bytes(file.read(member.num_bytes))

        return _copied(self.copies, row, extract)

    def of_one(self, row: Listed, copies: Path) -> "Sharded":
        """Return the place with that clip alone, and other copies."""
        members = {row.file: self.members[row.file]} if row.file in self.members else {}
        return Sharded(members, copies)


def _members(shard: Path) -> dict[str, Member]:
    videos: dict[str, Member] = {}
    files: dict[str, str] = {}
    with tarfile.open(shard, "r:") as tar:
        for info in tar:
            key, _, kind = info.name.partition(".")
            if kind == "json" and (told := tar.extractfile(info)):
                files[key] = str(json.loads(told.read()).get("file") or "")
            elif kind not in ("cls", "json"):
                videos[key] = Member(shard, info.offset_data, info.size, key)
    return {files[key]: member for key, member in videos.items() if files.get(key)}


def _copied(copies: Path, row: Listed, copy: Callable[[Path], None]) -> Path:
    path = copies / f"{row.sha256}{Path(row.file).suffix}"
    if not (path.is_file() and path.stat().st_size == row.bytes):
        copies.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            copy(part)
            part.replace(path)
        except OSError as error:
            raise ItemFailed(Reason.OTHER, f"{row.file} cannot be copied: {error}") from error
        finally:
            part.unlink(missing_ok=True)
        make_room(copies, COPIED_BYTES)
    touch(path)
    return path
