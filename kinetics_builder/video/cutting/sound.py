"""The sound of a stretch of a video: as long as the stretch, silent where nothing is heard.

Shapes: S samples, K channels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from kinetics_builder.intervals import Interval
from kinetics_builder.video.reading.container import open_container, packets
from kinetics_builder.video.reading.stamps import Track
from kinetics_builder.video.reading.timeline import Timeline

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Samples a second that AAC and every player know."""

LEAD_SECONDS = 2.0
"""How long before a stretch decoding begins."""

DRIFT_SECONDS = 0.05
"""Stamps this far from where the samples stand are jitter; further, a gap or a jump."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Samples from the start of a stretch to its end."""

    samples_KS: NDArray[np.float32]
    """In [-1, 1]."""
    rate: int
    """Samples a second."""

    @property
    def layout(self) -> str:
        """Return the channels' name: mono or stereo."""
        return "mono" if len(self.samples_KS) == 1 else "stereo"


def read_sound(path: Path, line: Timeline, interval: Interval) -> Sound | None:
    """Return what is heard in `interval` of the file's time; None for a file without sound.

    More than two channels are mixed down to two. What cannot be decoded is silent.
    """
    if line.sound is None:
        return None
    tape: _Tape | None = None
    begin, seconds = line.begin_seconds + interval.start, interval.end - interval.start
    for moment, frame in _heard(path, line, line.sound, begin):
        if moment - begin >= seconds:
            break
        tape = tape or _Tape.like(frame, seconds)
        tape.record(moment - begin, frame)
    tape = tape or _Tape(RATES[-1], 1, seconds)
    return Sound(tape.finished(), tape.rate)


def _heard(
    path: Path, line: Timeline, sound: Track, begin: float
) -> Iterator[tuple[float, AudioFrame]]:
    """Yield (moment on the container's clock put in order, frame) from before `begin` on."""
    if line.is_plain and sound.packets:
        with open_container(path) as container:
            stream = container.streams[sound.index]
            if _sought(container, stream, begin - LEAD_SECONDS):
                yield from _decoded(packets(container, stream), [])
                return
    with open_container(path) as container:
        tick = float(container.streams[sound.index].time_base or 1)
        moved = [round(packet.offset / tick) for packet in sound.packets]
        yield from _decoded(packets(container, container.streams[sound.index]), moved)


def _decoded(
    found: Iterator["Packet[Any]"], moved: list[int]
) -> Iterator[tuple[float, AudioFrame]]:
    """Decode packets whose stamps are moved by so many ticks each; past the list by none."""
    following = 0.0
    for place, packet in enumerate(found):
        if packet.size and place < len(moved) and moved[place]:
            packet.pts = None if packet.pts is None else packet.pts + moved[place]
            packet.dts = None if packet.dts is None else packet.dts + moved[place]
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            assert isinstance(frame, AudioFrame)
            moment = following if frame.time is None else frame.time
            following = moment + frame.samples / frame.sample_rate
            yield moment, frame


def _sought(container: InputContainer, stream: Any, moment: float) -> bool:
    """Bring `container` to a packet at or before `moment`; False if that cannot be done."""
    tick = float(stream.time_base or 1)
    for target in (moment, moment - 30):
        try:
            container.seek(int(target / tick), stream=stream)
            found = next((p.pts for p in packets(container, stream) if p.pts is not None), None)
            if found is not None and found * tick <= moment:
                container.seek(int(target / tick), stream=stream)
                return True
        except av.FFmpegError:
            return False
    return False


@dataclass
class _Tape:
    """Takes frames at their moments; what lies between them is silent."""

    rate: int
    num_channels: int
    seconds: float
    samples_KS: NDArray[np.float32] = field(init=False)
    _resampler: AudioResampler | None = None
    _kind: tuple[int, str, str] | None = None
    _expected: float = 0.0
    """Where the next frame should begin, seconds from the start of the tape."""
    _position: int = 0
    """Where the next sample goes."""

    @classmethod
    def like(cls, frame: AudioFrame, seconds: float) -> "_Tape":
        """Return a tape for sound of which `frame` is a part."""
        rate = next((rate for rate in RATES if rate >= frame.sample_rate), RATES[-1])
        return cls(rate, min(2, frame.layout.nb_channels), seconds)

    def __post_init__(self) -> None:
        length = max(1, round(self.seconds * self.rate))
        self.samples_KS = np.zeros((self.num_channels, length), np.float32)

    def record(self, moment: float, frame: AudioFrame) -> None:
        """Put a frame `moment` seconds from the start, or right behind the one before."""
        kind = (frame.sample_rate, frame.layout.name, frame.format.name)
        if kind != self._kind or abs(moment - self._expected) > DRIFT_SECONDS:
            self._flush()
            layout = "mono" if self.num_channels == 1 else "stereo"
            self._resampler = AudioResampler(format="fltp", layout=layout, rate=self.rate)
            self._kind, self._position = kind, round(moment * self.rate)
            self._expected = moment
        self._expected += frame.samples / frame.sample_rate
        frame.pts = None
        assert self._resampler is not None
        self._put(self._resampler.resample(frame))

    def finished(self) -> NDArray[np.float32]:
        """Return all samples."""
        self._flush()
        return np.clip(self.samples_KS, -1, 1)

    def _flush(self) -> None:
        if self._resampler is not None:
            self._put(self._resampler.resample(None))
            self._resampler = None

    def _put(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            found = frame.to_ndarray()
            begin, end = self._position, self._position + found.shape[1]
            low, high = max(begin, 0), min(end, self.samples_KS.shape[1])
            if low < high:
                self.samples_KS[:, low:high] = found[:, low - begin : high - begin]
            self._position = end
