"""Two seconds of video, drawn and then cut: whether this machine can do what it will be asked."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import ffmpeg
import numpy as np
from av import __version__, library_versions
from av.video.frame import VideoFrame

from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.canvas import Canvas
from kinetics_builder.video.cutting.clip_file import Look, write_clip
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.cutting.sound import Sound
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.indexed import NotIndexed, pictures_at
from kinetics_builder.video.reading.probe import VideoInfo, probe
from kinetics_builder.video.reading.showing import SLACK_SECONDS

RATE = 25
SIZE = (64, 48)
SECONDS = 2
TIMEOUT_SECONDS = 60.0


def draw(path: Path) -> None:
    """Write two seconds that grow lighter from frame to frame, with a tone."""
    moments = np.arange(SECONDS * 16000) / 16000
    tone = (0.3 * np.sin(2 * np.pi * 440 * moments)).astype(np.float32)
    pictures = list(_pictures())
    look = Look(Canvas.for_first(pictures[0][1], 0), Fraction(RATE), Fraction(1))
    write_clip(
        path,
        ((moment, look.canvas.paint(picture)) for moment, picture in pictures),
        Sound(tone[None], 16000),
        seconds=SECONDS,
        look=look,
        settings=CutConfig(),
    )


def _pictures() -> Iterator[tuple[float, VideoFrame]]:
    for number in range(SECONDS * RATE):
        grey = np.full((SIZE[1], SIZE[0], 3), _level(number), dtype=np.uint8)
        yield number / RATE, VideoFrame.from_ndarray(grey, format="rgb24")


def _level(number: int) -> int:
    return 20 + 4 * number


def try_cutting(folder: Path) -> str:
    """Draw a video in `folder`, cut a second out of it and say what came out.

    Raises ItemFailed if that is not the second that was asked for.
    """
    draw(folder / "drawn.mp4")
    cut_clip(folder / "drawn.mp4", folder / "cut.mp4", Interval(0.4, 1.4))
    return _checked(folder / "cut.mp4", first=10, num_frames=RATE)


def try_looking(folder: Path) -> str:
    """Cut a second with near key frames, find two of its pictures by its index; say what did it.

    Raises ItemFailed if they are not found so, or are others: trainings then read whole clips.
    """
    draw(folder / "drawn.mp4")
    settings = CutConfig(keyframe_interval=RATE // 5)
    cut_clip(folder / "drawn.mp4", folder / "cut.mp4", Interval(0.4, 1.4), settings=settings)
    try:
        shown = list(pictures_at(folder / "cut.mp4", [0.3, 0.82], SLACK_SECONDS))
        levels = [float(one.frame.to_ndarray(format="rgb24").mean()) for one in shown]
    except NotIndexed as error:
        raise ItemFailed(
            Reason.BROKEN, "the index of a clip does not lead to its pictures"
        ) from error
    if not np.allclose(levels, [_level(17), _level(30)], atol=3):
        raise ItemFailed(Reason.BROKEN, "the index of a clip leads to other pictures")
    library = ".".join(map(str, library_versions["libavcodec"]))
    return f"PyAV {__version__} with libavcodec {library} found 2 of {RATE} pictures by an index"


def try_ffmpeg(folder: Path) -> str:
    """Let the ffmpeg program put picture and sound of a video together, as yt-dlp asks it to.

    Raises ItemFailed if that fails or loses something.
    """
    draw(folder / "drawn.mp4")
    target = folder / "merged.mkv"
    picture, sound = (ffmpeg.input(f"file:{folder / 'drawn.mp4'}")[kind] for kind in "va")
    merged = ffmpeg.output(picture, sound, f"file:{target}", codec="copy").overwrite_output()
    run_ffmpeg(merged.get_args(), timeout_seconds=TIMEOUT_SECONDS)
    return _checked(target, first=0, num_frames=SECONDS * RATE)


def _checked(path: Path, *, first: int, num_frames: int) -> str:
    info, frames = probe(path), list(iterate_frames(path))
    found = _described(info)
    wanted = f"{num_frames} frames in {num_frames / RATE:.2f} s with sound"
    levels = [float(frame.rgb_HWC.mean()) for frame in frames]
    expected = [_level(number) for number in range(first, first + num_frames)]
    if found != wanted or len(levels) != num_frames or not np.allclose(levels, expected, atol=3):
        raise ItemFailed(Reason.BROKEN, f"made {found} for {wanted}, or other frames")
    return found


def _described(info: VideoInfo) -> str:
    sound = "with" if info.has_audio else "without"
    return f"{info.num_frames} frames in {info.duration_seconds:.2f} s {sound} sound"
