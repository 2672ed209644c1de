"""What a video file is, measured rather than believed."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kinetics_builder.video.reading.clock import usual_step
from kinetics_builder.video.reading.timeline import Timeline, read_timeline


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A file's moving picture, as its packets and its first frames tell."""

    container: str
    """The demuxer's name, as "mov,mp4,m4a,3gp,3g2,mj2"."""

    codec: str
    """Name of the codec, as "h264"."""

    width: int
    """Pixels across, upright."""

    height: int
    """Pixels down, upright."""

    rotation_degrees: int
    """Counter-clockwise turn that makes the stored picture upright: 0, 90, 180 or 270."""

    is_mirrored: bool
    """True if the upright picture is a mirror's, as of front cameras."""

    start_seconds: float
    """The first frame's timestamp on the container's clock."""

    duration_seconds: float
    """From the first frame's start to the last one's end."""

    frames_per_second: float
    """Average over the video."""

    num_frames: int
    """Frames that the packets hold; a damaged one counts."""

    has_audio: bool
    """True if any sound lies beside the picture."""

    is_variable_rate: bool
    """True if frames stand for visibly different lengths of time."""


def probe(path: Path) -> VideoInfo:
    """Return what `path` holds: decodes its first frames and reads through the packets.

    Raises ItemFailed(NO_VIDEO) for a file of sound only, ItemFailed(BROKEN) for one of which
    no frame can be decoded.
    """
    return describe(read_timeline(path))


def describe(line: Timeline) -> VideoInfo:
    """Return what a file holds whose timeline was read."""
    shown, duration = line.shown_seconds() or [0.0], line.end_seconds()
    turned = line.first.orientation
    width, height = turned.size(line.first.width, line.first.height)
    return VideoInfo(
        container=line.container,
        codec=line.codec,
        width=width,
        height=height,
        rotation_degrees=turned.rotation_degrees,
        is_mirrored=turned.is_mirrored,
        start_seconds=line.begin_seconds,
        duration_seconds=duration,
        frames_per_second=len(shown) / duration if duration else 0.0,
        num_frames=len(shown),
        has_audio=line.sound is not None,
        is_variable_rate=_is_variable(shown),
    )


def _is_variable(times: list[float]) -> bool:
    """Say whether any step differs from the usual one by more than rounding explains."""
    usual = usual_step(times)
    allowed = max(0.0021, usual * 0.1)
    return any(abs(b - a - usual) > allowed for a, b in pairwise(times))
