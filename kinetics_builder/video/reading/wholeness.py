"""Whether a file holds all that it promises itself: its outer structure, and its index."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from statistics import median
from typing import BinaryIO

import av
from av.packet import Packet

from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.reading.clock import usual_step
from kinetics_builder.video.reading.container import open_container, packets
from kinetics_builder.video.reading.timeline import read_timeline

_WITH_LENGTH = ("mov", "matroska", "avi", "flv", "asf", "mxf")
"""Demuxers of containers that write down how long they last, rather than having it guessed."""
_SECOND = 1_000_000  # of FFmpeg's own clock
MP4_HEADS = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide"})
"""Boxes that MP4 files and their relatives begin with."""


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
    unread_seconds: float = 0.0
    """How long the pictures would be shown that are missing in between, or damaged."""


def missing_bytes(path: Path) -> int:
    """Return how many bytes more the outermost boxes or chunks promise; 0 where they promise none.

    Looks at MP4 and its relatives (ISO/IEC 14496-12) and at AVI; other containers give 0.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[4:8] in MP4_HEADS:
            return max(0, max(end for _, _, end in _boxes(file, size)) - size)
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
            stretches = sorted(_stretches(packets(container, *container.streams)))
    except (ItemFailed, av.FFmpegError):
        return Spans(0.0, 0.0, 0.0, 0.0)
    if not stretches:
        return Spans(promised, 0.0, 0.0, 0.0)
    held = max(end for _, end in stretches) - stretches[0][0]
    steps = [after - start for (start, _), (after, _) in pairwise(stretches)] or [0.0]
    return Spans(promised, held, median(steps), max(steps), _unread_seconds(path))


def _unread_seconds(path: Path) -> float:
    """Return how long the pictures would be shown that no packet holds, or only in part."""
    try:
        line = read_timeline(path)
    except ItemFailed:
        return 0.0
    return (len(line.unread) + len(line.damaged)) * usual_step(line.shown_seconds())


def broken_at(path: Path) -> int | None:
    """Return where an MP4 file's boxes break off, if fragments lie behind; else None.

    A demuxer goes from box to box: what is behind a hole it never finds, nor misses.
    """
    with path.open("rb") as file:
        if file.read(8)[4:] not in MP4_HEADS:
            return None
        for offset, kind, _ in _boxes(file, path.stat().st_size):
            if not kind.isascii() or not kind.decode("ascii").isprintable():
                with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                    return offset if content.find(b"moof", offset) > 0 else None
    return None


def _stretches(found: Iterator[Packet]) -> Iterator[tuple[float, float]]:  # type: ignore[type-arg]
    """Yield (start, end) of every packet with pictures or sound."""
    for packet in found:
        moment = packet.dts if packet.pts is None else packet.pts
        if moment is None or not packet.size or packet.stream.type not in ("video", "audio"):
            continue
        tick = float(packet.time_base or 1)
        yield moment * tick, (moment + (packet.duration or 0)) * tick


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield (begin, kind, end) of an MP4 file's outermost boxes; the end may lie behind `size`."""
    offset = 0
    while offset < size:
        file.seek(offset)
        head = file.read(16)
        length, kind = int.from_bytes(head[:4]), head[4:8]
        if len(head) < 8:
            length = 8
        elif length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:])
        end = offset + length if length >= 8 else size
        yield offset, kind, end
        offset = end
