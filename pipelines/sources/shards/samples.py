"""What stands in a shard: its samples, and which video each of them is."""

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.formats.media import VIDEO_SUFFIXES
from kinetics_builder.text.foreign import one_line, seconds
from kinetics_builder.text.listed_words import description_of, tags_of
from pipelines.running.notes import note
from pipelines.sources.filenames import title_from_name
from pipelines.sources.ids import OF_PAGES, hashed_id, is_youtube_id, web_id
from pipelines.sources.shards.places import name_of, url_of
from pipelines.sources.shards.reading import Readable
from pipelines.sources.source import Found
from pipelines.sources.thumbnails import thumbnail_of

_MOST_TEXT = 1 << 20
_BEGINNING = 1 << 16
"""Bytes that tell a video from others of the same name and size, wherever its shard lies."""
_NAMES_OF_TITLES = ("title", "caption", "text", "label", "class_name")


class _Media(NamedTuple):
    """Where a video lies in its shard."""

    first: int
    """Its first byte."""
    size: int
    beginning: bytes


def videos_of(address: str, file: Readable) -> list[Found]:
    """Return the videos of a shard, read from its beginning to its end, member by member.

    Raises:
        ItemFailed: It is no whole tar file, or holds no video.

    """
    with _opened(address, file) as tar:
        listed = [_found(address, key, sample) for key, sample in _samples(tar)]
    found = [video for video in listed if video is not None]
    if not found:
        raise ItemFailed(Reason.NO_VIDEO, f"{address}: holds no video among its samples")
    return found


@contextmanager
def _opened(address: str, file: Readable) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(fileobj=cast(BinaryIO, file), mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        text = f"{address}: expected a whole tar file: {error}"
        raise ItemFailed(Reason.BROKEN, text) from error


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


def _found(address: str, key: str, sample: Mapping[str, Any]) -> Found | None:
    media = [(suffix, one) for suffix, one in sample.items() if isinstance(one, _Media)]
    if len(media) != 1:
        note(f"samples of {name_of(address)} without one video were left out", key)
        return None
    suffix, video = media[0]
    said, name = _said(address, key, sample), Path(key).name
    last = video.first + video.size - 1
    return Found(
        video_id=_video_id(said, name, video),
        url=f"{url_of(address)}#bytes={video.first}-{last}{suffix}",
        title=_title(said, sample) or one_line(title_from_name(name)) or "",
        duration_seconds=seconds(said.get("duration")),
        uploader=one_line(said.get("uploader")),
        licence=one_line(said.get("licence")) or one_line(said.get("license")),
        tags=tags_of(said.get("tags")),
        description=description_of(said.get("description")),
        thumbnail=thumbnail_of(said),
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


def _said(address: str, key: str, sample: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        said = json.loads(sample.get(".json") or b"{}")
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return said
    note(f"samples of {name_of(address)} whose .json is no object were taken by their names", key)
    return {}


def _title(said: Mapping[str, Any], sample: Mapping[str, Any]) -> str | None:
    """Return the first text that says what is to be seen; a class's number says nothing."""
    texts = (sample.get(suffix, b"").decode("utf-8", "replace") for suffix in (".txt", ".cls"))
    told = (*(said.get(name) for name in _NAMES_OF_TITLES), *texts)
    lines = (one_line(one) for one in told if isinstance(one, str))
    return next((line for line in lines if line and not line.lstrip("-").isdigit()), None)
