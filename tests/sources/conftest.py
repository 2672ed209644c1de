"""A small site on loopback that the demo's extractors can search and watch."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from urllib.parse import parse_qs, urlparse

import av
import numpy as np
import pytest

from kinetics_builder.config import DownloadConfig


@dataclass
class Site:
    """What the site shows; tests change it as they need."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)
    excuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    """What watch pages say otherwise than usual."""
    film: bytes = b""
    asked: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    """Paths with the `Authorization` that came with them."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def config(self, **changes: object) -> DownloadConfig:
        return DownloadConfig(
            extractors=(
                "pipelines.demo.extractor:DemoSearchIE",
                "pipelines.demo.extractor:DemoIE",
            ),
            extractor_args={"kbdemo": {"base": [self.base]}},
            **changes,  # type: ignore[arg-type]
        )

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, type and body for a path."""
        self.asked.append(path)
        url = urlparse(path)
        query = parse_qs(url.query)
        if url.path == "/search":
            return 200, "text/html", self._results(query["q"][0]).encode()
        if url.path == "/watch":
            return self._watch(query["v"][0])
        if url.path.startswith("/films/") and self.film:
            return 200, "video/mp4", self.film
        return 404, "text/plain", b"nothing here"

    def _results(self, words: str) -> str:
        return "".join(
            f'<li class="result" data-id="{video_id}" data-seconds="2" data-uploader="me">'
            f'<a href="/watch?v={video_id}">{escape(title)}</a></li>'
            for video_id, title in self.pages.items()
            if set(words.split()) & set(title.lower().split())
        )

    def _watch(self, video_id: str) -> tuple[int, str, bytes]:
        if video_id in self.excuses:
            status, text = self.excuses[video_id]
            return status, "text/html", f'<p class="reason">{text}</p>'.encode()
        facts = {
            "name": self.pages.get(video_id, "nameless"),
            "description": "a film",
            "author": {"name": "me"},
            "uploadDate": "2020-01-31",
            "duration": "PT2S",
            "license": "CC BY 4.0",
            "inLanguage": "en",
            "contentUrl": f"/films/{video_id}.mp4",
            **self.facts,
        }
        page = f'<script type="application/ld+json">{json.dumps(facts)}</script>'
        return 200, "text/html", page.encode()


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve a site as long as the test runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.logins.append((self.path, self.headers.get("Authorization", "")))
            status, kind, body = shown.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shown = Site(server.server_port, film=small_film())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield shown
    server.shutdown()
    server.server_close()
    thread.join()


def small_film(num_frames: int = 20) -> bytes:
    """Return an MP4 of 2 s, 64x48."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(num_frames):
            picture = np.full((48, 64, 3), 10 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.fixture
def closed_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
