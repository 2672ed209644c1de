"""Opening a media file whose maker nobody knows: local bytes only, and no playlists."""

import errno
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.places import is_unread

DEMUXERS = (
    "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,rm,yuv4mpegpipe,dv,"
    "mpegvideo,m4v,h264,hevc,mp3,wav,aac,flac"
)
"""Containers that hold their own media, and bare streams without one. Playlists, concat
scripts and image sequences, which name other files or addresses, are not among them."""

PROTOCOLS = "file"
"""What the demuxer may read from."""

_SCHEME = f"{PROTOCOLS}:"

OPTIONS = {"protocol_whitelist": PROTOCOLS, "format_whitelist": DEMUXERS}

UNKNOWN = "unknown kind"

NOT_MOVING = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image

_ANY_METADATA: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
)
"""Before PyAV 19, metadata that are no UTF-8 ended the opening, unless it was told otherwise."""

StreamT = TypeVar("StreamT", VideoStream, AudioStream)


@contextmanager
def open_container(path: Path) -> Iterator[InputContainer]:
    """Open `path`, whatever its metadata are written in.

    Raises ItemFailed(BROKEN) for one that is no video of a known container, ItemFailed(MISSING)
    or ItemFailed(OTHER) where the system does not give the file.
    """
    try:
        container = av.open(f"{_SCHEME}{path}", options=OPTIONS, **_ANY_METADATA)
    except av.FFmpegError as error:
        raise ItemFailed(_reason(error), f"cannot be opened: {_first_line(error)}") from error
    with container:
        yield container


def path_of(container: InputContainer) -> Path:
    """Return the file that was opened."""
    return Path(container.name.removeprefix(_SCHEME))


def moving_pictures(container: InputContainer) -> list[VideoStream]:
    """Return the video streams that are no covers, thumbnails or stills, the default first."""
    return _by_default([s for s in container.streams.video if not s.disposition & NOT_MOVING])


def without_picture(container: InputContainer) -> ItemFailed:
    """Return the failure of a container in which no stream is known for a moving picture."""
    kinds = Counter(_kind(stream) for stream in container.streams)
    found = ", ".join(f"{count} of {kind}" for kind, count in sorted(kinds.items()))
    text = f"holds no moving picture; its streams: {found or 'none'}"
    if container.format.name == "mpegts" and UNKNOWN in kinds:
        text += (
            ". In MPEG-TS, FFmpeg writes codecs that it does not know again, AV1 and VP9 among "
            "them: put the video from its original into MP4 or Matroska"
        )
    return ItemFailed(Reason.NO_VIDEO, text)


def unknown_codec() -> ItemFailed:
    """Return the failure of a moving picture that nothing here can decode."""
    version = ".".join(map(str, av.library_versions["libavcodec"]))
    return ItemFailed(
        Reason.BROKEN,
        f"its codec is unknown to FFmpeg's libavcodec {version} that is used here: "
        "write it anew, as H.264 in MP4",
    )


def _kind(stream: Stream) -> str:
    """Return what is known of a stream in a word: covers, sound, subtitles, or nothing."""
    if isinstance(stream, VideoStream):
        return "stills"
    name = getattr(stream, "name", None)
    return UNKNOWN if stream.type == "data" and name in (None, "bin_data") else str(stream.type)


def sounds(container: InputContainer) -> list[AudioStream]:
    """Return the streams of sound, the default first."""
    return _by_default(list(container.streams.audio))


def _by_default(streams: Sequence[StreamT]) -> list[StreamT]:
    """Return streams in the order in which a player would choose: decodable, default, first."""
    return sorted(
        streams, key=lambda s: (s.codec_context is None, not s.disposition & Disposition.default)
    )


def packets(container: InputContainer, *streams: Stream) -> Iterator["Packet[Any]"]:
    """Yield the packets of `streams`, the flushing ones last; a damaged end is an end.

    A stream that comes in late, as in FLV, ends PyAV's loop once: it is begun again.
    """
    demuxed = container.demux(list(streams))
    while True:
        try:
            packet = next(demuxed, None)
        except IndexError:
            demuxed = container.demux(list(streams))
            continue
        except av.FFmpegError:
            return
        if packet is None:
            return
        yield packet


def _reason(error: av.FFmpegError) -> Reason:
    """Return whether what cannot be opened is damaged, or lost, or kept from us for now."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return Reason.MISSING
    says_damage = error.errno == errno.EIO  # FFmpeg's demuxers do, of what they cannot read
    return Reason.OTHER if is_unread(error) and not says_damage else Reason.BROKEN


def _first_line(error: av.FFmpegError) -> str:
    return str(error.strerror or error).splitlines()[0]
