"""A small site on loopback that the demo's extractors can search and watch."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from time import sleep
from urllib.parse import parse_qs, urlparse

import av
import numpy as np
import pytest

from kinetics_builder.config import DownloadConfig

LOOPBACK = ("127.0.0.1",)
"""What the settings must allow for the site."""
ALLOWING = "[download]\nallow_private = ['127.0.0.1']\n"
"""The same in a kbuild.toml."""


@dataclass
class Answer:
    """What a path gives."""

    body: bytes = b""
    kind: str = "text/html"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    has_length: bool = True
    """False: the end of the connection is the end of the body."""
    drip_seconds: float = 0.0
    """Between two bytes."""
    sent: bytes | None = None
    """What comes of the body before the connection breaks; None for all of it."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it is sent."""
        if not self.drip_seconds:
            yield self.body if self.sent is None else self.sent
            return
        for number in range(len(self.body)):
            sleep(self.drip_seconds)
            yield self.body[number : number + 1]


@dataclass
class Site:
    """What the site shows; tests change it as they need."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)
    excuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    """What watch pages say otherwise than usual."""
    answers: dict[str, Answer] = field(default_factory=dict)
    """By path with query, before everything else."""
    film: bytes = b""
    asked: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    """Paths with the `Authorization` that came with them."""
    ranges: list[str] = field(default_factory=list)
    """The `Range` of each request, empty where none came."""
    cookies: list[str] = field(default_factory=list)
    """The `Cookie` of each request, empty where none came."""
    heads: list[bool] = field(default_factory=list)
    """Whether each request was for the head of an answer alone."""
    hosts: list[str] = field(default_factory=list)
    """The `Host` of each request."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def config(self, **changes: object) -> DownloadConfig:
        return DownloadConfig(
            extractors=("kbdemo-search", "kbdemo"),
            extractor_args={"kbdemo": {"base": [self.base]}},
            **{"allow_private": LOOPBACK} | changes,  # type: ignore[arg-type]
        )

    def num_asked(self, path: str) -> int:
        return self.asked.count(path)

    def answer(self, path: str) -> Answer:
        """Return what a path gives."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        url = urlparse(path)
        query = parse_qs(url.query)
        if url.path == "/search":
            return Answer(self._results(query["q"][0]).encode())
        if url.path == "/watch":
            return self._watch(query["v"][0])
        if url.path.startswith("/films/") and self.film:
            return Answer(self.film, "video/mp4")
        return Answer(b"nothing here", "text/plain", 404)

    def _results(self, words: str) -> str:
        return "".join(
            f'<li class="result" data-id="{video_id}" data-seconds="2" data-uploader="me">'
            f'<a href="/watch?v={video_id}">{escape(title)}</a></li>'
            for video_id, title in self.pages.items()
            if set(words.split()) & set(title.lower().split())
        )

    def _watch(self, video_id: str) -> Answer:
        if video_id in self.excuses:
            status, text = self.excuses[video_id]
            return Answer(f'<p class="reason">{text}</p>'.encode(), status=status)
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
        return Answer(page.encode())


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve a site as long as the test runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.logins.append((self.path, self.headers.get("Authorization", "")))
            shown.ranges.append(self.headers.get("Range", ""))
            shown.cookies.append(self.headers.get("Cookie", ""))
            shown.heads.append(self.command == "HEAD")
            shown.hosts.append(self.headers.get("Host", ""))
            answer = shown.answer(self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            if answer.has_length:
                self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):
                    for piece in answer.pieces():
                        self.wfile.write(piece)

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shown = Site(server.server_port, film=small_film())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield shown
    server.shutdown()
    server.server_close()
    thread.join()


def small_film(num_frames: int = 20, *, grey: int = 10, format: str = "mp4") -> bytes:
    """Return a film of 64x48 at 10 frames/s, whose frames grow brighter by `grey` each."""
    buffer = BytesIO()
    with av.open(buffer, "w", format=format) as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(num_frames):
            picture = np.full((48, 64, 3), grey * number % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.fixture
def closed_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
