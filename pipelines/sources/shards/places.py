"""Where shards lie: in a folder of this machine, or at a URL that fsspec knows."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from kinetics_builder.errors import SourceError
from kinetics_builder.storage.stores import UNKNOWN_HERE, Options, modified_ns, opened, spoken
from kinetics_builder.text.foreign import is_storable
from pipelines.sources.ids import short_key
from pipelines.sources.paths import absolute

_BRACES = re.compile(r"(?P<before>.*)\{(?P<first>\d+)\.\.(?P<last>\d+)\}(?P<after>[^{}]*)")
_MOST_SHARDS = 100_000
_OF_THE_WEB = re.compile(r"(https?|ftps?)://|.*::", re.IGNORECASE)
_HERE = "file://"


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard that is there."""

    address: str
    """Its path, or its URL."""
    version: str
    """Another one where the file has changed."""

    @property
    def key(self) -> str:
        """Return what names the shard and its version."""
        version = hashlib.sha256(self.version.encode()).hexdigest()[:16]
        return f"{short_key(self.address)} {version}"


def is_far(address: str) -> bool:
    """Say whether a shard or a folder of shards lies at a URL."""
    return "://" in address


def name_of(address: str) -> str:
    """Return the last part of an address."""
    return address.rpartition("/")[2]


def url_of(address: str) -> str:
    """Return a shard's URL; `address_of` takes it back."""
    return address if is_far(address) else Path(address).absolute().as_uri()


def address_of(url: str) -> str:
    """Return the address of which `url_of` gave `url`."""
    if not url.startswith(_HERE):
        return url
    return os.fsdecode(unquote_to_bytes(url.removeprefix(_HERE)))


def normalised(rest: str) -> str:
    """Return where shards lie as it is remembered: an absolute path, or a URL.

    Raises:
        SourceError: It is an address of the web, or holds what a database cannot keep.

    """
    if not is_far(rest) or rest.startswith(_HERE):
        return absolute("shards", rest.removeprefix(_HERE))
    if _OF_THE_WEB.match(rest) or not is_storable(rest):
        raise SourceError(
            f"--source shards:{rest!r}: expected shards in a folder or in a store, as "
            "s3://BUCKET/t-{000..099}.tar. From the web they are not read: fetch them first."
        )
    return rest.rstrip("/")


def shards_at(root: str, options: Options) -> list[Shard]:
    """Return the shard `root`, those of a range such as `t-{000..099}.tar`, or all of a folder.

    Raises:
        SourceError: There is none, or what is there is no shard.
        WorkspaceError: The store gives nothing.
        ItemFailed: As NETWORK, where it does not answer.

    """
    named = _named(root)
    if not is_far(root):
        return _on_disk(Path(root), named)
    with spoken(root):
        if ".tar" in name_of(root):
            return _of_names(named, options)
        return _of_folder(root, options)


def _named(root: str) -> list[str]:
    """Return the shards that are named one by one; `root` alone where it is a folder."""
    if (braces := _BRACES.fullmatch(root)) is None:
        return [root]
    first, last = int(braces["first"]), int(braces["last"])
    if not 0 <= last - first < _MOST_SHARDS:
        raise SourceError(f"{root}: expected a range like {{000000..000009}}.")
    width = len(braces["first"])
    return [f"{braces['before']}{n:0{width}}{braces['after']}" for n in range(first, last + 1)]


def _on_disk(root: Path, named: Sequence[str]) -> list[Shard]:
    if root.is_dir():
        named = sorted(str(path) for path in root.iterdir() if path.suffix == ".tar")
        _require_some(named, str(root))
    shards = []
    for name in named:
        _require_plain(name)
        if not Path(name).is_file():
            raise SourceError(f"{name}: no such file. Write --source shards:PATH.")
        state = Path(name).stat()
        shards.append(Shard(name, f"{state.st_size} {state.st_mtime_ns}"))
    return shards


def _of_folder(root: str, options: Options) -> list[Shard]:
    system, folder = opened(root, options)
    found = _listed(system, folder)
    names = sorted(name for name in found if name.endswith(".tar"))
    _require_some(names, root)
    return [Shard(f"{root}/{name}", _version(found[name])) for name in names]


def _of_names(named: Sequence[str], options: Options) -> list[Shard]:
    shards = []
    for folder, group in groupby(named, lambda name: name.rpartition("/")[0]):
        names = list(group)
        found = _looked_up(folder, names, options)
        for name in names:
            _require_plain(name)
            if name_of(name) not in found:
                raise SourceError(f"{name}: no such file. Write --source shards:URL.")
            shards.append(Shard(name, _version(found[name_of(name)])))
    return shards


def _looked_up(folder: str, names: Sequence[str], options: Options) -> Mapping[str, Any]:
    """Return what a store says of files of a folder, by their names there."""
    system, path = opened(folder, options)
    try:
        return _listed(system, path)
    except PermissionError:  # who may not list a folder may yet read what is in it
        return dict(_asked_for(system, path, map(name_of, names)))


def _asked_for(system: Any, path: str, names: Iterator[str]) -> Iterator[tuple[str, Any]]:
    for name in names:
        with suppress(*UNKNOWN_HERE):
            yield name, system.info(f"{path}/{name}")


def _listed(system: Any, path: str) -> Mapping[str, Any]:
    system.invalidate_cache()
    found = system.ls(path, detail=True)
    return {name_of(one["name"]): one for one in found if one.get("type") == "file"}


def _version(info: Mapping[str, Any]) -> str:
    return f"{info.get('size')} {info.get('ETag') or modified_ns(info)}"


def _require_some(names: Sequence[str], root: str) -> None:
    if not names:
        raise SourceError(f"{root}: no shards. Name a folder that holds some, as a.tar.")


def _require_plain(name: str) -> None:
    if not name.endswith(".tar"):
        raise SourceError(
            f"{name}: expected a shard named .tar. One that is compressed cannot be read in "
            "parts: unpack it by gzip -d."
        )
