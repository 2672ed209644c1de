"""Stretches of a film come without the rest of it, and are what the whole film would give."""

import hashlib
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.cutting.excerpt import joined
from pipelines.sources.source import Limits
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video
from tests.sources.conftest import LOOPBACK, Answer

OPTIONS = Options(allow_private=LOOPBACK)
LONG, RATE = 200, 5


def film(
    path: Path,
    *,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    movflags: str = "+faststart",
    has_sound: bool = True,
) -> bytes:
    """Return a film of `LONG` seconds, of noise that no two pictures share, some 4 MB."""
    noise = np.random.default_rng(0)
    with av.open(str(path), "w", format="mp4", options={"movflags": movflags}) as container:
        picture = container.add_stream(codec, rate=RATE, options=options or {})
        picture.width, picture.height, picture.pix_fmt = 96, 64, "yuv420p"
        picture.bit_rate = 350_000
        sound = container.add_stream("aac", rate=16000, layout="mono") if has_sound else None
        for number in range(LONG * RATE):
            still = noise.integers(0, 256, (64, 96, 3), np.uint8)
            still[:8] = number * 7 % 256
            container.mux(picture.encode(av.VideoFrame.from_ndarray(still, format="rgb24")))
            if sound:
                heard = noise.uniform(-0.2, 0.2, (1, 16000 // RATE)).astype(np.float32)
                frame = av.AudioFrame.from_ndarray(heard, format="fltp", layout="mono")
                frame.sample_rate, frame.pts = 16000, number * 16000 // RATE
                container.mux(sound.encode(frame))
        container.mux(picture.encode())
        if sound:
            container.mux(sound.encode())
    return path.read_bytes()


X264 = {"preset": "ultrafast", "bf": "3", "g": "30", "x264-params": "scenecut=0"}
FILMS: dict[str, Any] = {
    "the index first, pictures out of order": {"options": X264},
    "the index last": {"options": X264, "movflags": "0"},
    "key frames far apart, the first groups open": {
        "options": X264 | {"g": "73", "x264-params": "open-gop=1:scenecut=0"}
    },
    "without sound": {"options": X264, "has_sound": False},
    "MPEG-4": {"codec": "mpeg4", "options": {"g": "12", "bf": "2"}},
}
STRETCHES = (
    Interval(0.0, 2.0),
    Interval(91.05, 94.35),
    Interval(93.0, 96.0),
    Interval(198.5, 210.0),
)


@dataclass
class Server:
    """A site of one film that answers ranges, and how many bytes of it it sent."""

    site: Any
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"1"'})
    num_sent: int = 0
    num_ranges: int = 0

    def __post_init__(self) -> None:
        self.plain, self.site.answer = self.site.answer, self.answer

    def answer(self, path: str) -> Answer:
        if path != "/film.mp4":
            answer: Answer = self.plain(path)
            return answer
        self.site.asked.append(path)
        asked = self.site.ranges[-1]
        if not asked:
            return self.send(self.body, 200, {})
        self.num_ranges += 1
        begin, _, last = asked.removeprefix("bytes=").partition("-")
        end = min(int(last) + 1 if last else len(self.body), len(self.body))
        told = f"bytes {int(begin)}-{end - 1}/{len(self.body)}"
        return self.send(self.body[int(begin) : end], 206, {"Content-Range": told})

    def send(self, body: bytes, status: int, more: dict[str, str]) -> Answer:
        if not self.site.heads[-1]:
            self.num_sent += len(body)
        return Answer(body, "video/mp4", status, self.headers | more)


def limits(*stretches: Interval, **more: Any) -> Limits:
    said = {"max_duration_seconds": 300, "max_bytes": 10**8, "stretches": stretches, **more}
    return Limits(**said)


@pytest.mark.parametrize("name", FILMS)
def test_what_is_cut_from_stretches_is_what_the_whole_film_gives(
    site: Any, tmp_path: Path, name: str
) -> None:
    whole = tmp_path / "whole.mp4"
    server = Server(site, film(whole, **FILMS[name]))
    for number, stretch in enumerate(STRETCHES):
        wanted = STRETCHES[1:3] if number == 2 else (stretch,)
        folder = tmp_path / str(number)
        folder.mkdir()
        server.num_sent = 0
        fetched = fetch_video(OPTIONS, f"{site.base}/film.mp4", folder, limits(*wanted))
        assert fetched.whole_because is None and fetched.sections is not None
        assert fetched.sections.stretches == wanted
        assert fetched.file.stat().st_size == len(server.body)
        assert fetched.file.stat().st_blocks * 512 < len(server.body) * 0.55
        # one look at what the page is comes before, of which the answer is not read to its end
        assert (
            fetched.sections.num_bytes
            < server.num_sent - len(server.body) + 1
            < 0.5 * len(server.body)
        )
        for interval in wanted:
            clips = [folder / "of_whole.mp4", folder / "of_stretch.mp4"]
            infos = [
                cut_clip(source, clip, interval)
                for source, clip in zip((whole, fetched.file), clips, strict=True)
            ]
            assert infos[0] == infos[1] and infos[0].num_damaged_frames == 0
            assert clips[0].read_bytes() == clips[1].read_bytes()
