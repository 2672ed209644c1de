"""Single pictures of a plain MP4 file, found by its index: nothing else is read or decoded.

What `showing` learns by reading through a whole file, the index of such a file tells at once:
where the packets lie, and at which decoding can begin. Pictures and moments are those of
`showing`; whatever is not as plain as the clips that `cut` writes is left to it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kinetics_builder.video.reading.clock import GAP_SECONDS
from kinetics_builder.video.reading.container import open_container, packets
from kinetics_builder.video.reading.parts import renewals_of
from kinetics_builder.video.reading.plain import plain_picture
from kinetics_builder.video.reading.showing import SLACK_SECONDS, with_usable_colours
from kinetics_builder.video.reading.stamps import PLACEHOLDER_BYTES

MOST_PACKETS = 2000
"""Between two pictures at which decoding can begin; a stretch with more is not held in memory."""

END_SECONDS = 0.5
"""So long before the last picture's end a file is taken to hold what is asked for."""


class NotIndexed(Exception):
    """The whole file must be read to know what it shows when."""


class Picture(NamedTuple):
    """A picture, and how many of the moments asked for it is shown at."""

    frame: VideoFrame
    """As stored: see `orientation`."""
    num_moments: int


def pictures_at(path: Path, moments: Sequence[float], slack: float) -> Iterator[Picture]:
    """Yield the picture shown at each of the ascending `moments`, in the file's time.

    Args:
        path: The file.
        moments: Seconds, of which several may have one picture.
        slack: A picture counts as shown this little before its moment, seconds.

    Raises:
        NotIndexed: Before the first picture, or between two: the file is not plain, or not whole.
        ItemFailed: It is no video, or not given by the system.

    """
    with open_container(path) as container:
        film = _Film.of(container)
        begin = film.first().shown
        if moments[-1] > film.times[-1] - begin + END_SECONDS:
            raise NotIndexed
        wanted = [moment + begin + slack for moment in moments]
        yield from _Decoding(film, wanted)


class _Told(NamedTuple):
    """A packet, its place in the stream, and when its picture is shown, container's clock."""

    packet: "Packet[VideoStream]"
    place: int
    shown: float
    decoded: float


@dataclass(frozen=True)
class _Film:
    """An open file and its index."""

    container: InputContainer
    stream: VideoStream
    renews: Callable[[bytes], bool]
    tick: float
    stamps: list[int]
    """When each packet is decoded, ticks."""
    keys: list[int]
    """Places of packets that the index calls key frames."""

    @classmethod
    def of(cls, container: InputContainer) -> "_Film":
        """Read the index; raise NotIndexed for a file that must be read through."""
        stream = plain_picture(container)
        renews = None if stream is None else renewals_of(stream)
        if stream is None or renews is None or not container.format.name.startswith("mov"):
            raise NotIndexed
        entries = list(stream.index_entries)
        stamps = [entry.timestamp for entry in entries]
        film = cls(
            container,
            stream,
            renews,
            float(stream.time_base or 1),
            stamps,
            [place for place, entry in enumerate(entries) if entry.is_keyframe],
        )
        is_whole = len(entries) == stream.frames and film.keys[:1] == [0]
        is_shown = all(e.size > PLACEHOLDER_BYTES and not e.is_discard for e in entries)
        if not (is_whole and is_shown and film._runs_on()):
            raise NotIndexed
        for other in container.streams:
            other.discard = Discard.default if other is stream else Discard.all
        stream.codec_context.thread_count = 1
        return film

    @property
    def times(self) -> list[float]:
        """Return when each packet is decoded, seconds."""
        return [stamp * self.tick for stamp in self.stamps]

    def _runs_on(self) -> bool:
        steps = [after - before for before, after in pairwise(self.stamps)]
        return all(0 < step * self.tick <= GAP_SECONDS for step in steps)

    def first(self) -> _Told:
        """Return the first packet: the file's time begins where it is shown."""
        return next(self._from(0))

    def before(self, moment: float) -> Iterator[_Told]:
        """Yield packets from one on that needs none before it and is shown at `moment` or before.

        Args:
            moment: Seconds, on the container's clock.

        """
        nearest = bisect_right(self.keys, moment, key=lambda place: self.stamps[place] * self.tick)
        for place in reversed(self.keys[: max(1, nearest)]):
            found = self._from(place)
            first = next(found)
            if self.is_renewal(first) and (first.shown <= moment or not place):
                yield first
                yield from found
                return
        raise NotIndexed

    def is_renewal(self, told: _Told) -> bool:
        """Say whether a packet and those behind it need none before it."""
        return told.packet.is_keyframe and self.renews(bytes(told.packet))

    def _from(self, place: int) -> Iterator[_Told]:
        """Yield the packets from a place on; raise NotIndexed where they are not as listed."""
        try:
            self.container.seek(self.stamps[place], stream=self.stream)
        except av.FFmpegError as error:
            raise NotIndexed from error
        for packet in packets(self.container, self.stream):
            if not packet.size:
                break
            is_listed = place < len(self.stamps) and packet.dts == self.stamps[place]
            if not is_listed or packet.pts is None or packet.is_corrupt:
                raise NotIndexed
            told = _Told(packet, place, packet.pts * self.tick, self.stamps[place] * self.tick)
            if told.shown < told.decoded:
                raise NotIndexed
            yield told
            place += 1
        if place < len(self.stamps):
            raise NotIndexed


@dataclass
class _Decoding:
    """The pictures at some moments, one stretch of packets that needs no other after another."""

    film: _Film
    wanted: list[float]
    """Ascending, seconds on the container's clock, what rounding takes away added."""

    def __iter__(self) -> Iterator[Picture]:
        latest = float("-inf")
        done = 0
        for stretch, end in self._stretches():
            order = sorted(stretch, key=lambda told: told.shown)
            moments = [told.shown for told in order]
            if order[0] is not stretch[0] or not _rises([latest, *moments]):
                raise NotIndexed
            latest = moments[-1]
            counts = dict[int, int]()
            while done < len(self.wanted) and self.wanted[done] < end:
                place = order[max(0, bisect_right(moments, self.wanted[done]) - 1)].place
                counts[place] = counts.get(place, 0) + 1
                done += 1
            if counts:
                yield from self._decoded(stretch, counts)

    def _stretches(self) -> Iterator[tuple[list[_Told], float]]:
        """Yield the packets of each stretch, and until when its pictures are shown."""
        stretch: list[_Told] = []
        for told in self.film.before(self.wanted[0]):
            if told.decoded > self.wanted[-1]:  # and so are all behind it, and shown later
                break
            if stretch and self.film.is_renewal(told):
                yield stretch, told.shown
                stretch = []
            stretch.append(told)
            if len(stretch) > MOST_PACKETS:
                raise NotIndexed
        if not stretch:
            raise NotIndexed
        yield stretch, float("inf")

    def _decoded(self, stretch: list[_Told], counts: dict[int, int]) -> Iterator[Picture]:
        """Decode a stretch up to the last picture asked for, and yield those that are."""
        needed = stretch[: max(counts) - stretch[0].place + 1]
        moments = {told.place: told.shown for told in needed}
        latest, owed = float("-inf"), dict(counts)
        for frame in self._frames(needed, counts):
            place = -1 if frame.pts is None else frame.pts
            moment = moments.get(place)
            if moment is None or moment < latest or frame.is_corrupt:
                raise NotIndexed
            latest = moment
            if count := owed.pop(place, 0):
                yield Picture(with_usable_colours(frame), count)
        if owed:
            raise NotIndexed

    def _frames(self, needed: list[_Told], counts: dict[int, int]) -> Iterator[VideoFrame]:
        """Decode packets; those that nobody asked for are left out where no other needs them."""
        codec = self.film.stream.codec_context
        try:
            for packet, place, _, _ in needed:
                codec.skip_frame = "DEFAULT" if place in counts else "NONREF"
                packet.pts, packet.dts = place, None
                yield from packet.decode()
            yield from codec.decode(None)
            codec.flush_buffers()
        except av.FFmpegError as error:
            raise NotIndexed from error


def _rises(moments: Sequence[float]) -> bool:
    return all(after - before > SLACK_SECONDS for before, after in pairwise(moments))
