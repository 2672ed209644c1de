"""Sounds that tests and benchmarks make, and files of them beside a still picture.

Shapes: S samples.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48000
Sound = NDArray[np.float32]


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.float32)


def tone(seconds: float, hertz: float, level: float = 0.3) -> Sound:
    """One steady tone, with overtones."""
    time = np.arange(int(seconds * RATE)) / RATE
    parts = [np.sin(2 * np.pi * n * hertz * time) / n for n in (1, 2, 3)]
    return (level * np.sum(parts, 0) / 2).astype(np.float32)


def noise(seconds: float, seed: int, level: float = 0.2) -> Sound:
    """Noise that falls by 3 dB an octave, as in a street."""
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(int(seconds * RATE)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    made = np.fft.irfft(spectrum)
    return (level * made / np.abs(made).max()).astype(np.float32)


def music(seconds: float, seed: int, level: float = 0.3) -> Sound:
    """Notes of chance pitch and length over each other, as of no song that repeats."""
    random = np.random.default_rng(seed)
    made = np.zeros(int((seconds + 1) * RATE), np.float32)
    for begin in np.cumsum(random.uniform(0.05, 0.3, int(8 * seconds))):
        if begin >= seconds:
            break
        note = tone(random.uniform(0.1, 0.8), 110 * 2 ** (random.integers(0, 48) / 12), 0.2)
        note *= np.exp(-4 * np.arange(len(note)) / len(note)).astype(np.float32)
        start = int(begin * RATE)
        made[start : start + len(note)] += note[: len(made) - start]
    return (level * made[: int(seconds * RATE)] / np.abs(made).max()).astype(np.float32)


def chirps(seconds: float, seed: int, level: float = 0.3) -> Sound:
    """Tones that rise and fall, each louder in its middle, as of birds and voices."""
    random = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * RATE:
        time = np.arange(int(random.uniform(0.1, 0.5) * RATE)) / RATE
        low, rise = random.uniform(300, 3000), random.uniform(-400, 400)
        swell = np.hanning(len(time))
        parts.append(swell * np.sin(2 * np.pi * (low * time + rise * time**2 / 2)))
        parts.append(np.zeros(int(random.uniform(0.02, 0.2) * RATE)))
    return (level * np.concatenate(parts)[: int(seconds * RATE)]).astype(np.float32)


def beat(seconds: float, bar: Sound) -> Sound:
    """A bar over and over, as loops of samples have it."""
    return np.tile(bar, int(np.ceil(seconds * RATE / len(bar))))[: int(seconds * RATE)]


def write_sound(
    path: Path,
    sound: Sound,
    *,
    codec: str = "aac",
    bit_rate: int = 128_000,
    rate: int = RATE,
    pictures: Sequence[NDArray[np.uint8]] = (),
) -> Path:
    """Write a film of ten pictures a second, grey without any, with a sound of one channel."""
    seconds = len(sound) / RATE
    shown = pictures or [np.full((48, 64, 3), 90, np.uint8)]
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        video.height, video.width = shown[0].shape[:2]
        video.pix_fmt = "yuv420p"
        audio = container.add_stream(codec, rate=rate)
        audio.bit_rate, audio.layout = bit_rate, "mono"
        for index in range(round(10 * seconds)):
            picture = shown[index % len(shown)]
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(video.encode(None))
        resampler = av.AudioResampler(audio.format, "mono", rate)
        for start in range(0, len(sound), RATE):
            part = sound[None, start : start + RATE]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            for made in resampler.resample(frame):
                container.mux(audio.encode(made))
        for made in resampler.resample(None):
            container.mux(audio.encode(made))
        container.mux(audio.encode(None))
    return path
