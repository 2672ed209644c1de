"""Decoding a stream's packets one by one, each picture with the place of its packet."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kinetics_builder.video.reading.container import open_container, packets, unknown_codec


class Decoded(NamedTuple):
    """What came out of the decoder: a picture, or damage."""

    place: int | None
    """Of the picture's packet in its stream; None where the decoder does not tell."""
    frame: VideoFrame | None
    """None: a packet that could not be decoded."""


@dataclass(frozen=True, slots=True)
class Start:
    """A packet at which decoding may begin, and how it is found again."""

    place: int
    seek_to: int
    """Where to seek, in ticks of the stream."""
    known: dict[tuple[int | None, int], int]
    """Places of packets up to this one at which decoding can begin, by (pts, size)."""


def decode_places(path: Path, index: int, start: Start | None = None) -> Iterator[Decoded]:
    """Decode stream `index` of `path` from the packet `start`, or from its first one.

    What the decoder says of time is not asked: each packet carries its place through it.
    Where `start` is not found, decoding begins with the first packet.
    """
    if start is not None:
        with open_container(path) as container:
            stream = _stream(container, index)
            if found := _sought(container, stream, start):
                yield from _decode(*found)
                return
    with open_container(path) as container:
        yield from _decode(_pictures(container, _stream(container, index)), 0)


def decode_parts(
    container: InputContainer, stream: VideoStream, start: Start, only: Container[int] | None = None
) -> Iterator[Decoded]:
    """Decode the packets of an open file from a known key frame on, or those at `only` alone.

    The latter must need no others. Where `start` is not found, nothing is decoded.
    """
    if found := _sought(container, stream, start):
        yield from _decode(*found, only)


def be_thrifty(stream: VideoStream, *, leaves_out: bool) -> None:
    """Have a stream decoded for small copies: blocks are not smoothed.

    With `leaves_out`, so are pictures without which the others can be made, where the decoder
    knows them: of H.264 those between two others, else those that no other is made from. (Where
    an encoder makes one from such a picture all the same, it differs by little.)
    """
    codec = stream.codec_context
    if not codec.is_open:
        codec.thread_count = 1
        codec.options = {"skip_loop_filter": "all"}
    if not leaves_out:
        codec.skip_frame = "DEFAULT"
    else:
        codec.skip_frame = "BIDIR" if codec.codec.canonical_name == "h264" else "NONREF"


def _stream(container: InputContainer, index: int) -> VideoStream:
    stream = container.streams[index]
    if not isinstance(stream, VideoStream) or stream.codec_context is None:
        raise unknown_codec()
    stream.codec_context.thread_count = 1
    return stream


def _decode(
    stream: "Iterator[Packet[VideoStream]]", place: int, only: Container[int] | None = None
) -> Iterator[Decoded]:
    for packet in stream:
        if packet.size:
            packet.pts, packet.dts = place, None
            place += 1
            if only is not None and packet.pts not in only:
                continue
        try:
            frames = packet.decode()
        except av.FFmpegError:
            yield Decoded(None, None)
            continue
        for frame in frames:
            yield Decoded(frame.pts, frame)


def _sought(
    container: InputContainer, stream: VideoStream, start: Start
) -> "tuple[Iterator[Packet[VideoStream]], int] | None":
    """Return the packets from a known one at or before `start` on, and its place.

    A container without an index lands where it can: what is too late is tried again from
    further back.
    """
    tick = float(stream.time_base or 1)
    for back_seconds in (0.0, 5.0, 30.0):
        try:
            container.seek(start.seek_to - int(back_seconds / tick), stream=stream)
        except av.FFmpegError:
            return None
        found = _pictures(container, stream)
        for packet in found:
            place = start.known.get((packet.pts, packet.size)) if packet.is_keyframe else None
            if place is not None:
                return _after(packet, found), place
            if packet.pts is not None and packet.pts > start.seek_to + int(10 / tick):
                break
    return None


def _after(
    packet: "Packet[VideoStream]", others: "Iterator[Packet[VideoStream]]"
) -> "Iterator[Packet[VideoStream]]":
    yield packet
    yield from others


def _pictures(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream]]":
    for packet in packets(container, stream):
        if isinstance(packet.stream, VideoStream):
            yield packet
