"""Writing H.264 video with AAC sound, equal bytes for equal pictures."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawing.canvas import Picture

SOUND_RATE = 8000


def encode(path: Path, pictures: Iterator[Picture], sound: npt.NDArray[np.int16]) -> None:
    """Write an MP4 file; the sound is mono at `SOUND_RATE`."""
    first = next(pictures)
    options = {"fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        video = container.add_stream("libx264", rate=Fraction(FRAMES_PER_SECOND))
        video.height, video.width = first.shape[:2]
        video.pix_fmt = "yuv420p"
        video.options = {"preset": "ultrafast", "crf": "24", "threads": "1"}
        audio = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        audio.bit_rate = 16_000
        audio.options = {"aac_coder": "fast"}  # a fifth of what a video takes goes into sound else
        _sound(container, audio, sound)
        for picture in _with_first(first, pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


def hum(seed: int, seconds: float) -> npt.NDArray[np.int16]:
    """Return a quiet tone over a little noise."""
    rng = np.random.default_rng([seed, 7])
    time = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    pitch, beat = float(rng.uniform(110, 520)), float(rng.uniform(0.5, 2.0))
    tone = np.sin(2 * np.pi * pitch * time) * (0.6 + 0.4 * np.sin(2 * np.pi * beat * time))
    quiet: npt.NDArray[np.int16] = (900 * tone + rng.normal(0, 120, len(time))).astype(np.int16)
    return quiet


def _with_first(first: Picture, rest: Iterator[Picture]) -> Iterator[Picture]:
    yield first
    yield from rest


def _sound(
    container: av.container.OutputContainer,
    stream: av.AudioStream,
    sound: npt.NDArray[np.int16],
) -> None:
    frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = SOUND_RATE, 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
