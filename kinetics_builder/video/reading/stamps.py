"""When the packets of a file are decoded and shown, as they say themselves, put in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from kinetics_builder.video.reading.clock import Clock
from kinetics_builder.video.reading.container import packets, path_of
from kinetics_builder.video.reading.holes import Found, HoleFinder
from kinetics_builder.video.reading.parts import Parts, parts_of
from kinetics_builder.video.reading.transport import breaks

PLACEHOLDER_BYTES = 1
"""A packet no larger stands for a picture that another packet holds, or that was left out."""

FAR_SECONDS = 30.0
"""A picture is not shown this long after it is decoded: such a stamp counts as missing."""

AVI, TRANSPORT = "avi", "mpegts"
CHUNK_HEAD_BYTES = 8
"""Of AVI: FFmpeg's index points at a chunk, its packets at what the chunk holds."""

MAX_MISSING = 64
"""Packets in a row whose time of decoding is worked out from the ones behind them."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A packet's stamps, put in order."""

    shown: float | None
    """When its picture is shown, on the container's clock put in order; None if unknown."""
    decoded: float | None
    """When it is decoded, likewise."""
    duration: float
    """Seconds; 0 if unknown."""
    offset: float
    """What putting in order added, seconds."""
    raw: tuple[int | None, int]
    """(pts, size): what it is known by."""
    seek_to: int | None
    """The earlier of its raw stamps, in ticks of its stream."""
    is_key: bool
    """Decoding can begin here."""
    is_shown: bool
    """False for what only helps others to be decoded, and for what is a part of another."""
    is_part: bool
    """It belongs to the picture of the packet before: see `parts`."""
    found: Found
    """What is missing in it and before it."""


@dataclass(frozen=True, slots=True)
class Track:
    """One stream of a file, by its packets."""

    index: int
    packets: tuple[Stamped, ...]
    lost: tuple[float, ...] = ()
    """When pictures are decoded that the file's index lists and that are not there, seconds."""

    @property
    def is_plain(self) -> bool:
        """Whether every stamp was taken as the demuxer gives it."""
        return not any(packet.offset for packet in self.packets)


class Told(NamedTuple):
    """What a packet says."""

    track: int
    pts: int | None
    dts: int | None
    duration: int
    size: int
    is_key: bool
    is_discard: bool
    is_part: bool
    position: int
    """Of its first byte in the file."""
    found: Found
    moved: int = 0
    """Ticks by which its stamps differ from what the demuxer says."""


def read_tracks(
    container: InputContainer, streams: Sequence[Stream], clock: Clock
) -> dict[int, Track]:
    """Read through `streams` and return their packets by stream, their times put in order."""
    told = _all_told(container, streams)
    ticks = {stream.index: float(stream.time_base or 1) for stream in streams}
    lost: dict[int, tuple[float, ...]] = {}
    if container.format.name == AVI:
        for stream in streams:
            index = _index(stream)
            there = {t.position for t in told}
            if stream.type == "video":
                gone = sorted(time for position, time in index.items() if position not in there)
                lost[stream.index] = tuple(time * ticks[stream.index] for time in gone)
            told = by_index(told, stream.index, index)
    decoded = decoding_times([(t.track, t.pts, t.dts) for t in told], ticks)
    rows: dict[int, list[Stamped]] = {stream.index: [] for stream in streams}
    for one, moment in zip(told, decoded, strict=True):
        rows[one.track].append(_stamped(one, moment, ticks[one.track], clock))
    return {
        index: Track(index, tuple(stamped), lost.get(index, ())) for index, stamped in rows.items()
    }


def _all_told(container: InputContainer, streams: Sequence[Stream]) -> list[Told]:
    """Return what the packets of `streams` say; all others are seen too, for holes.

    An empty packet, as of Theora, shows the picture before for longer.
    """
    parts = {stream.index: parts_of(stream) for stream in streams}
    name = container.format.name
    holes = HoleFinder(name, breaks(path_of(container)) if name == TRANSPORT else ())
    told: list[Told] = []
    latest: dict[int, int] = {}
    for packet in packets(container, *container.streams):
        found = holes.look_at(packet) if packet.size else None
        track = packet.stream_index
        if track in parts and found is not None:
            latest[track] = len(told)
            told.append(_told(packet, parts[track], found))
        elif track in latest and packet.pts is not None:
            told[latest[track]] = _held(told[latest[track]], packet.pts + (packet.duration or 0))
    return told


def _held(told: Told, end: int) -> Told:
    """Return a packet whose picture is shown until `end`."""
    if told.pts is None:
        return told
    return told._replace(duration=max(told.duration, end - told.pts))


def _index(stream: Stream) -> dict[int, int]:
    """Return the time of each packet that the file's index lists, by its position."""
    entries = [entry for entry in stream.index_entries if entry.size]
    return {entry.pos + CHUNK_HEAD_BYTES: entry.timestamp for entry in entries}


def by_index(told: Sequence[Told], track: int, index: Mapping[int, int]) -> list[Told]:
    """Return the packets, those of `track` at the times that an AVI file's index gives them.

    AVI's packets carry no times: they are counted. Behind damage, in which some were lost, the
    count is short, while the index knows better. It may count in other units (bytes).
    """
    mine = [(t.dts, index[t.position]) for t in told if t.track == track and t.position in index]
    scale = next((time / dts for dts, time in mine if dts), 0)
    if not scale:
        return list(told)
    return [
        _moved(t, round(index[t.position] / scale) - (t.dts or 0))
        if t.track == track and t.position in index
        else t
        for t in told
    ]


def _moved(told: Told, ticks: int) -> Told:
    if told.dts is None:
        return told
    pts = None if told.pts is None else told.pts + ticks
    return told._replace(pts=pts, dts=told.dts + ticks, moved=ticks)


def _told(packet: "Packet[Any]", parts: Parts, found: Found) -> Told:
    return Told(
        track=packet.stream_index,
        pts=packet.pts,
        dts=packet.dts,
        duration=packet.duration or 0,
        size=packet.size,
        is_key=packet.is_keyframe,
        is_discard=packet.is_discard,
        is_part=parts.is_part(bytes(packet)),
        position=-1 if packet.pos is None else packet.pos,
        found=found,
    )


def decoding_times(
    told: Sequence[tuple[int, int | None, int | None]], ticks: dict[int, float]
) -> list[float | None]:
    """Return when each packet (track, pts, dts) is decoded, in seconds; None if nothing tells.

    A packet that tells only when it is shown is decoded no later than that, nor than the next
    one of its track: Matroska leaves it out for the first pictures.

    >>> decoding_times([(0, 0, None), (0, 10, None), (0, 5, 0)], {0: 1.0})
    [0.0, 0.0, 0.0]
    """
    found: list[float | None] = []
    behind: dict[int, tuple[float, int]] = {}
    for track, pts, dts in reversed(told):
        moment = None if pts is None else pts * ticks[track]
        if dts is not None:
            moment = dts * ticks[track]
            behind[track] = moment, 0
        elif moment is not None and track in behind:
            following, count = behind[track]
            if count < MAX_MISSING and abs(following - moment) < FAR_SECONDS:
                moment = min(moment, following)
            behind[track] = moment, count + 1
        found.append(moment)
    return found[::-1]


def _stamped(told: Told, decoded: float | None, tick: float, clock: Clock) -> Stamped:
    offset = clock.place(told.track, decoded, told.duration * tick)
    shown = None if told.pts is None else told.pts * tick
    if shown is not None and decoded is not None and abs(shown - decoded) > FAR_SECONDS:
        shown = None
    known = [stamp for stamp in (told.pts, told.dts) if stamp is not None]
    return Stamped(
        shown=None if shown is None else shown + offset,
        decoded=None if decoded is None else decoded + offset,
        duration=told.duration * tick,
        offset=offset + told.moved * tick,
        raw=(told.pts, told.size),
        seek_to=min(known, default=None),
        is_key=told.is_key,
        is_shown=told.size > PLACEHOLDER_BYTES and not (told.is_discard or told.is_part),
        is_part=told.is_part,
        found=told.found,
    )
