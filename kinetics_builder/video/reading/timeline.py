"""Which stream of a file is meant, where its time begins, and when each picture is shown.

Everything that opens a video asks here, so that all mean the same picture by the same moment.

The *file's time* begins with the first picture of the moving picture that is meant, and runs
on through joined recordings and jumps (see `clock`). A picture is shown from its time until
the next one's. Packets are numbered by their *place* in the stream, from 0.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.reading.clock import Clock, in_slots, usual_step
from kinetics_builder.video.reading.container import (
    moving_pictures,
    open_container,
    sounds,
    unknown_codec,
    without_picture,
)
from kinetics_builder.video.reading.decoding import decode_places
from kinetics_builder.video.reading.holes import GAP_STEPS, lost_moments
from kinetics_builder.video.reading.orientation import Orientation, orientation_of
from kinetics_builder.video.reading.stamps import Track, read_tracks

BARE = frozenset({"h264", "hevc", "m4v", "mpegvideo"})
"""Streams without a container, whose packets carry no times: what is said of them is guessed."""

AVI = "avi"
"""Says when a packet is decoded, and not when its picture is shown."""

PICTURES_TRIED = 12
"""So many pictures show whether the decoder's order is that of the packets' times."""


@dataclass(frozen=True, slots=True)
class First:
    """What the first pictures tell."""

    width: int
    """Pixels across, as stored."""
    height: int
    orientation: Orientation
    pixel_shape: Fraction
    """Width by height of a stored pixel; 1 for square ones."""
    place: int
    """Of the packet of the first picture that can be decoded."""
    is_in_order: bool
    """Whether the pictures come in the order of their packets' times."""
    reorders: bool
    """Whether the decoder gives pictures in another order than their packets'."""


@dataclass(frozen=True)
class Timeline:
    """A file's moving picture, and its sound, in the file's time."""

    container: str
    """The demuxer's name, as "mov,mp4,m4a,3gp,3g2,mj2"."""
    codec: str
    picture: Track
    sound: Track | None
    first: First
    is_plain: bool
    """Whether every stamp stands in the file as it is meant: only then can one be sought."""
    follows_decoder: bool
    """Whether the decoder's order says which picture is shown when; then `slots` say when."""
    slots: tuple[float, ...]
    """On the container's clock put in order, one for each packet in order of time."""
    begin_seconds: float
    """Where the file's time begins on that clock."""
    lost: tuple[float, ...]
    """When pictures would be shown that the file has lost, as far as it tells: see `holes`."""
    unread: tuple[float, ...]
    """Those of `lost` where bytes of the file are missing."""
    damaged: frozenset[int]
    """Places of packets of which a part is missing."""

    def shown_seconds(self) -> list[float]:
        """Return when each picture is shown, sorted; times before the first one's are gone."""
        return list(self._shown)

    @cached_property
    def _shown(self) -> tuple[float, ...]:
        shown = self.slots if self.follows_decoder else _shown_times(self.picture)
        return tuple(t - self.begin_seconds for t in shown if t >= self.begin_seconds - 1e-9)

    def end_seconds(self) -> float:
        """Return the end of the last picture."""
        shown = self.shown_seconds() or [0.0]
        return shown[-1] + self._last_duration(shown)

    def _last_duration(self, shown: list[float]) -> float:
        if self.follows_decoder:
            return max(self.picture.packets[-1].duration, usual_step(shown))
        begin = shown[-1] + self.begin_seconds
        ends = (
            packet.shown + packet.duration
            for packet in self.picture.packets
            if packet.shown is not None and packet.shown >= begin - 1e-9
            if packet.duration and (packet.is_shown or packet.is_part)
        )
        return max(ends, default=begin) - begin or usual_step(shown)


def read_timeline(path: Path) -> Timeline:
    """Read through the packets of `path` and decode its first pictures.

    Raises ItemFailed(NO_VIDEO) for a file without moving pictures (sound, cover art),
    ItemFailed(BROKEN) for one that is no video or of which no picture can be decoded.
    """
    clock = Clock()
    with open_container(path) as container:
        pictures, heard = moving_pictures(container), sounds(container)
        if not pictures:
            raise without_picture(container)
        tracks = read_tracks(container, [*pictures, *heard[:1]], clock)
        meant = _meant(pictures, tracks)
        if meant.codec_context is None:
            raise unknown_codec()
        names = container.format.name, meant.codec_context.codec.canonical_name
        pixel_shape = shape_of(meant)
        picture, sound = tracks[meant.index], tracks[heard[0].index] if heard else None
        is_undecodable = bool(heard) and heard[0].codec_context is None
    first = first_of(path, picture, pixel_shape)
    is_guessed = names[0] in BARE or (names[0] == AVI and first.reorders)
    follows_decoder = is_guessed or not first.is_in_order
    slots = _slots(picture)
    begin = begin_of(picture, first, slots if follows_decoder else ())
    unread = _lost(picture, None, follows_decoder)
    lost = _lost(picture, sound, follows_decoder)
    return Timeline(
        container=names[0],
        codec=names[1],
        picture=picture,
        sound=None if is_undecodable else sound,
        first=first,
        is_plain=all(track.is_plain for track in tracks.values()),
        follows_decoder=follows_decoder,
        slots=slots,
        begin_seconds=begin,
        lost=tuple(moment - begin for moment in lost),
        unread=tuple(moment - begin for moment in unread),
        damaged=_damaged(picture),
    )


def _meant(pictures: list[VideoStream], tracks: dict[int, Track]) -> VideoStream:
    """Return the picture that moves: what holds one packet alone is a cover, however marked."""
    moving = [s for s in pictures if len(tracks[s.index].packets) > 1]
    return (moving or pictures)[0]


def shape_of(stream: VideoStream) -> Fraction:
    """Return the width by the height of a stream's stored pixels."""
    shape = stream.sample_aspect_ratio or Fraction(1)
    return Fraction(shape.numerator, shape.denominator)


def first_of(path: Path, picture: Track, pixel_shape: Fraction) -> First:
    """Decode the first pictures; raises ItemFailed(BROKEN) if there are none."""
    places: list[int] = []
    found: VideoFrame | None = None
    for decoded in decode_places(path, picture.index):
        if decoded.frame is not None:
            place = decoded.place or 0
            found, places = found or decoded.frame, [*places, place]
        if len(places) >= PICTURES_TRIED:
            break
    if found is None:
        raise ItemFailed(Reason.BROKEN, "no frame can be decoded")
    shown = [picture.packets[place].shown for place in places]
    known = [time for time in shown if time is not None]
    return First(
        found.width,
        found.height,
        orientation_of(found),
        pixel_shape,
        places[0],
        is_in_order=len(known) * 2 > len(shown) and known == sorted(known),
        reorders=places != sorted(places),
    )


def _slots(picture: Track) -> tuple[float, ...]:
    """Return one time for each picture: what stands for none leaves no gap.

    Of a bare stream's packets, where none has a time, all last as long as the first: FFmpeg
    gives others a single tick once it has guessed the rate.
    """
    every = [packet for packet in picture.packets if not packet.is_part]
    durations = [packet.duration for packet in every]
    if all(packet.decoded is None for packet in every):
        durations = durations[:1] * len(every)
    slots = in_slots([packet.decoded for packet in every], durations)
    return tuple(slots[: max(1, sum(p.is_shown for p in every))])


def begin_of(picture: Track, first: First, slots: tuple[float, ...]) -> float:
    """Return where the file's time begins; `slots` where they say when pictures are shown."""
    if slots:
        return slots[min(first.place, len(slots) - 1)]
    shown = picture.packets[first.place].shown
    return min(_shown_times(picture), default=0.0) if shown is None else shown


def _lost(picture: Track, sound: Track | None, follows_decoder: bool) -> list[float]:
    """Return when, on the clock put in order, pictures would be shown that are not there."""
    if picture.lost:
        return list(picture.lost)
    moments: list[float] = []
    behind: list[int] = []
    is_behind = False
    for packet in picture.packets:
        is_behind |= packet.found.is_behind_hole
        moment = packet.decoded if follows_decoder else packet.shown
        if packet.is_shown and moment is not None:
            if is_behind:
                behind.append(len(moments))
            moments.append(moment)
            is_behind = False
    heard = [p.decoded for p in sound.packets if p.decoded is not None] if sound else []
    return lost_moments(moments, behind, heard)


def _damaged(picture: Track) -> frozenset[int]:
    """Return the places of damaged packets.

    Where a key frame follows at once, another piece of a film may begin, which counts its parts
    anew: the demuxer then takes the last packet of the piece before for torn.
    """
    packets = picture.packets
    usual = usual_step([packet.decoded for packet in packets if packet.decoded is not None])
    found = set()
    for place, packet in enumerate(packets):
        if packet.found.is_damaged:
            following = packets[place + 1] if place + 1 < len(packets) else packet
            since = (following.decoded or 0.0) - (packet.decoded or 0.0)
            if not following.is_key or since > GAP_STEPS * usual:
                found.add(place)
    return frozenset(found)


def _shown_times(picture: Track) -> list[float]:
    return sorted(p.shown for p in picture.packets if p.is_shown and p.shown is not None)
