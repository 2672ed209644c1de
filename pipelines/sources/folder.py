"""Videos that lie in a folder: `--source folder:PATH`. The folder itself is never changed."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ItemFailed, Reason, SourceError
from kinetics_builder.formats.media import VIDEO_SUFFIXES
from kinetics_builder.formats.names import parse_file_name
from kinetics_builder.text.foreign import is_storable, one_line, seconds
from kinetics_builder.text.listed_words import description_of, tags_of
from pipelines.sources.filenames import title_from_name
from pipelines.sources.ids import (
    OF_PAGES,
    hashed_id,
    is_youtube_id,
    safe_id,
    short_key,
    web_id,
)
from pipelines.sources.paths import absolute
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request
from pipelines.sources.thumbnails import thumbnail_of
from pipelines.sources.web.ytdlp import facts_of

AUDIO_SUFFIXES = frozenset(
    {".aac", ".flac", ".m4a", ".mka", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".wma"}
)
"""Listed too, so that each ends with a reason rather than unseen."""
_NUM_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FolderSource:
    """All media files of a folder and the folders in it; hidden ones are left out.

    Titles come from yt-dlp's `.info.json` beside a file, else from the file's name. One that
    cannot be read is refused before anything is listed: a licence may stand there.
    """

    root: Path

    @property
    def is_local(self) -> bool:
        """Whether no network is met."""
        return True

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return one question: what is there? Its key changes when the files change."""
        try:
            files = list(self._files())
        except SourceError as error:
            return [Request(key=short_key(str(error)), query="", refusal=str(error))]
        listing = hashlib.sha256()
        for file in files:
            for path in (file, *_info_files(file)):
                if path.is_file():
                    state = path.stat()
                    listing.update(os.fsencode(path))
                    listing.update(f"\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
        return [Request(key=f"{short_key(str(self.root))} {listing.hexdigest()[:16]}", query="")]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Return every media file, whatever the query and the limit."""
        seen: set[str] = set()
        found, refused = [], []
        for file in self._files():
            try:
                one = self._found(file, seen)
            except ValueError as error:
                refused.append(str(error))
                continue
            seen.add(one.video_id.casefold())
            found.append(one)
        if refused:
            raise SourceError(_refusal(refused))
        return found

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Link or copy the file at path `url` into `folder`."""
        file = file_of(url)
        _check_size(file, limits)
        target = folder / f"video{file.suffix.lower()}"
        target.unlink(missing_ok=True)
        try:
            os.link(file.resolve(), target)
        except OSError:
            shutil.copyfile(file, target)
        try:
            return Fetched(file=target, **facts_of(_read_info(file)))
        except ValueError as error:
            raise ItemFailed(Reason.OTHER, str(error)) from error

    def _files(self) -> Iterator[Path]:
        if not self.root.is_dir():
            raise SourceError(f"{self.root}: no such folder. Write --source folder:PATH.")
        known, is_empty = VIDEO_SUFFIXES | AUDIO_SUFFIXES, True
        for folder, folders, names in os.walk(self.root, onerror=_refuse):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder, name)
                if path.suffix.lower() in known and name[0] != "." and path.is_file():
                    is_empty = False
                    yield path
        if is_empty:
            raise SourceError(
                f"{self.root}: no video files. Name a folder that holds some, "
                "as --source folder:PATH."
            )

    def _found(self, file: Path, seen: set[str]) -> Found:
        info = _read_info(file)
        relative = file.relative_to(self.root).as_posix()
        video_id, is_unique = _video_id(file, info) or (hashed_id(file.stem, relative), False)
        if video_id.casefold() in seen:
            video_id, is_unique = hashed_id(file.stem, relative), False
        named = one_line(info.get("id"))
        return Found(
            video_id=video_id,
            url=_address(file),
            title=one_line(info.get("title")) or one_line(title_from_name(file.stem)) or "",
            duration_seconds=seconds(info.get("duration")),
            uploader=facts_of(info)["uploader"],
            other_id=None if is_unique else hashed_id(file.stem, str(file.absolute())),
            former_id=safe_id(named) if named else None,
            tags=tags_of(info.get("tags")),
            description=description_of(info.get("description")),
            thumbnail=thumbnail_of(info),
        )


def _address(file: Path) -> str:
    """Return the path, or a file URI where the path is no text that can be kept."""
    return str(file) if is_storable(str(file)) else file.absolute().as_uri()


def file_of(address: str) -> Path:
    """Return the file that an address of this source names."""
    if not address.startswith("file://"):
        return Path(address)
    return Path(os.fsdecode(unquote_to_bytes(address.removeprefix("file://"))))


def _video_id(file: Path, info: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return the id that yt-dlp wrote down or the YouTube id in the name, None without one.

    With it, whether equal ids are one video: of a site they are, else two folders may differ.
    """
    if known := one_line(info.get("id")):
        site, page = one_line(info.get("extractor_key")), one_line(info.get("webpage_url"))
        if site in OF_PAGES and page:
            return hashed_id(known, page), True
        is_site = site is not None and site not in OF_PAGES
        return web_id(site if is_site else None, known), is_site
    bracketed = file.stem.rpartition("[")[2].removesuffix("]")
    told = parse_file_name(file.stem)
    for name in (file.stem, bracketed, file.stem.removeprefix("v_")):  # v_: ActivityNet
        if is_youtube_id(name):
            return name, True
    if told.title and told.start is None:  # a clip's own time does not begin at its video's
        return told.video_id, True
    return None


def _info_files(file: Path) -> tuple[Path, Path]:
    return file.with_suffix(".info.json"), file.with_name(f"{file.name}.info.json")


def _read_info(file: Path) -> dict[str, Any]:
    """Return what yt-dlp wrote beside a file; nothing where it wrote nothing.

    Raises:
        ValueError: It cannot be read as what yt-dlp writes.

    """
    path = next((path for path in _info_files(file) if path.is_file()), None)
    if path is None:
        return {}
    try:
        info = json.loads(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except RecursionError:
        raise ValueError(f"{path}: JSON that is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path}: no JSON ({error})") from error
    if not isinstance(info, dict):
        raise ValueError(f"{path}: expected a JSON object, found a {type(info).__name__}")
    return info


def _refusal(refused: Sequence[str]) -> str:
    shown = "; ".join(refused[:_NUM_SHOWN])
    more = f"; and {len(refused) - _NUM_SHOWN} more" if len(refused) > _NUM_SHOWN else ""
    return f"{shown}{more}. Mend these files, or remove them to go by the videos' names."


def _check_size(file: Path, limits: Limits) -> None:
    try:
        size = file.stat().st_size
    except FileNotFoundError as error:
        raise ItemFailed(Reason.REMOVED, "the file is not there any more") from error
    if size > limits.max_bytes:
        raise ItemFailed(
            Reason.TOO_LARGE,
            f"is {size / 1e6:.0f} MB large, allowed are {limits.max_bytes / 1e6:.0f} MB",
        )
    if not size:
        raise ItemFailed(Reason.BROKEN, "is an empty file")


def _refuse(error: OSError) -> None:
    raise SourceError(f"{error.filename}: {error.strerror}. Check its permissions.") from error


class _Folder:
    """`--source folder:PATH`."""

    form = "folder:PATH"

    def normalised(self, rest: str) -> str:
        """Return the folder's absolute path."""
        return absolute("folder", rest)

    def open(self, rest: str, config: DownloadConfig) -> FolderSource:
        """Return the source."""
        return FolderSource(Path(rest))


FOLDER = _Folder()
