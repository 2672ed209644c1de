"""Writing a clip's file: H.264 and AAC in MP4, the same bytes for the same pictures and sound."""

import os
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.cutting.canvas import Canvas
from kinetics_builder.video.cutting.sound import Sound
from kinetics_builder.video.reading.container import open_container, packets
from kinetics_builder.video.reading.timeline import Timeline

CLOCK = 90000
"""Ticks a second: fine enough for every frame rate and for frames of uneven length."""

AUDIO_BITS = 96_000
"""A second, at most."""
BITS_A_SAMPLE = 4
"""At most: AAC cannot hold much more, and FFmpeg's encoder searches long for what to do with it."""
SAMPLES_PER_FRAME = 1024
"""Of AAC."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a clip's pictures have in common."""

    canvas: Canvas
    frames_per_second: Fraction
    """About: each picture has its own time."""
    pixel_shape: Fraction
    """Width by height of an upright pixel."""

    @classmethod
    def of(cls, frame: VideoFrame, line: Timeline, short_side: int) -> "Look":
        """Return the look of a clip of the film with this timeline, whose first picture it is."""
        shown = line.shown_seconds()
        rate = Fraction(len(shown) / max(line.end_seconds(), 1e-3)).limit_denominator(1001)
        shape = line.first.pixel_shape
        turned = 1 / shape if line.first.orientation.swaps_sides else shape
        canvas = Canvas.for_first(frame, short_side)
        return cls(canvas, min(max(rate, Fraction(1)), Fraction(1000)), turned)


def write_clip(
    path: Path,
    pictures: Iterable[tuple[float, VideoFrame]],
    sound: Sound | None,
    *,
    seconds: float,
    look: Look,
    settings: CutConfig,
) -> int:
    """Write pictures, each with the seconds from the clip's start, and return their number.

    Pictures are painted on the look's canvas already. The last one lasts until `seconds`.
    Pictures stand in the file in the order in which they are shown (no B-frames), so that
    each one's length is told there, the last one's too.
    """
    with open_mp4(path) as container:
        video = video_stream(container, look, _options(settings))
        voice = _Voice(container, sound, _coder(settings)) if sound else None
        num_pictures, ends = 0, _Ends(round(seconds * CLOCK))
        for moment, picture in pictures:
            picture.pts, picture.time_base = ends.begin(moment), Fraction(1, CLOCK)
            picture.pict_type = 0
            _mux(container, video.encode(picture), ends)
            num_pictures += 1
            if voice:
                voice.mux_until(moment)
        _mux(container, video.encode(None), ends)
        if voice:
            voice.mux_rest()
    return num_pictures


def _options(settings: CutConfig) -> dict[str, str]:
    told = {"crf": str(settings.crf), "preset": settings.preset}
    if settings.keyframe_interval:
        told["g"] = str(settings.keyframe_interval)
    return told


def _coder(settings: CutConfig) -> dict[str, str]:
    """Return how sound is coded: in less than half the time where pictures are in a hurry, too."""
    return {"aac_coder": "fast"} if settings.preset == "ultrafast" else {}


@dataclass(frozen=True, slots=True)
class Written:
    """What a clip's file holds."""

    num_frames: int
    duration_seconds: float
    width: int
    height: int
    has_sound: bool

    @property
    def frames_per_second(self) -> float:
        """Return the average over the clip."""
        return self.num_frames / self.duration_seconds if self.duration_seconds else 0.0


def read_back(path: Path) -> Written:
    """Read what `write_clip` wrote: all its packets, and the first picture.

    Says of such a file what `probe` would, at a fraction of the time.

    Raises ItemFailed(BROKEN) if it cannot be opened or its first picture be decoded.
    """
    with open_container(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        found = list(packets(container, stream))
        first = next((frame for packet in found for frame in packet.decode()), None)
        has_sound = bool(container.streams.audio)
        tick = float(stream.time_base or 1)
    spans = [(p.pts * tick, (p.duration or 0) * tick) for p in found if p.pts is not None]
    if first is None or not spans:
        raise ItemFailed(Reason.BROKEN, "no frame can be decoded of the clip that was written")
    begin, (last, length) = min(spans)[0], max(spans)
    return Written(len(spans), last - begin + length, first.width, first.height, has_sound)


def open_mp4(path: Path) -> OutputContainer:
    """Return an MP4 file to write to, whose index comes first and whose clock is `CLOCK`."""
    return av.open(f"file:{path}", "w", format="mp4", options=_CONTAINER)


_CONTAINER = {"movflags": "+faststart", "fflags": "+bitexact", "video_track_timescale": str(CLOCK)}


def open_in_memory(file: BinaryIO) -> OutputContainer:
    """Return an MP4 in `file`; its index comes last, since nothing that is held is moved."""
    return av.open(file, "w", format="mp4", options={"fflags": "+bitexact"})


def open_nowhere() -> OutputContainer:
    """Return a file that keeps nothing: pictures are encoded for it, and stored elsewhere."""
    return av.open(f"file:{os.devnull}", "w", format="null")


X264 = "cpu-independent=1"
_ENCODER = {"bf": "0", "threads": "1", "x264-params": X264}
"""One thread, and no shortcut that one kind of processor rounds otherwise than the next."""


def video_stream(container: OutputContainer, look: Look, options: Mapping[str, str]) -> VideoStream:
    """Return a stream of pictures that look so, encoded with the options of libx264."""
    told = _ENCODER | dict(options)
    stream = container.add_stream("libx264", rate=look.frames_per_second, options=told)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = look.canvas.width, look.canvas.height
    stream.pix_fmt = "yuv420p"
    codec, colours = stream.codec_context, look.canvas.colours
    codec.time_base = Fraction(1, CLOCK)
    codec.sample_aspect_ratio = look.pixel_shape
    codec.color_primaries, codec.color_trc = colours.primaries, colours.transfer
    codec.colorspace, codec.color_range = colours.matrix, 1
    codec.flags |= Flags.bitexact
    return stream


class _Ends:
    """When each picture of a clip ends, once the next one's begin is known."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.begins: list[int] = []

    def begin(self, moment: float) -> int:
        """Return a moment in ticks, at least one after the picture before."""
        tick = round(moment * CLOCK)
        self.begins.append(max(tick, self.begins[-1] + 1) if self.begins else max(0, tick))
        return self.begins[-1]

    def after(self, begin: int) -> int:
        """Return how long the picture that begins at `begin` lasts, in ticks."""
        following = bisect_right(self.begins, begin)
        end = self.begins[following] if following < len(self.begins) else self.end
        return max(1, end - begin)


def _mux(container: OutputContainer, packets: list["Packet[VideoStream]"], ends: _Ends) -> None:
    for packet in packets:
        if packet.pts is not None:
            packet.duration = ends.after(packet.pts)
        container.mux(packet)


class _Voice:
    """The sound of a clip, written beside its pictures."""

    def __init__(self, container: OutputContainer, sound: Sound, coder: Mapping[str, str]) -> None:
        self.container, self.sound = container, sound
        stream = container.add_stream("aac", rate=sound.rate, layout=sound.layout)
        assert isinstance(stream, AudioStream)
        most = BITS_A_SAMPLE * sound.rate * len(sound.samples_KS)
        stream.bit_rate = min(AUDIO_BITS, most)
        stream.codec_context.flags |= Flags.bitexact
        stream.options = dict(coder)
        self.stream, self.position = stream, 0

    def mux_until(self, seconds: float) -> None:
        """Write what is heard until `seconds`."""
        wanted = min(round(seconds * self.sound.rate), self.sound.samples_KS.shape[1])
        while self.position + SAMPLES_PER_FRAME <= wanted:
            self._encode(SAMPLES_PER_FRAME)

    def mux_rest(self) -> None:
        """Write all that is left."""
        self.mux_until(float(self.sound.samples_KS.shape[1]))
        if rest := self.sound.samples_KS.shape[1] - self.position:
            self._encode(rest)
        self.container.mux(self.stream.encode(None))

    def _encode(self, num_samples: int) -> None:
        samples = self.sound.samples_KS[:, self.position : self.position + num_samples]
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format="fltp", layout=self.sound.layout
        )
        frame.sample_rate, frame.pts = self.sound.rate, self.position
        frame.time_base = Fraction(1, self.sound.rate)
        self.position += num_samples
        self.container.mux(self.stream.encode(frame))
