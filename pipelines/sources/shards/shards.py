"""Videos in WebDataset's shards: `--source shards:PATH`. They are read where they lie in a tar.

A sample is what stands together under one name up to its first dot: `a.mp4`, `a.json`, `a.txt`.
The address of a video says where its bytes lie, so that no other byte of the shard is read.
"""

import re
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ItemFailed, KbuildError, Reason
from kinetics_builder.storage.stores import Options
from pipelines.sources.ids import short_key
from pipelines.sources.shards import places
from pipelines.sources.shards.places import address_of, is_far, shards_at
from pipelines.sources.shards.reading import Readable, open_shard
from pipelines.sources.shards.samples import videos_of
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request
from pipelines.sources.web.ytdlp import facts_of

_ADDRESS = re.compile(r"(?P<shard>.+://.*)#bytes=(?P<first>\d+)-(?P<last>\d+)(?P<suffix>\.\w+)")
_BLOCK = 512
"""Of a tar file; the header of a member stands in the one before its first byte."""
_LISTING_BYTES = 1 << 17
"""Asked of a store at once while a shard is looked through: what lies between videos is small."""
_COPYING_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class ShardsSource:
    """A shard, all of a folder, or those of a name like `train-{000000..000009}.tar`."""

    root: str
    """A path, or a URL that fsspec knows."""
    options: Options = ()
    """What fsspec is handed for a URL."""

    @property
    def is_local(self) -> bool:
        """Return False: shards are large, so that children read them."""
        return False

    @property
    def is_on_disk(self) -> bool:
        """Return whether looking through the shards asks nobody."""
        return not is_far(self.root)

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return one question for each shard: what is in it? Its key changes with the file."""
        try:
            shards = shards_at(self.root, self.options)
        except (KbuildError, ItemFailed) as error:
            return [Request(key=short_key(str(error)), query="", refusal=str(error))]
        return [Request(key=shard.key, query=shard.address) for shard in shards]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Return every video of the shard `query`, whatever the limit."""
        with open_shard(query, self.options, _LISTING_BYTES) as file:
            return videos_of(query, file)

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Copy the bytes of the video at `url` into `folder`."""
        place = _ADDRESS.fullmatch(url)
        if place is None:
            raise ItemFailed(Reason.OTHER, f"{url!r} is no place in a shard")
        first, size = int(place["first"]), int(place["last"]) - int(place["first"]) + 1
        if size > limits.max_bytes:
            most = limits.max_bytes / 1e6
            text = f"is {size / 1e6:.0f} MB large, allowed are {most:.0f} MB"
            raise ItemFailed(Reason.TOO_LARGE, text)
        target = folder / f"video{place['suffix']}"
        with open_shard(address_of(place["shard"]), self.options, _COPYING_BYTES) as file:
            _check_header(file, first, size, place["suffix"])
            with target.open("wb") as out:
                _copy(file, out, size)
        return Fetched(file=target, **facts_of({}))


def _check_header(file: Readable, first: int, size: int, suffix: str) -> None:
    """Return if a member of that size begins there, as when the shard was looked through."""
    file.seek(first - _BLOCK)
    try:
        member = tarfile.TarInfo.frombuf(file.read(_BLOCK), "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        member = None
    if member is None or member.size != size:
        text = f"the shard holds no {suffix} of {size} bytes there any more"
        raise ItemFailed(Reason.CHANGED, text)


def _copy(file: Readable, out: BinaryIO, size: int) -> None:
    left = size
    while left and (block := file.read(min(left, 1 << 20))):
        out.write(block)
        left -= len(block)
    if left:
        raise ItemFailed(Reason.BROKEN, f"the shard ends {left} bytes before the video does")


class _Shards:
    """`--source shards:PATH`."""

    form = "shards:PATH"

    def normalised(self, rest: str) -> str:
        """Return the absolute path, or the URL, of a shard, a folder, or a range of shards."""
        return places.normalised(rest)

    def open(self, rest: str, config: DownloadConfig) -> ShardsSource:
        """Return the source."""
        return ShardsSource(rest, tuple(sorted(config.store_options.items())))


SHARDS = _Shards()
