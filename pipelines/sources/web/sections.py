"""Fetching of a film what its wanted stretches need: the index, and the bytes of their packets.

The file keeps its length, and every byte its place; what was not asked for is a hole, which takes
no room on the disk. So all times hold, and what is cut from it is what would be cut from the whole
film, to the byte. Every range is asked for by yt-dlp's own opener: whatever holds for a request of
a whole film holds for it.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from yt_dlp.downloader.http import HttpFD
from yt_dlp.networking import Request, Response
from yt_dlp.networking.exceptions import HTTPError

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.excerpt import (
    NotApartError,
    Places,
    Span,
    check_held,
    joined,
    needed,
)
from kinetics_builder.video.reading.wholeness import MP4_HEADS
from pipelines.sources.source import Limits, Sections
from pipelines.sources.web.held import Held
from pipelines.sources.web.intake import too_large
from pipelines.sources.web.kept import PARTS, version_of

MOST_SHARE = 0.5
"""Of the film's bytes; more, and it is fetched whole."""
LEAST_SAVED_BYTES = 1_000_000
"""Less is not worth the requests."""
_LEAD_SECONDS = 15.0
"""Of a film before a stretch, about, that decoding it needs."""
_HEAD_BYTES = 1 << 18
_LOOK_BYTES = 1 << 16
_MOST_INDEX_BYTES = 64 << 20
_MOST_BOXES = 32
"""Looked at until the index is found."""
_GAP_BYTES = 1 << 17
"""Between two stretches of bytes that one request brings together with what lies between."""
_MOST_REQUESTS = 100
_BLOCK_BYTES = 1 << 16
_NOTED_BYTES = 4 << 20
"""Come before they are written down, at the latest: what a kill costs."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_MOST_WANTED = "most of it is wanted"
_SAVES_LITTLE = "it is so small that parts of it save little"
_NO_RANGES = frozenset({400, 405, 416, 501})


def whole_because(info: Mapping[str, Any], wanted: Sequence[Interval]) -> str | None:
    """Say why a film is fetched whole by what a site lists of it; None where it need not be."""
    duration = info.get("duration") or 0.0
    spans = joined((int(1000 * (s - _LEAD_SECONDS)), int(1000 * e)) for s, e in wanted)
    seconds = sum(max(0.0, min(e / 1000, duration) - max(s / 1000, 0.0)) for s, e in spans)
    if info.get("requested_formats"):
        return (
            "its picture and its sound come in files of their own "
            '(download.format = "b" asks for one file)'
        )
    if info.get("fragments") or info.get("protocol") not in ("http", "https"):
        return "it comes in segments"
    if info.get("stretched_ratio") not in (None, 1):
        return "its picture is stretched"
    if duration and seconds > MOST_SHARE * duration:
        return _MOST_WANTED
    size = info.get("filesize") or info.get("filesize_approx")
    return _SAVES_LITTLE if size and size < LEAST_SAVED_BYTES else None


class SectionsFD(HttpFD):  # type: ignore[misc]
    """Fetches stretches of a film; the whole film where that cannot be done, or saves little."""

    def __init__(self, instance: Any, limits: Limits) -> None:
        super().__init__(instance, instance.params)
        self._limits = limits
        self.taken: Sections | None = None
        """What was fetched in place of the whole film."""
        self.why_whole: str | None = None

    def real_download(self, filename: str, info: dict[str, Any]) -> bool:
        """Put a file into its place, as yt-dlp asks."""
        held = Held.of(part := Path(f"{filename}{PARTS}"))
        try:
            if Path(self.temp_name(filename)).exists():
                raise NotApartError("an earlier try of the whole is gone on with")
            with part.open("r+b" if held.spans else "w+b") as file:
                remote = _Remote(self._opener(info), file, self._limits, self._pause(), held)
                self._fetch(remote, part)
        except NotApartError as reason:
            held.forget()
            self.why_whole = str(reason)
            return bool(super().real_download(filename, info))
        held.finish(Path(filename))
        self.taken = Sections(self._limits.stretches, remote.num_bytes)
        size = Path(filename).stat().st_size
        done = {"status": "finished", "filename": filename, "total_bytes": size}
        self._hook_progress(done | {"downloaded_bytes": remote.num_bytes}, info)
        return True

    def _fetch(self, remote: "_Remote", part: Path) -> None:
        remote.fetch([(0, _HEAD_BYTES)])
        if remote.size < LEAST_SAVED_BYTES:
            raise NotApartError(_SAVES_LITTLE)
        remote.require_holes()
        find_index(remote)
        places = Places.of(part)
        remote.fetch(places.first_pictures)
        spans = needed(part, places, self._limits.stretches)
        num_bytes = remote.num_bytes + sum(end - begin for begin, end in remote.missing(spans))
        if num_bytes > MOST_SHARE * remote.size:
            raise NotApartError(_MOST_WANTED)
        if remote.size - num_bytes < LEAST_SAVED_BYTES:
            raise NotApartError(_SAVES_LITTLE)
        remote.fetch(spans)
        check_held(part, self._limits.stretches)

    def _opener(self, info: dict[str, Any]) -> Callable[[Span], Response]:
        headers = {"Accept-Encoding": "identity", **(info.get("http_headers") or {})}

        def opened(span: Span) -> Response:
            asked = {**headers, "Range": f"bytes={span[0]}-{span[1] - 1}"}
            return self.ydl.urlopen(Request(info["url"], info.get("request_data"), asked))

        return opened

    def _pause(self) -> Callable[[int], None]:
        begun = time.time()
        return lambda num_bytes: self.slow_down(begun, time.time(), num_bytes)


@dataclass
class _Remote:
    """A film elsewhere, of which ranges are put at their places in a file here."""

    open: Callable[[Span], Response]
    file: BinaryIO
    limits: Limits
    pause: Callable[[int], None]
    """Called with the bytes so far, after each block."""
    held: Held
    """What is here, of this try or of earlier ones."""

    @property
    def size(self) -> int:
        """Return how large the whole film is; 0 before the first answer."""
        return self.held.size

    @property
    def num_bytes(self) -> int:
        """Return how many bytes are here."""
        return self.held.num_bytes

    def missing(self, spans: Sequence[Span]) -> list[Span]:
        """Return what of spans is not here yet, as it would be asked for."""
        end = self.size or max((last for _, last in spans), default=0)
        inside = [(begin, min(last, end)) for begin, last in spans if begin < end]
        return joined(self.held.missing(inside), _GAP_BYTES)

    def fetch(self, spans: Sequence[Span]) -> None:
        """Bring what of spans is not here yet."""
        asked = self.missing(spans)
        if len(asked) > _MOST_REQUESTS:
            raise NotApartError(f"{len(asked)} parts of it would have to be asked for")
        for span in asked:
            with closing(self._opened(span)) as response:
                self._take(response, *self._granted(response, span))

    def require_holes(self) -> None:
        """Give the file its length; NotApartError where its disk would fill the holes."""
        self.file.truncate(self.size)
        self.file.flush()
        if os.fstat(self.file.fileno()).st_blocks * 512 > self.num_bytes + self.size // 2:
            raise NotApartError("the disk of media/ keeps no holes in files")

    def read(self, begin: int, num_bytes: int) -> bytes:
        """Return bytes of the film, brought if they are not here."""
        end = min(begin + num_bytes, self.size)
        if self.missing([(begin, end)]):
            self.fetch([(begin, min(max(end, begin + _LOOK_BYTES), self.size))])
        self.file.seek(begin)
        return self.file.read(end - begin)

    def _opened(self, span: Span) -> Response:
        try:
            return self.open(span)
        except HTTPError as error:
            if not self.size and error.status in _NO_RANGES:
                raise NotApartError(f"its server sends no parts of it ({error.status})") from error
            raise

    def _granted(self, response: Response, span: Span) -> Span:
        """Return the range that comes; the first answer says of which version all must be."""
        found = _RANGE.fullmatch(response.headers.get("Content-Range") or "")
        version = version_of(response)
        if self.size:
            if response.status != 206 or not found or version != self.held.version:
                self.held.forget()
                text = "became another file while parts of it came: it begins anew"
                raise ItemFailed(Reason.INCOMPLETE, text)
        elif response.status != 206 or not found or response.headers.get("Content-Encoding"):
            raise NotApartError(f"its server sends no parts of it ({response.status})")
        elif version is None:
            raise NotApartError("its server does not tell versions of it apart")
        begin, last, self.held.size = map(int, found.groups())
        self.held.version = version
        if self.size > self.limits.max_bytes:
            raise ItemFailed(Reason.TOO_LARGE, too_large(self.limits))
        if begin != span[0] or last + 1 != min(span[1], self.size):
            raise NotApartError("its server sends other parts of it than were asked for")
        return begin, last + 1

    def _take(self, response: Response, begin: int, end: int) -> None:
        noted = begin
        self.file.seek(begin)
        try:
            while begin < end and (block := response.read(_block_bytes(end - begin))):
                self.file.write(block[: end - begin])
                begin = min(begin + len(block), end)
                self.pause(self.num_bytes + begin - noted)
                if begin - noted >= _NOTED_BYTES:
                    self.held.add((noted, begin), self.file)
                    noted = begin
        finally:
            self.held.add((noted, begin), self.file)
        if begin != end:
            raise ItemFailed(Reason.INCOMPLETE, f"a part of it ends {end - begin} bytes early")


def _block_bytes(num_left: int) -> int:
    return max(1024, min(_BLOCK_BYTES, num_left))


def find_index(remote: _Remote) -> None:
    """Bring the index of an MP4 file; NotApartError where it has none that lists its pictures."""
    for begin, kind, end in _boxes(remote):
        if begin == 0 and kind not in MP4_HEADS:
            raise NotApartError("it is no MP4")
        if kind == b"moof":
            break
        if kind == b"moov":
            if end - begin > _MOST_INDEX_BYTES or end > remote.size:
                raise NotApartError("its index is too large")
            if b"mvex" in remote.read(begin, end - begin):
                raise NotApartError("it is fragmented: its index does not list its pictures")
            return
    raise NotApartError("it has no index that lists its pictures")


def _boxes(remote: _Remote) -> Iterator[tuple[int, bytes, int]]:
    """Yield (begin, kind, end) of the first outermost boxes (ISO/IEC 14496-12, 4.2)."""
    begin = 0
    for _ in range(_MOST_BOXES):
        head = remote.read(begin, 16)
        if len(head) < 8:
            return
        length, kind = int.from_bytes(head[:4]), head[4:8]
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:])
        end = begin + length if length >= 8 else remote.size
        yield begin, kind, end
        begin = end
