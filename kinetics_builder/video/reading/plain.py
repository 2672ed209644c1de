"""The timeline of a plain file, read from its pictures alone: a fraction of the whole's cost.

Most files from the web are plain: one picture in MP4 or Matroska whose packets all say when they
are decoded and shown, without a jump. Of such a file the moments of its pictures are those that
`read_timeline` gives; what is missing in it, and its sound, are not looked for.
"""

from math import inf, nan
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from kinetics_builder.video.reading.clock import BACK_SECONDS, GAP_SECONDS
from kinetics_builder.video.reading.container import moving_pictures, open_container, packets
from kinetics_builder.video.reading.holes import Found
from kinetics_builder.video.reading.parts import parts_of
from kinetics_builder.video.reading.stamps import FAR_SECONDS, PLACEHOLDER_BYTES, Stamped, Track
from kinetics_builder.video.reading.timeline import Timeline, begin_of, first_of, shape_of

PLAIN = ("mov", "matroska")
"""Demuxers of containers whose packets are stamped as they were written."""

FIRST_PACKETS = 64
"""Packets of which none may be a second field, for none to be expected later."""

_NOTHING = Found(is_damaged=False, is_behind_hole=False)


class Stamps:
    """Is shown the packets of a stream one after another, and says whether it is plain."""

    def __init__(self, stream: VideoStream) -> None:
        self.tick = float(stream.time_base or 1)
        self.num_shown = 0
        self.earliest = inf
        """When the first picture is shown, on the container's clock."""
        self._parts = parts_of(stream)
        self._says_all = True
        self._is_key: list[bool] = []
        self._decoded: list[float] = []
        self._shown: list[float] = []

    def note(self, packet: "Packet[VideoStream]") -> bool:
        """Take the next one; False for one that holds nothing, and ends the stream."""
        pts, dts, size = packet.pts, packet.dts, packet.size
        if pts is None or not size:
            self._says_all &= not (size or pts is not None)
            return False
        is_part = len(self._shown) < FIRST_PACKETS and self._parts.is_part(bytes(packet))
        self._says_all &= not (packet.is_corrupt or is_part)
        self._is_key.append(packet.is_keyframe)
        self._decoded.append(nan if dts is None else dts * self.tick)
        self._shown.append(pts * self.tick)
        if is_shown(packet):
            self.num_shown += 1
            self.earliest = min(self.earliest, pts * self.tick)
        return True

    @property
    def are_plain(self) -> bool:
        """Whether each packet says all, and is shown about when it is decoded, as time runs on.

        A packet that is a part of another says too little.
        """
        if len(self._shown) < 2 or not (self._says_all and self._is_key[0]):
            return False
        decoded = np.array(self._decoded)
        steps, waits = np.diff(decoded[~np.isnan(decoded)]), np.array(self._shown) - decoded
        runs_on = bool(((steps >= -BACK_SECONDS) & (steps <= GAP_SECONDS)).all())
        return runs_on and not bool((np.abs(waits) > FAR_SECONDS).any())


def plain_picture(container: InputContainer) -> VideoStream | None:
    """Return the moving picture of a container that may hold a plain one."""
    pictures = moving_pictures(container)
    is_known = container.format.name.split(",")[0] in PLAIN and len(pictures) == 1
    return pictures[0] if is_known and pictures[0].codec_context is not None else None


def is_shown(packet: "Packet[VideoStream]") -> bool:
    """Say whether a packet's picture is shown."""
    return packet.size > PLACEHOLDER_BYTES and not packet.is_discard


def plain_timeline(path: Path) -> Timeline | None:
    """Return the timeline of a plain file, without sound; None for any other.

    Raises ItemFailed(BROKEN) for a file that is no video or of which no picture can be decoded.
    """
    with open_container(path) as container:
        stream = plain_picture(container)
        if stream is None:
            return None
        stamps = Stamps(stream)
        noted = (p for p in packets(container, stream) if stamps.note(p))
        picture = Track(stream.index, tuple(_stamped(packet, stamps.tick) for packet in noted))
        if not stamps.are_plain:
            return None
        names = container.format.name, stream.codec_context.codec.canonical_name
        shape = shape_of(stream)
    first = first_of(path, picture, shape)
    if not first.is_in_order:
        return None
    return Timeline(
        container=names[0],
        codec=names[1],
        picture=picture,
        sound=None,
        first=first,
        is_plain=True,
        follows_decoder=False,
        slots=(),
        begin_seconds=begin_of(picture, first, ()),
        lost=(),
        unread=(),
        damaged=frozenset(),
    )


def _stamped(packet: "Packet[VideoStream]", tick: float) -> Stamped:
    pts, dts = packet.pts or 0, packet.dts
    return Stamped(
        shown=pts * tick,
        decoded=None if dts is None else dts * tick,
        duration=(packet.duration or 0) * tick,
        offset=0.0,
        raw=(pts, packet.size),
        seek_to=pts if dts is None else min(pts, dts),
        is_key=packet.is_keyframe,
        is_shown=is_shown(packet),
        is_part=False,
        found=_NOTHING,
    )
