"""Whether a file holds all that it promises itself: its outer structure, and its index."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import BinaryIO

import av
from av.packet import Packet

from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.container import open_container

_WITH_LENGTH = ("mov", "matroska", "avi", "flv", "asf", "mxf")
"""Demuxers of containers that write down how long they last, rather than having it guessed."""
_SECOND = 1_000_000  # of FFmpeg's own clock


@dataclass(frozen=True, slots=True)
class Spans:
    """What a file's streams hold, all of them together."""

    promised_seconds: float
    """What the container says that it lasts; 0 where it says nothing."""
    held_seconds: float
    """From the first packet's start to the last one's end."""
    usual_step_seconds: float
    """Between two packets' starts, of pictures and sound together; the median."""
    longest_step_seconds: float


def missing_bytes(path: Path) -> int:
    """Return how many bytes more the outermost boxes or chunks promise; 0 where they promise none.

    Looks at MP4 and its relatives (ISO/IEC 14496-12) and at AVI; other containers give 0.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"):
            return max(0, _end_of_boxes(file, size) - size)
        if head[:4] == b"RIFF" and len(head) == 12:
            return max(0, int.from_bytes(head[4:8], "little") + 8 - size)
    return 0


def spans(path: Path) -> Spans:
    """Return how long `path` says that it lasts, and what is there.

    A file that cannot be opened holds nothing: `probe` says why.
    """
    try:
        with open_container(path) as container:
            names = container.format.name.split(",")
            promised = (container.duration or 0) / _SECOND if names[0] in _WITH_LENGTH else 0.0
            stretches = sorted(_stretches(container.demux()))
    except (ItemFailed, av.FFmpegError):
        return Spans(0.0, 0.0, 0.0, 0.0)
    if not stretches:
        return Spans(promised, 0.0, 0.0, 0.0)
    held = max(end for _, end in stretches) - stretches[0][0]
    steps = [after - start for (start, _), (after, _) in pairwise(stretches)] or [0.0]
    return Spans(promised, held, median(steps), max(steps))


def _stretches(packets: Iterator[Packet]) -> Iterator[tuple[float, float]]:  # type: ignore[type-arg]
    """Yield (start, end) of every packet with pictures or sound, until the first broken one."""
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, IndexError):  # IndexError: a stream that came in late (FLV)
            return
        if packet is None:
            return
        moment = packet.dts if packet.pts is None else packet.pts
        if moment is None or not packet.size or packet.stream.type not in ("video", "audio"):
            continue
        tick = float(packet.time_base or 1)
        yield moment * tick, (moment + (packet.duration or 0)) * tick


def _end_of_boxes(file: BinaryIO, size: int) -> int:
    """Return where the last box of an MP4 file ends by its own word, which may lie behind it."""
    offset = 0
    while offset < size:
        file.seek(offset)
        head = file.read(16)
        if len(head) < 8:
            return offset + 8
        length = int.from_bytes(head[:4])
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:])
        if length == 0:  # up to the end, wherever that is
            return size
        if length < 8:
            return size
        offset += length
    return offset
