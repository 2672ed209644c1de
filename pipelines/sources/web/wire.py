"""What passes between yt-dlp and the network while one item is worked on.

A refusal is heard once: asked again in the same try, it is given without a request. A page is
read up to a size and a time. What was promised is remembered: lengths, playlists, and how long
a site asks to be left alone.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from urllib3.exceptions import HTTPError as UrllibError
from urllib3.response import HTTPResponse
from yt_dlp.networking import Response
from yt_dlp.networking.exceptions import HTTPError, TransportError

from kinetics_builder.errors import ItemFailed, Reason
from pipelines.sources.source import Limits
from pipelines.sources.web.intake import Intake
from pipelines.sources.web.kept import Kept

MAX_PAGE_BYTES = 64 << 20
MAX_PAGE_SECONDS = 120.0
_BLOCK_BYTES = 1 << 14
_FILE_BLOCK_BYTES = 1 << 10
"""yt-dlp reads files in blocks of at least so many bytes; less is a look at what a page is."""
_MOST_EXCUSE_BYTES = 1 << 16
_REFUSALS = frozenset({401, 402, 403, 404, 410, 429, 451})


class Wire:
    """Opens addresses for yt-dlp and remembers what came of it, item by item."""

    def __init__(self, send: Callable[[Any], Response]) -> None:
        self._send = send
        self._responses: list[Response] = []
        self._refusals: dict[str, _Refusal] = {}
        self.pause_seconds: float | None = None
        """How long a site asked to be left alone; None where none did."""
        self.playlists: list[str] = []
        """The HLS playlists of segments that were read."""
        self.has_lengths = True
        """False if a body came of which only the connection's end said that it was whole."""
        self.kept: Kept | None = None
        """Where a file is fetched to."""
        self._intake: Intake | None = None

    def fetch_into(self, folder: Path, limits: Limits) -> None:
        """Take the files that are read from now on as one video's, of which parts may be there."""
        self.kept = Kept(folder)
        self._intake = Intake(folder, limits)

    def take(self, num_bytes: int) -> None:
        """Count what has come of a video's files."""
        if self._intake is not None:
            self._intake.take(num_bytes)

    def read_playlist(self, playlist: str) -> None:
        """Remember the HLS playlist of segments."""
        self.playlists.append(playlist)
        if self._intake is not None:
            self._intake.check_duration(playlist_seconds(playlist))

    def begin(self) -> None:
        """Forget the item before."""
        self.close()
        self.kept = self._intake = None
        self._refusals.clear()
        self.playlists.clear()
        self.pause_seconds, self.has_lengths = None, True

    def close(self) -> None:
        """Close every response: yt-dlp leaves those open on which it gives up."""
        for response in self._responses:
            response.close()
        self._responses.clear()

    def open(self, request: Any) -> Response:
        """Send a request of yt-dlp, in place of its own `urlopen`."""
        key = _key(request)
        if (refusal := self._refusals.get(key)) is not None:
            raise refusal.as_error()
        try:
            response = self._send(request)
        except HTTPError as error:
            self._responses.append(error.response)
            if self.kept is not None:
                self.kept.check(error.status, error.response)
            asked = retry_after(error.response.headers.get("Retry-After"))
            if asked is not None:
                self.pause_seconds = max(asked, self.pause_seconds or 0.0)
            if error.status not in _REFUSALS and asked is None:
                raise
            self._refusals[key] = refusal = _Refusal(error, _excuse(error.response))
            raise refusal.as_error() from error
        self._responses.append(response)
        if self.kept is not None:
            self.kept.check(response.status, response)
        return response if hasattr(response, "send") else _Watched(response, self)  # a websocket


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What a site answered, to be given again."""

    error: HTTPError
    excuse: bytes

    def as_error(self) -> HTTPError:
        gone = self.error.response
        body = BytesIO(self.excuse)
        response = Response(body, gone.url, gone.headers, gone.status, gone.reason, gone.extensions)
        return HTTPError(response, redirect_loop=self.error.redirect_loop)


class _Watched(Response):  # type: ignore[misc]
    """A response that is read as a page within bounds, and as a file block by block."""

    def __init__(self, inner: Response, wire: Wire) -> None:
        super().__init__(
            fp=inner,
            url=inner.url,
            headers=inner.headers,
            status=inner.status,
            reason=inner.reason,
            extensions=inner.extensions,
        )
        self._wire = wire
        self._is_measured = "Content-Length" in inner.headers or (
            "chunked" in (inner.headers.get("Transfer-Encoding") or "")
        )

    def read(self, amt: int | None = None) -> bytes:
        if amt is None:
            page = self._page()
            if page.startswith(b"#EXTM3U") and b"#EXTINF" in page:
                self._wire.read_playlist(page.decode("utf-8", "replace"))
            return page
        block: bytes = self.fp.read(amt)
        if amt >= _FILE_BLOCK_BYTES:
            self._wire.has_lengths &= self._is_measured
            if self._wire.kept is not None:
                self._wire.kept.note(self)
            self._wire.take(len(block))
        return block

    def _page(self) -> bytes:
        begun, blocks, size = time.monotonic(), [], 0
        while block := self._some():
            blocks.append(block)
            size += len(block)
            if size > MAX_PAGE_BYTES:
                raise ItemFailed(
                    Reason.TOO_LARGE, f"a page is larger than {MAX_PAGE_BYTES >> 20} MiB"
                )
            if time.monotonic() - begun > MAX_PAGE_SECONDS:
                raise ItemFailed(
                    Reason.TIMEOUT,
                    f"a page took longer than {MAX_PAGE_SECONDS:.0f} s: {size} bytes came",
                )
        return b"".join(blocks)

    def _some(self) -> bytes:
        """Return what has come, without waiting for a whole block of a slow page."""
        raw = self.fp.fp
        if not isinstance(raw, HTTPResponse):
            block: bytes = self.fp.read(_BLOCK_BYTES)
            return block
        try:
            return raw.read1(_BLOCK_BYTES, decode_content=True) or b""
        except UrllibError as error:
            raise TransportError(cause=error) from error


def retry_after(header: str | None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for: a number, or a date (RFC 9110).

    >>> retry_after("120"), retry_after("soon"), retry_after(None)
    (120.0, None, None)
    """
    text = (header or "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def playlist_seconds(playlist: str) -> float:
    r"""Return how long the segments of an HLS playlist last together at least, in seconds.

    Whole numbers may have been rounded up (RFC 8216, 4.3.2.1).

    >>> playlist_seconds("#EXTM3U\n#EXTINF:2.5,\na.ts\n#EXTINF:3,\nb.ts\n#EXT-X-ENDLIST")
    4.5
    """
    lengths = re.findall(r"(?m)^#EXTINF:\s*(\d+(?:\.\d+)?)", playlist)
    return sum(float(text) if "." in text else max(0.0, float(text) - 1) for text in lengths)


def _key(request: Any) -> str:
    """Return what a request asks for, whatever range of it."""
    if isinstance(request, str):
        return request
    headers = sorted((name, text) for name, text in request.headers.items() if name != "Range")
    return repr((request.method, request.url, request.data, headers))


def _excuse(response: Response) -> bytes:
    try:
        excuse: bytes = response.read(_MOST_EXCUSE_BYTES)
    except TransportError:
        return b""
    return excuse
