"""Names of videos and of their frames, as files have them."""

import re

from kinetics_builder.formats.boxes.frames import as_frame, frame_of, seconds_of
from kinetics_builder.formats.media import stem_of

_FRAME = re.compile(r"(?:(?P<video>.+)_)?(?P<number>[0-9]+)\.[A-Za-z0-9]+")
_NO_VIDEO = frozenset(("frame", "frames", "im", "image", "images", "img", "img1", "rgb"))
"""Words in the names of frames and of their folders that name no video."""
_ESCAPES = {"%": "%25", "/": "%2F", "\\": "%5C", "\0": "%00"}
_LONGEST = 255
"""Bytes of a file's name, on every usual disk."""
_ESCAPED = str.maketrans(_ESCAPES)
_ESCAPE = re.compile("|".join(_ESCAPES.values()))
_LETTERS = {escape: letter for letter, escape in _ESCAPES.items()}


def video_of_file(file: str) -> str:
    """Return the video's id: its file's name without folders and the suffix of a video.

    >>> video_of_file("clips/1j20qq1JyX4.mkv"), video_of_file("a%2Fb")
    ('1j20qq1JyX4', 'a/b')
    """
    return _unescaped(stem_of(file))


def file_of_video(video_id: str, suffix: str) -> str:
    """Return a file's name for a video: its id, with what would lead to a folder escaped.

    >>> file_of_video("a/b", ".json"), file_of_video("..", ".xml")
    ('a%2Fb.json', '...xml')
    """
    return f"{video_id.translate(_ESCAPED)}{suffix}"


def check_video(video_id: str) -> None:
    """Raise a ValueError for a video's id that no file can be called by."""
    if not video_id:
        raise ValueError("expected the name of a video, found an empty one")
    if len(file_of_video(video_id, ".json").encode("utf-8", "surrogatepass")) > _LONGEST:
        raise ValueError(f"expected a video's name of a file's length, found {video_id[:40]!r} ...")


def _unescaped(name: str) -> str:
    return _ESCAPE.sub(lambda found: _LETTERS[found[0]], name) if "%" in name else name


def frame_file(video_id: str, seconds: float, frames_per_second: float) -> str:
    """Return the name of a frame as ffmpeg and PySlowFast number them, from 1.

    >>> frame_file("1j20qq1JyX4", 902.0, 30)
    '1j20qq1JyX4/1j20qq1JyX4_027061.jpg'
    """
    name = video_id.translate(_ESCAPED)
    return f"{name}/{name}_{frame_of(seconds, frames_per_second) + 1:06d}.jpg"


def frame_of_file(file: str, frames_per_second: float) -> tuple[str, float]:
    r"""Return the video and the time of a frame's file, counted from 1.

    The file is called VIDEO_NUMBER.jpg, or by the number alone in a folder of its video.

    Raises:
        ValueError: Another name.

    >>> frame_of_file("frames/1j20qq1JyX4_027061.png", 30)
    ('1j20qq1JyX4', 902.0)
    >>> frame_of_file("MOT17-02/img1/000001.jpg", 30), frame_of_file("a_b/img_00031.jpg", 30)
    (('MOT17-02', 0.0), ('a_b', 1.0))

    """
    *folders, name = file.replace("\\", "/").split("/")
    found = _FRAME.fullmatch(name)
    video = found["video"] if found else None
    if video is None or video.lower() in _NO_VIDEO:
        named = (folder for folder in reversed(folders) if folder.lower() not in _NO_VIDEO)
        video = next(named, None)
    if found is None or not video or video in (".", ".."):
        raise ValueError(f"expected a frame's name like VIDEO_000001.jpg, found {file!r}")
    seconds = seconds_of(as_frame(found["number"], first=1) - 1, frames_per_second)
    return _unescaped(video), seconds
