"""Videos by way of yt-dlp's Python API: anything it can search or fetch.

Meant for child processes: one instance is kept for each set of options, so that its start is
paid once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ItemFailed, Reason, SourceError
from kinetics_builder.text.foreign import address, date, one_line, seconds
from pipelines.sources.ids import safe_id
from pipelines.sources.options import Options, load_extractor, parameters
from pipelines.sources.source import Fetched, Found, Limits

_PARTIAL = (".part", ".ytdl", ".temp", ".json")


@dataclass
class _Log:
    """Takes yt-dlp's lines: nothing is printed, the last ones explain a failure."""

    lines: list[str] = field(default_factory=list)

    def debug(self, line: str) -> None:
        self.lines.append(line)
        del self.lines[:-50]

    info = warning = error = debug


class YtDlp:
    """An instance of yt-dlp with our options."""

    def __init__(self, options: Options) -> None:
        import yt_dlp
        from yt_dlp.globals import plugin_dirs

        plugin_dirs.value = []
        self._log = _Log()
        self._limits: Limits | None = None
        self._refusal: ItemFailed | None = None
        self._instance = yt_dlp.YoutubeDL(self._parameters(options), auto_init=False)
        for name in options.extractors:
            self._instance.add_info_extractor(load_extractor(name)())
        self._instance.add_default_info_extractors()
        self._responses: list[Any] = []
        self._open = self._instance.urlopen
        self._instance.urlopen = self._open_noted

    def videos(self, address: str, limit: int) -> Iterator[Found]:
        """Yield the videos of a search, a playlist or a single address, best first."""
        self._instance.params["playlist_items"] = f"1:{limit}"
        with self._closing_responses():
            info = self._instance.extract_info(address, download=False, process=True) or {}
        entries = info.get("entries") if info.get("_type") == "playlist" else [info]
        seen: set[str] = set()
        for entry in entries or ():
            found = _found(entry or {})
            if found is not None and found.video_id not in seen:
                seen.add(found.video_id)
                yield found

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Download one video into `folder` and return the file with what is known of it."""
        self._limits, self._refusal = limits, None
        self._log.lines.clear()
        self._instance.params["playlist_items"] = "1"
        self._instance.params["paths"] = {"home": str(folder)}
        with self._closing_responses():
            info = self._instance.extract_info(url, download=True) or {}
        if self._refusal is not None:
            raise self._refusal
        if any("larger than max-filesize" in line for line in self._log.lines):
            raise ItemFailed(Reason.TOO_LARGE, _too_large(limits))
        return _fetched(info, _only_file(folder))

    def _open_noted(self, request: Any) -> Any:
        """Send a request for yt-dlp, which leaves responses open where it gives up on them."""
        from yt_dlp.networking.exceptions import HTTPError

        try:
            response = self._open(request)
        except HTTPError as error:
            self._responses.append(error.response)
            raise
        self._responses.append(response)
        return response

    @contextmanager
    def _closing_responses(self) -> Iterator[None]:
        try:
            yield
        finally:
            for response in self._responses:
                response.close()
            self._responses.clear()

    def _parameters(self, options: Options) -> dict[str, Any]:
        return parameters(options) | {
            "logger": self._log,
            "match_filter": self._refuse,
            "progress_hooks": [self._watch],
        }

    def _refuse(self, info: Mapping[str, Any], *, incomplete: bool) -> str | None:
        """Say why a video shall not be downloaded, None if it may be."""
        limits = self._limits
        duration = info.get("duration")
        if limits is None or incomplete:
            return None
        if info.get("is_live"):
            self._refusal = ItemFailed(Reason.OTHER, "is live: its end is not known yet")
        elif duration and duration > limits.max_duration_seconds:
            self._refusal = ItemFailed(Reason.TOO_LONG, _too_long(duration, limits))
        elif (info.get("filesize") or 0) > limits.max_bytes:
            self._refusal = ItemFailed(Reason.TOO_LARGE, _too_large(limits))
        return None if self._refusal is None else self._refusal.message

    def _watch(self, progress: Mapping[str, Any]) -> None:
        """Stop a download that grows over the limit."""
        limits = self._limits
        size = max(progress.get("downloaded_bytes") or 0, progress.get("total_bytes") or 0)
        if limits is not None and size > limits.max_bytes:
            raise ItemFailed(Reason.TOO_LARGE, _too_large(limits))


@lru_cache(maxsize=4)
def instance(options: Options) -> YtDlp:
    """Return this process's instance for `options`."""
    return YtDlp(options)


def list_videos(options: Options, address: str, limit: int) -> list[Found]:
    """Return what `address` lists; failures are explained as `ItemFailed`."""
    from yt_dlp.utils import YoutubeDLError

    try:
        return list(instance(options).videos(address, limit))
    except YoutubeDLError as error:
        raise _explained(error, address) from error


def fetch_video(options: Options, url: str, folder: Path, limits: Limits) -> Fetched:
    """Download the video of `url`; failures are explained as `ItemFailed`."""
    from yt_dlp.utils import YoutubeDLError

    try:
        return instance(options).fetch(url, folder, limits)
    except YoutubeDLError as error:
        raise _explained(error, url) from error


class PlaceDownError(SourceError):
    """The host of an address does not answer; its source decides whether that ends all."""


def _explained(error: Exception, address: str) -> Exception:
    from pipelines.sources.errors import classify, is_down

    failure = classify(error)
    if is_down(error):
        return PlaceDownError(
            f"{address} does not answer: {failure.message}. "
            "Check the network, then run the same command again."
        )
    return failure


def _found(entry: Mapping[str, Any]) -> Found | None:
    url = entry.get("webpage_url") or entry.get("url")
    if not entry.get("id") or not url or entry.get("_type") == "playlist":
        return None
    return Found(
        video_id=safe_id(str(entry["id"])),
        url=address(str(url)),
        title=one_line(entry.get("title")) or "",
        duration_seconds=seconds(entry.get("duration")),
        uploader=one_line(entry.get("uploader")) or one_line(entry.get("channel")),
    )


def _fetched(info: Mapping[str, Any], file: Path) -> Fetched:
    return Fetched(
        file=file,
        **facts_of(info),
    )


def facts_of(info: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what yt-dlp knows of a video, as `Fetched` has it; from a site or a file."""
    return {
        "uploader": one_line(info.get("uploader")) or one_line(info.get("channel")),
        "licence": one_line(info.get("license")),
        "upload_date": date(info.get("upload_date")),
        "language": one_line(info.get("language"), 20),
    }


def _only_file(folder: Path) -> Path:
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.suffix not in _PARTIAL)
    if not files:
        raise ItemFailed(Reason.OTHER, "yt-dlp left no file and gave no reason")
    return max(files, key=lambda file: file.stat().st_size)


def _too_long(duration: float, limits: Limits) -> str:
    return f"lasts {duration:.0f} s, allowed are {limits.max_duration_seconds:.0f} s"


def _too_large(limits: Limits) -> str:
    return f"is larger than the allowed {limits.max_bytes / 1e6:.0f} MB"
