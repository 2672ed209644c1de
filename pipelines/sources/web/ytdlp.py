"""Videos by way of yt-dlp's Python API: anything it can search or fetch.

Meant for child processes: one instance is kept for each set of options, so that its start is
paid once.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kinetics_builder.errors import ItemFailed, KbuildError, Reason, SourceError
from kinetics_builder.text.foreign import date, one_line, seconds
from kinetics_builder.text.masking import masked
from kinetics_builder.video.ffmpeg import find_ffmpeg
from pipelines.running.notes import note
from pipelines.sources.entries import Naming, leaves, marks_of, unmarked, videos_of
from pipelines.sources.ids import GENERIC
from pipelines.sources.source import Fetched, Found, Limits, Noted, Sections
from pipelines.sources.web.addresses import allowed_by
from pipelines.sources.web.arrival import Promise, check_arrival, check_structure
from pipelines.sources.web.cookies import cookie_jar
from pipelines.sources.web.extractors import load_extractor
from pipelines.sources.web.intake import too_large, too_long
from pipelines.sources.web.kept import PARTS
from pipelines.sources.web.options import Options, parameters
from pipelines.sources.web.plugins import load_plugins

_PARTIAL = (".part", ".ytdl", ".temp", ".json", PARTS)
_WARNING = re.compile(r"(\[[^\]]+\] )(?:([^\s:]+): )?(.*)")
"""As "[youtube] dQw4w9WgXcQ: Some formats are missing"."""
_EXPECTED = ("Falling back on generic information extractor",)
"""What an address of any page is for."""
_LISTS = ("playlist", "multi_video")
_MOST_ON_A_PAGE = 1000
"""Videos of a page that are looked through for one of them."""
_MORE_LISTED = (
    "an address lists more videos than were taken: --limit N or search.results_per_query takes more"
)
_SEVERAL = (
    "its address leads to several videos. Name it in a file of --source urls:FILE: "
    "each of them is listed then"
)


@dataclass
class _Log:
    """Takes yt-dlp's lines: the last ones explain a failure, warnings are noted."""

    lines: list[str] = field(default_factory=list)

    def debug(self, line: str) -> None:
        self.lines.append(line)
        del self.lines[:-50]

    info = error = debug

    def warning(self, line: str) -> None:
        """Note what yt-dlp wants a person to know, apart from the video that it is about."""
        self.debug(line)
        if any(words in line for words in _EXPECTED):
            return
        found = _WARNING.fullmatch(" ".join(line.split()))
        place, about, text = found.groups("") if found else ("", "", line)
        note(f"yt-dlp warns: {place}{text}", about)


class YtDlp:
    """An instance of yt-dlp with our options."""

    def __init__(self, options: Options, ffmpeg: str) -> None:
        import yt_dlp
        from yt_dlp.globals import plugin_dirs

        from pipelines.sources.web.hops import director
        from pipelines.sources.web.wire import Wire

        plugin_dirs.value = []
        self._log = _Log()
        self._limits: Limits | None = None
        self._mark: str | None = None
        self._refusal: ItemFailed | None = None
        self._choice: Mapping[str, Any] = {}
        self._sections: Sections | None = None
        self._why_whole: str | None = None
        self._instance = yt_dlp.YoutubeDL(self._parameters(options, ffmpeg), auto_init=False)
        if options.cookies_file:
            self._instance.cookiejar = cookie_jar(Path(options.cookies_file))
        own = [load_extractor(name) for name in options.extractors]
        own += [extractor for name in options.plugins for extractor in load_plugins(name)]
        for extractor in own:
            self._instance.add_info_extractor(extractor())
        self._instance.add_default_info_extractors()
        self.allowed = allowed_by(options.allow_private)
        self.proxy: str = self._instance.params["proxy"]
        self._instance._request_director = director(self._instance, self.allowed)
        self.wire = Wire(self._instance.urlopen)
        self._instance.urlopen = self.wire.open
        self._fetch_whole = self._instance.dl
        self._instance.dl = self._fetch_file
        unique = (e.ie_key() for e in own if getattr(e, "HAS_UNIQUE_IDS", False))
        self.naming = Naming(frozenset(unique), self._extractor_of)

    def videos(self, address: str, limit: int) -> list[Found]:
        """Return the first videos of a search, a playlist, a page or a single address.

        Raises:
            ItemFailed: Videos are listed, but none of them has an address.

        """
        self._instance.params |= {"playlist_items": f"1:{limit + 1}", "extract_flat": "in_playlist"}
        self._limits = self._mark = None
        info = self._instance.extract_info(address, download=False, process=True) or {}
        videos = videos_of(info, address, self.naming)
        if not videos and (nameless := list(leaves(info))):
            raise ItemFailed(Reason.NO_VIDEO, f"lists {len(nameless)} videos without an address")
        if len(videos) > limit:
            num_listed = info.get("playlist_count") or f"more than {limit}"
            note(_MORE_LISTED, f"{address} lists {num_listed}, taken {limit}")
        first: dict[str, Found] = {}
        for video in videos:
            first.setdefault(video.video_id, video)
        return list(first.values())[:limit]

    def piece(self, address: str, first: int, last: int) -> list[Found]:
        """Return the videos at places of a list, from 1; of none where it ends before them.

        Raises:
            ItemFailed: Videos are listed, but none of them has an address.

        """
        self._instance.params |= {
            "playlist_items": f"{first}:{last}",
            "extract_flat": "in_playlist",
        }
        self._limits = self._mark = None
        info = self._instance.extract_info(address, download=False, process=True) or {}
        if first > 1 and info.get("_type") not in _LISTS:
            return []
        videos = videos_of(info, address, self.naming)
        if not videos and (nameless := list(leaves(info))):
            raise ItemFailed(Reason.NO_VIDEO, f"lists {len(nameless)} videos without an address")
        return list({video.video_id: video for video in reversed(videos)}.values())[::-1]

    def fetch(self, address: str, folder: Path, limits: Limits) -> Fetched:
        """Download one video into `folder` and return the file with what is known of it."""
        page, self._mark = unmarked(address)
        self._limits, self._refusal = limits, None
        self._sections = self._why_whole = None
        self.wire.fetch_into(folder, limits)
        self._log.lines.clear()
        self._instance.params |= {
            "playlist_items": "1:2" if self._mark is None else f"1:{_MOST_ON_A_PAGE}",
            "extract_flat": False if self._mark is None else "in_playlist",
            "paths": {"home": str(folder)},
        }
        info = self._instance.extract_info(page, download=True) or {}
        if self._refusal is not None:
            raise self._refusal
        if any("larger than max-filesize" in line for line in self._log.lines):
            raise ItemFailed(Reason.TOO_LARGE, too_large(limits))
        video, file = _the_one(info, self._mark), _only_file(folder)
        if self._sections is None:
            self._check_arrival(file, video)
        return Fetched(
            file=file,
            sections=self._sections,
            whole_because=self._why_whole,
            **facts_of(video),
        )

    def look(self, address: str) -> Mapping[str, Any]:
        """Return what a site says of one video, in yt-dlp's words; fetches nothing."""
        page, mark = unmarked(address)
        self._limits = self._mark = None
        self._instance.params |= {
            "playlist_items": "1:2" if mark is None else f"1:{_MOST_ON_A_PAGE}",
            "extract_flat": False if mark is None else "in_playlist",
        }
        return _the_one(self._instance.extract_info(page, download=False) or {}, mark)

    def _check_arrival(self, file: Path, video: Mapping[str, Any]) -> None:
        try:
            check_arrival(file, self._promise(video))
        except ItemFailed:
            file.unlink()
            raise

    def _fetch_file(
        self, name: str, info: dict[str, Any], subtitle: bool = False, test: bool = False
    ) -> Any:
        """Fetch a file of a video, in place of yt-dlp's own `dl`: its wanted stretches, or all."""
        from pipelines.sources.web.sections import SectionsFD, whole_because

        if self._limits is None or not self._limits.stretches:
            return self._fetch_whole(name, info, subtitle, test)
        self._why_whole = whole_because(self._choice, self._limits.stretches)
        if self._why_whole is not None:
            return self._fetch_whole(name, info, subtitle, test)
        downloader = SectionsFD(self._instance, self._limits)
        downloader.add_progress_hook(self._watch)
        headers = info.get("http_headers") or self._instance._calc_headers(info)
        said = {**self._instance._copy_infodict(info), "http_headers": headers}
        answer = downloader.download(name, said, subtitle)
        self._sections, self._why_whole = downloader.taken, downloader.why_whole
        return answer

    def _promise(self, video: Mapping[str, Any]) -> Promise:
        from pipelines.sources.web.wire import playlist_seconds

        lengths = [*map(playlist_seconds, self.wire.playlists), _segments_seconds(video)]
        return Promise(has_lengths=self.wire.has_lengths, seconds=max(lengths, default=0.0))

    def extractor(self, key: str) -> Any:
        """Return an extractor of this instance, by yt-dlp's key for it."""
        return self._instance.get_info_extractor(key)

    def _extractor_of(self, address: str) -> tuple[str, str | None]:
        """Return the key of the extractor for an address, and the id that it holds."""
        extractors = self._instance._ies
        key = next((key for key, ie in extractors.items() if ie.suitable(address)), GENERIC)
        return key, None if key == GENERIC else extractors[key].get_temp_id(address)

    def _parameters(self, options: Options, ffmpeg: str) -> dict[str, Any]:
        return parameters(options) | {
            "ffmpeg_location": ffmpeg,
            "logger": self._log,
            "match_filter": self._refuse,
            "progress_hooks": [self._watch],
        }

    def _refuse(self, info: Mapping[str, Any], *, incomplete: bool) -> str | None:
        """Say why a video shall not be downloaded, None if it may be."""
        if self._limits is None:
            return None
        num_on_page = info.get("n_entries") or 0
        if self._mark is not None and num_on_page and self._mark not in marks_of(info):
            return "is another video of the page"
        if self._mark is None and num_on_page > 1:
            self._refusal = ItemFailed(Reason.NO_VIDEO, _SEVERAL)
        elif incomplete:
            self._refusal = _leave_out_large(info, self._limits)
        else:
            self._choice = info
            self._refusal = _over_limits(info, self._limits)
        return None if self._refusal is None else self._refusal.message

    def _watch(self, progress: Mapping[str, Any]) -> None:
        """Stop a download that grows over the limit; look at each file that has come."""
        limits = self._limits
        size = max(progress.get("downloaded_bytes") or 0, progress.get("total_bytes") or 0)
        if limits is not None and size > limits.max_bytes:
            raise ItemFailed(Reason.TOO_LARGE, too_large(limits))
        if progress.get("status") == "finished":
            promise = Promise(has_lengths=self.wire.has_lengths)
            check_structure(Path(progress["filename"]), promise)


def instance(options: Options) -> YtDlp:
    """Return this process's instance for `options` and the ffmpeg that is found now."""
    return _instance(options, find_ffmpeg())


@lru_cache(maxsize=4)
def _instance(options: Options, ffmpeg: str) -> YtDlp:
    return YtDlp(options, ffmpeg)


def list_videos(options: Options, address: str, limit: int) -> list[Found]:
    """Return what `address` lists; failures are explained as `ItemFailed`."""
    with _explained(options, address) as ytdlp:
        return ytdlp.videos(address, limit)


def list_piece(options: Options, address: str, first: int, last: int) -> list[Found]:
    """Return what a list holds at places, from 1; failures are explained as `ItemFailed`."""
    with _explained(options, address) as ytdlp:
        return ytdlp.piece(address, first, last)


def video_at(options: Options, address: str, said: Mapping[str, Any]) -> Found:
    """Return the video of an address, with what is `said` of it in yt-dlp's words; asks nobody.

    Raises:
        ItemFailed: The address leads to no video that could have an id.

    """
    naming = instance(options).naming
    found = videos_of({"_type": "url", "url": address, **said}, address, naming)
    if not found:
        raise ItemFailed(Reason.BAD_ROW, f"{address!r} is no address of a video")
    return found[0]


def fetch_video(options: Options, url: str, folder: Path, limits: Limits) -> Fetched:
    """Download the video of `url`; failures are explained as `ItemFailed`."""
    with _explained(options, url) as ytdlp:
        return ytdlp.fetch(url, folder, limits)


def look_at(options: Options, url: str) -> Noted:
    """Ask whether the video of `url` is there; what it is not is explained as `ItemFailed`.

    Raises:
        ItemFailed: It is not there, or its place does not answer.

    """
    try:
        with _explained(options, url) as ytdlp:
            video = ytdlp.look(url)
    except PlaceDownError as error:
        raise error.as_failure from error
    if not video:
        raise ItemFailed(Reason.NO_VIDEO, "shows no video")
    return Noted(seconds(video.get("duration")), one_line(video.get("license")))


class PlaceDownError(SourceError):
    """The host of an address does not answer; its source decides whether that ends all."""

    def __init__(self, message: str, is_unknown: bool = False) -> None:
        super().__init__(message)
        self.is_unknown = is_unknown
        """The host's name leads nowhere."""

    def __reduce__(self) -> tuple[type, tuple[str, bool]]:
        return type(self), (str(self), self.is_unknown)

    @property
    def as_failure(self) -> ItemFailed:
        """Return the failure of the one item; an unknown name is left to a later run."""
        return ItemFailed(Reason.NETWORK, str(self), inf if self.is_unknown else None)


@contextmanager
def _explained(options: Options, address: str) -> Iterator[YtDlp]:
    """Give the instance for one item, and say what its failure means."""
    from yt_dlp.utils import YoutubeDLError

    from pipelines.sources.web.errors import classify, close_files, is_down, is_unknown, proxy_fault
    from pipelines.sources.web.fence import fenced

    ytdlp = instance(options)
    ytdlp.wire.begin()
    try:
        with fenced(ytdlp.allowed, urlsplit(ytdlp.proxy).hostname or "") as refusals:
            yield ytdlp
    except (ItemFailed, KbuildError) as error:
        close_files(error)
        raise
    except YoutubeDLError as error:
        if ytdlp.proxy and (fault := proxy_fault(error, ytdlp.proxy)) is not None:
            raise SourceError(
                f"the proxy {masked(ytdlp.proxy, ytdlp.proxy)} lets nothing through: {fault}. "
                "Check download.proxy in kbuild.toml, then run the same command again."
            ) from error
        failure = classify(error, ytdlp.wire.pause_seconds, refusals)
        if is_down(error):
            raise PlaceDownError(
                f"{address} does not answer: {failure.message}. "
                "Check the network, then run the same command again.",
                is_unknown(error),
            ) from error
        raise failure from error
    finally:
        ytdlp.wire.close()


def _leave_out_large(info: Mapping[str, Any], limits: Limits) -> ItemFailed | None:
    """Take formats out of the choice whose picture is too large; say so where no other is left."""
    listed, fitting, failure = info.get("formats") or [], [], None
    for one in listed:
        try:
            limits.check_picture(one.get("width"), one.get("height"))
            fitting.append(one)
        except ItemFailed as too_large:
            failure = too_large
    if failure is None or any(one.get("vcodec") != "none" for one in fitting):
        listed[:] = fitting
        return None
    return failure


def _over_limits(info: Mapping[str, Any], limits: Limits) -> ItemFailed | None:
    duration = max(seconds(info.get("duration")) or 0.0, _segments_seconds(info))
    try:
        limits.check_licence(one_line(info.get("license")))
        for name in ("uploader", "channel", "uploader_id", "channel_id"):
            limits.check_uploader(one_line(info.get(name)))
        for file in info.get("requested_formats") or [info]:
            limits.check_picture(file.get("width"), file.get("height"))
    except ItemFailed as failure:
        return failure
    if info.get("is_live"):
        return ItemFailed(Reason.OTHER, "is live: its end is not known yet")
    if duration and duration > limits.max_duration_seconds:
        return ItemFailed(Reason.TOO_LONG, too_long(duration, limits))
    if (info.get("filesize") or 0) > limits.max_bytes:
        return ItemFailed(Reason.TOO_LARGE, too_large(limits))
    return None


def _segments_seconds(info: Mapping[str, Any]) -> float:
    """Return how long the segments of a film in segments last together; 0 where it has none."""
    files = info.get("requested_formats") or [info]
    sums = (sum(s.get("duration") or 0.0 for s in f.get("fragments") or ()) for f in files)
    return max(sums, default=0.0)


def _the_one(info: Mapping[str, Any], mark: str | None) -> Mapping[str, Any]:
    """Return what is known of the video that was downloaded."""
    videos = list(leaves(info))
    if mark is None:
        return videos[0] if videos else {}
    for video in videos:
        if mark in marks_of(video):
            return video
    raise ItemFailed(Reason.REMOVED, "the page does not show this video any more")


def facts_of(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return what yt-dlp knows of a video, as `Fetched` has it; from a site or a file."""
    return {
        "uploader": one_line(info.get("uploader")) or one_line(info.get("channel")),
        "licence": one_line(info.get("license")),
        "upload_date": date(info.get("upload_date")),
        "language": one_line(info.get("language"), 20),
        "country": next(
            (told for name in _COUNTRIES if (told := one_line(info.get(name), 60))), None
        ),
    }


_COUNTRIES = ("uploader_country", "channel_country", "country")
"""What extractors may call the uploader's country. Where a film was shot (`location`) is another
thing, and mostly no country."""


def _only_file(folder: Path) -> Path:
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.suffix not in _PARTIAL)
    if not files:
        raise ItemFailed(Reason.OTHER, "yt-dlp left no file and gave no reason")
    return max(files, key=lambda file: file.stat().st_size)
