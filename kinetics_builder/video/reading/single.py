"""The one picture that a video shows at a moment."""

from pathlib import Path

from av.video.frame import VideoFrame

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.reading.indexed import NotIndexed, pictures_at
from kinetics_builder.video.reading.showing import SLACK_SECONDS, Showing
from kinetics_builder.video.reading.timeline import read_timeline


def picture_at(path: Path, seconds: float) -> VideoFrame:
    """Return the picture shown at a moment, as stored (see `orientation`).

    By the index of a plain file, which costs what lies between a key frame and the moment; another
    file is read through. Behind the end it is the last picture.

    Args:
        path: The file.
        seconds: From its start.

    Raises:
        ItemFailed: The file cannot be read, or shows nothing there.

    """
    try:
        return next(pictures_at(path, [seconds], SLACK_SECONDS)).frame
    except NotIndexed:
        return _read_through(path, seconds)


def _read_through(path: Path, seconds: float) -> VideoFrame:
    last = None
    for shown in Showing(path, read_timeline(path), from_seconds=seconds):
        if last is not None and shown.time_seconds > seconds + SLACK_SECONDS:
            break
        last = shown.frame
    if last is None:
        raise ItemFailed(Reason.BROKEN, f"nothing is shown at {seconds:.2f} s")
    return last
