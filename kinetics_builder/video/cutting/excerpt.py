"""Which bytes of a file are read where stretches are cut from it: the rest may be holes.

For MP4 whose index lists every packet: with the index alone, and holes of zeros for all else, such
a file is read as the whole one is, up to the bytes of the packets themselves.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from av.stream import Stream

from kinetics_builder.errors import ItemFailed
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.sound import LEAD_SECONDS as SOUND_LEAD_SECONDS
from kinetics_builder.video.reading.container import (
    moving_pictures,
    open_container,
    packets,
    sounds,
)
from kinetics_builder.video.reading.showing import LEAD_SECONDS, start_before
from kinetics_builder.video.reading.stamps import Track
from kinetics_builder.video.reading.timeline import PICTURES_TRIED, Timeline, read_timeline

_FIRST_PICTURES = 2 * PICTURES_TRIED + 16
"""Packets that are decoded, at most, before so many pictures as are tried have come."""
_BEHIND_SECONDS, _BEHIND_PACKETS = 1.0, 32
"""What a decoder takes in before the picture comes that ends a stretch."""

_BY_INDEX = frozenset({"h264", "hevc", "mpeg4", "aac", "opus"})
"""Codecs of whose packets FFmpeg believes an MP4 file's index, and parses none anew."""

Span = tuple[int, int]
"""[begin, end) of bytes."""


class NotApartError(Exception):
    """Stretches of a file cannot be had without the rest; says why."""


@dataclass(frozen=True)
class Places:
    """Where the packets of the streams that are read lie in a file, in the order of each."""

    spans: dict[int, list[Span]]
    """By number of the stream: the moving picture's, and its sound's."""
    keys: tuple[int, ...]
    """Places of pictures at which decoding may begin, as the index says: the bytes of a packet say
    it too, once they are here."""

    @classmethod
    def of(cls, path: Path) -> "Places":
        """Return the places in a file of which the index alone need be there.

        Raises:
            NotApartError: It has no such index, or holds no moving picture.

        """
        try:
            with open_container(path) as container:
                pictures, heard = moving_pictures(container), sounds(container)
                if len(pictures) != 1:
                    raise NotApartError(f"it holds {len(pictures)} moving pictures")
                read = [*pictures, *heard[:1]]
                for one in read:
                    _check_codec(one)
                spans: dict[int, list[Span]] = {one.index: [] for one in read}
                for packet in packets(container, *container.streams):
                    if packet.size and packet.stream_index in spans:
                        if packet.pos is None or packet.pos < 0:
                            raise NotApartError("its index does not say where its pictures lie")
                        spans[packet.stream_index].append((packet.pos, packet.pos + packet.size))
                at = {one.pos for one in pictures[0].index_entries if one.is_keyframe}
                shown = spans[pictures[0].index]
                return cls(spans, tuple(n for n, span in enumerate(shown) if span[0] in at))
        except ItemFailed as failure:
            raise NotApartError(f"its index cannot be read ({failure.message})") from failure

    @property
    def first_pictures(self) -> list[Span]:
        """Where the packets lie that tell what pictures and sound are like."""
        return joined(span for spans in self.spans.values() for span in spans[:_FIRST_PICTURES])


def needed(path: Path, places: Places, stretches: Sequence[Interval]) -> list[Span]:
    """Return where the packets lie that are read where `stretches` are cut, joined and in order.

    Args:
        path: The file, of which the index and the first pictures must be there.
        places: Of its packets.
        stretches: Seconds of the file's time.

    Raises:
        NotApartError: Its times do not hold for parts of it, or no picture can be decoded.

    """
    line = _plain(path)
    starts = [_key_before(line, places, stretch.start) for stretch in stretches]
    return joined(
        span
        for track, first, last in _read(line, stretches, starts)
        for span in places.spans[track][first:last]
    )


def check_held(path: Path, stretches: Sequence[Interval]) -> None:
    """Return if all is there that is read where `stretches` are cut.

    Raises:
        NotApartError: It is not.

    """
    line = _plain(path)
    starts = [start_before(line, stretch.start) for stretch in stretches]
    firsts = [0 if start is None else start.place for start in starts]
    for track, first, last in _read(line, stretches, firsts):
        one = line.picture if track == line.picture.index else line.sound
        assert one is not None
        if any(packet.found.is_damaged for packet in one.packets[first:last]):
            raise NotApartError("not all came that its stretches need")


def joined(spans: Iterable[Span], gap: int = 0) -> list[Span]:
    """Return spans in order, those joined that meet or lie at most `gap` bytes apart.

    >>> joined([(8, 9), (0, 2), (1, 4), (5, 6)], gap=1)
    [(0, 6), (8, 9)]
    """
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1] + gap:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found


def _check_codec(stream: Stream) -> None:
    codec = stream.codec_context
    name = "one that is unknown" if codec is None else codec.codec.canonical_name
    if name not in _BY_INDEX:
        raise NotApartError(f"its codec ({name}) is parted into pictures by reading all of it")


def _plain(path: Path) -> Timeline:
    """Return the timeline of a file whose times hold for parts of it, too."""
    try:
        line = read_timeline(path)
    except ItemFailed as failure:
        raise NotApartError(f"its first pictures cannot be read ({failure.message})") from failure
    if not line.is_plain or line.follows_decoder:
        raise NotApartError("its times are put in order by reading all of it")
    if any(packet.is_part for packet in line.picture.packets):
        raise NotApartError("it is interlaced")
    return line


def _key_before(line: Timeline, places: Places, seconds: float) -> int:
    """Return the place at which decoding will begin, as `start_before` finds it in the whole."""
    latest = line.begin_seconds + seconds - LEAD_SECONDS
    shown = [(place, line.picture.packets[place].shown) for place in places.keys]
    return max((place for place, time in shown if time is not None and time <= latest), default=0)


def _read(
    line: Timeline, stretches: Sequence[Interval], firsts: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """Yield (stream, first place, behind the last) of the packets that each stretch needs.

    Args:
        line: Of the file.
        stretches: Seconds of the file's time.
        firsts: Where decoding begins for each.

    """
    for (start, end), first in zip(stretches, firsts, strict=True):
        behind = line.begin_seconds + end + _BEHIND_SECONDS
        yield line.picture.index, first, _place(line.picture, behind) + _BEHIND_PACKETS
        if line.sound is not None:
            heard = line.begin_seconds + start - SOUND_LEAD_SECONDS - _BEHIND_SECONDS
            yield (
                line.sound.index,
                max(0, _place(line.sound, heard) - 1),
                _place(line.sound, behind),
            )


def _place(track: Track, moment: float) -> int:
    """Return the place of the first packet that is decoded at a moment or behind it."""
    decoded = [packet.decoded or 0.0 for packet in track.packets]
    return bisect_left(decoded, moment)
