"""The timeline of a plain file, read from its pictures alone: a fraction of the whole's cost.

Most files from the web are plain: one picture in MP4 or Matroska whose packets all say when they
are decoded and shown, without a jump. Of such a file the moments of its pictures are those that
`read_timeline` gives; what is missing in it, and its sound, are not looked for.
"""

from math import nan
from pathlib import Path

import numpy as np
from av.container import InputContainer
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


def plain_timeline(path: Path) -> Timeline | None:
    """Return the timeline of a plain file, without sound; None for any other.

    Raises ItemFailed(BROKEN) for a file that is no video or of which no picture can be decoded.
    """
    with open_container(path) as container:
        pictures = moving_pictures(container)
        is_known = container.format.name.split(",")[0] in PLAIN and len(pictures) == 1
        stream = pictures[0] if is_known else None
        if stream is None or stream.codec_context is None:
            return None
        stamped = _all_stamped(container, stream)
        if not _is_plain(stamped):
            return None
        picture = Track(stream.index, tuple(stamped))
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


def _all_stamped(container: InputContainer, stream: VideoStream) -> list[Stamped]:
    """Return the packets; none where one says too little, or is a part of another."""
    parts, found, tick = parts_of(stream), list[Stamped](), float(stream.time_base or 1)
    for packet in packets(container, stream):
        pts, dts, size = packet.pts, packet.dts, packet.size
        if pts is None or not size:
            if size or pts is not None:
                return []
            continue
        if packet.is_corrupt or (len(found) < FIRST_PACKETS and parts.is_part(bytes(packet))):
            return []
        found.append(
            Stamped(
                shown=pts * tick,
                decoded=None if dts is None else dts * tick,
                duration=(packet.duration or 0) * tick,
                offset=0.0,
                raw=(pts, size),
                seek_to=pts if dts is None else min(pts, dts),
                is_key=packet.is_keyframe,
                is_shown=size > PLACEHOLDER_BYTES and not packet.is_discard,
                is_part=False,
                found=_NOTHING,
            )
        )
    return found


def _is_plain(stamped: list[Stamped]) -> bool:
    """Say whether time runs on from a key frame, and each packet is shown about when decoded."""
    decoded = np.array([nan if p.decoded is None else p.decoded for p in stamped])
    shown = np.array([p.shown for p in stamped], dtype=np.float64)
    steps, waits = np.diff(decoded[~np.isnan(decoded)]), shown - decoded
    runs_on = bool(((steps >= -BACK_SECONDS) & (steps <= GAP_SECONDS)).all())
    if len(stamped) < 2 or not stamped[0].is_key:
        return False
    return runs_on and not bool((np.abs(waits) > FAR_SECONDS).any())
