"""Videos in WebDataset's shards: `--source shards:PATH`. They are read where they lie in a tar.

A sample is what stands together under one name up to its first dot: `a.mp4`, `a.json`, `a.txt`.
The address of a video says where its bytes lie, so that no other byte of the shard is read.
"""

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, NamedTuple
from urllib.parse import unquote_to_bytes

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ItemFailed, Reason, SourceError
from kinetics_builder.formats.media import VIDEO_SUFFIXES
from kinetics_builder.text.foreign import one_line, seconds
from kinetics_builder.text.listed_words import description_of, tags_of
from pipelines.notes import note
from pipelines.sources.filenames import title_from_name
from pipelines.sources.ids import OF_PAGES, hashed_id, is_youtube_id, short_key, web_id
from pipelines.sources.paths import absolute
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request
from pipelines.sources.web.ytdlp import facts_of

_ADDRESS = re.compile(
    r"(?P<shard>file://[^#]*)#bytes=(?P<first>\d+)-(?P<last>\d+)(?P<suffix>\.\w+)"
)
_BRACES = re.compile(r"(?P<before>.*)\{(?P<first>\d+)\.\.(?P<last>\d+)\}(?P<after>[^{}]*)")
_MOST_SHARDS = 100_000
_MOST_TEXT = 1 << 20
_BLOCK = 512
"""Of a tar file; the header of a member stands in the one before its first byte."""
_BEGINNING = 1 << 16
"""Bytes that tell a video from others of the same name and size, wherever its shard lies."""
_NAMES_OF_TITLES = ("title", "caption", "text", "label", "class_name")


class _Media(NamedTuple):
    """Where a video lies in its shard."""

    first: int
    """Its first byte."""
    size: int
    beginning: bytes


@dataclass(frozen=True, slots=True)
class ShardsSource:
    """A shard, all of a folder, or those of a name like `train-{000000..000009}.tar`."""

    root: Path

    is_on_disk: ClassVar = True

    @property
    def is_local(self) -> bool:
        """Return False: no network is met, but shards are large, so that children read them."""
        return False

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return one question for each shard: what is in it? Its key changes with the file."""
        try:
            shards = _shards(self.root)
        except SourceError as error:
            return [Request(key=short_key(str(error)), query="", refusal=str(error))]
        return [Request(key=_key(shard), query=str(shard)) for shard in shards]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Return every video of the shard `query`, whatever the limit."""
        shard = Path(query)
        with _opened(shard) as tar:
            listed = [_found(shard, key, sample) for key, sample in _samples(tar)]
        found = [video for video in listed if video is not None]
        if not found:
            raise ItemFailed(Reason.NO_VIDEO, f"{shard}: holds no video among its samples")
        return found

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Copy the bytes of the video at `url` into `folder`."""
        place = _ADDRESS.fullmatch(url)
        if place is None:
            raise ItemFailed(Reason.OTHER, f"{url!r} is no place in a shard")
        shard = Path(os.fsdecode(unquote_to_bytes(place["shard"].removeprefix("file://"))))
        first, size = int(place["first"]), int(place["last"]) - int(place["first"]) + 1
        if size > limits.max_bytes:
            most = limits.max_bytes / 1e6
            text = f"is {size / 1e6:.0f} MB large, allowed are {most:.0f} MB"
            raise ItemFailed(Reason.TOO_LARGE, text)
        target = folder / f"video{place['suffix']}"
        try:
            with shard.open("rb") as file:
                _check_header(file, first, size, place["suffix"])
                with target.open("wb") as out:
                    _copy(file, out, size)
        except FileNotFoundError as error:
            raise ItemFailed(Reason.REMOVED, f"{shard} is not there any more") from error
        return Fetched(file=target, **facts_of({}))


def _shards(root: Path) -> list[Path]:
    if named := _BRACES.fullmatch(str(root)):
        first, last = int(named["first"]), int(named["last"])
        if not 0 <= last - first < _MOST_SHARDS:
            raise SourceError(f"{root}: expected a range like {{000000..000009}}.")
        width = len(named["first"])
        numbers = range(first, last + 1)
        shards = [Path(f"{named['before']}{n:0{width}}{named['after']}") for n in numbers]
    elif root.is_dir():
        shards = sorted(path for path in root.iterdir() if path.suffix == ".tar")
        if not shards:
            raise SourceError(f"{root}: no shards. Name a folder that holds some, as a.tar.")
    else:
        shards = [root]
    for shard in shards:
        if shard.suffix != ".tar":
            raise SourceError(
                f"{shard}: expected a shard named .tar. One that is compressed cannot be read in "
                "parts: unpack it by gzip -d."
            )
        if not shard.is_file():
            raise SourceError(f"{shard}: no such file. Write --source shards:PATH.")
    return shards


def _key(shard: Path) -> str:
    state = shard.stat()
    version = hashlib.sha256(f"{state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:16]
    return f"{short_key(str(shard))} {version}"


@contextmanager
def _opened(shard: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(shard, "r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise ItemFailed(Reason.BROKEN, f"{shard}: expected a whole tar file: {error}") from error
    except FileNotFoundError as error:
        raise ItemFailed(Reason.REMOVED, f"{shard} is not there any more") from error


def _samples(tar: tarfile.TarFile) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each name with its files: media as their places, texts as their bytes."""
    for key, files in groupby(_files(tar), lambda one: _parted(one.name)[0]):
        sample: dict[str, Any] = {}
        for member in files:
            suffix = f".{_parted(member.name)[1].rpartition('.')[2]}"
            file = tar.extractfile(member)
            assert file is not None
            if suffix in VIDEO_SUFFIXES:
                sample[suffix] = _Media(member.offset_data, member.size, file.read(_BEGINNING))
            elif suffix in (".json", ".txt", ".cls") and member.size <= _MOST_TEXT:
                sample[suffix] = file.read()
        yield key, sample


def _files(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]
        if member.isreg() and not member.issparse():
            yield member


def _parted(name: str) -> tuple[str, str]:
    folder, slash, last = name.rpartition("/")
    stem, _, suffixes = last.partition(".")
    return folder + slash + stem, suffixes.lower()


def _found(shard: Path, key: str, sample: Mapping[str, Any]) -> Found | None:
    media = [(suffix, one) for suffix, one in sample.items() if isinstance(one, _Media)]
    if len(media) != 1:
        note(f"samples of {shard.name} without one video were left out", key)
        return None
    suffix, video = media[0]
    said, name = _said(shard, key, sample), Path(key).name
    last = video.first + video.size - 1
    return Found(
        video_id=_video_id(said, name, video),
        url=f"{shard.absolute().as_uri()}#bytes={video.first}-{last}{suffix}",
        title=_title(said, sample) or one_line(title_from_name(name)) or "",
        duration_seconds=seconds(said.get("duration")),
        uploader=one_line(said.get("uploader")),
        licence=one_line(said.get("licence")) or one_line(said.get("license")),
        tags=tags_of(said.get("tags")),
        description=description_of(said.get("description")),
    )


def _video_id(said: Mapping[str, Any], name: str, video: _Media) -> str:
    """Return a site's id where one is said, else the name with a hash of what it names."""
    given, site = one_line(said.get("id")), one_line(said.get("extractor_key"))
    if given and site and site not in OF_PAGES:
        return web_id(site, given)
    for known in (given, one_line(said.get("youtube_id")), name):
        if known and is_youtube_id(known):
            return known
    beginning = hashlib.sha256(video.beginning).hexdigest()
    return hashed_id(given or name, f"{given or name} {video.size} {beginning}")


def _said(shard: Path, key: str, sample: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        said = json.loads(sample.get(".json") or b"{}")
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return said
    note(f"samples of {shard.name} whose .json is no object were taken by their names", key)
    return {}


def _title(said: Mapping[str, Any], sample: Mapping[str, Any]) -> str | None:
    """Return the first text that says what is to be seen; a class's number says nothing."""
    texts = (sample.get(suffix, b"").decode("utf-8", "replace") for suffix in (".txt", ".cls"))
    told = (*(said.get(name) for name in _NAMES_OF_TITLES), *texts)
    lines = (one_line(one) for one in told if isinstance(one, str))
    return next((line for line in lines if line and not line.lstrip("-").isdigit()), None)


def _check_header(file: BinaryIO, first: int, size: int, suffix: str) -> None:
    """Return if a member of that size begins there, as when the shard was looked through."""
    file.seek(first - _BLOCK)
    try:
        member = tarfile.TarInfo.frombuf(file.read(_BLOCK), "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        member = None
    if member is None or member.size != size:
        text = f"the shard holds no {suffix} of {size} bytes there any more"
        raise ItemFailed(Reason.CHANGED, text)


def _copy(file: BinaryIO, out: BinaryIO, size: int) -> None:
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
        """Return the absolute path of a shard, a folder, or a range of shards."""
        return absolute("shards", rest)

    def open(self, rest: str, config: DownloadConfig) -> ShardsSource:
        """Return the source."""
        return ShardsSource(Path(rest))


SHARDS = _Shards()
