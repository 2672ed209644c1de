"""How Kinetics names clips and their files."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from kinetics_builder.formats.records import Clip
from kinetics_builder.intervals import Interval


class ClipName(NamedTuple):
    """What a clip's name says: the video, and whole seconds from its start."""

    video_id: str
    start: int
    end: int

    def __str__(self) -> str:
        return _stem(*self)

    @property
    def key(self) -> str:
        """As submissions to the Kinetics challenge call the clip."""
        return f"{self.video_id}_{self.start}_{self.end}"


def _stem(video_id: str, start: int, end: int) -> str:
    return f"{video_id}_{start:06d}_{end:06d}"


_NAME = re.compile(r"(.+)_([0-9]{6,9})_([0-9]{6,9})")
_BRACKETED = re.compile(r"(.*[^ _])[ _]*\[([A-Za-z0-9_-]{11})\](?:\.f[0-9]+)?", re.DOTALL)
"""What yt-dlp calls a file: Title [ID]; with the number of a format where it did not end."""
_HYPHENED = re.compile(r"(.*\S)-([A-Za-z0-9_-]{11})(?:\.f[0-9]+)?", re.DOTALL)
"""What youtube-dl called it: Title-ID."""


class FileName(NamedTuple):
    """What the name of a video's file tells, without its suffix."""

    video_id: str
    title: str | None = None
    start: float | None = None
    """In seconds of the video, where the file is a clip of it."""
    end: float | None = None


def parse_file_name(stem: str) -> FileName:
    """Return what a name tells that the crawler of Kinetics or a downloader gave.

    Another name is the video's id.

    >>> parse_file_name("Segway tour [SOX5yA1l24A]")
    FileName(video_id='SOX5yA1l24A', title='Segway tour', start=None, end=None)
    >>> parse_file_name("Segway tour-SOX5yA1l24A_000007_000017")
    FileName(video_id='SOX5yA1l24A', title='Segway tour', start=7.0, end=17.0)
    >>> parse_file_name("v_Archery_g01_c01").video_id, parse_file_name("-5KQ66BBWC4").video_id
    ('v_Archery_g01_c01', '-5KQ66BBWC4')
    """
    clip = parse_clip_name(stem)
    if clip is not None and clip.start < clip.end:
        return FileName(*_titled(clip.video_id), float(clip.start), float(clip.end))
    return FileName(*_titled(stem))


def _titled(name: str) -> tuple[str, str | None]:
    """Return the id and the title in a name; the name as the id, where there are not both."""
    if (found := _BRACKETED.fullmatch(name)) and _is_no_word(found[2]):
        return found[2], found[1]
    found = _HYPHENED.fullmatch(name)
    if found and found[2].lower() != found[2] and _is_no_word(found[2]):
        return found[2], found[1]
    return name, None


def _is_no_word(text: str) -> bool:
    """Tell whether these letters are an id: words have no digits, and no capitals within."""
    return not text.isalpha() or text[1:].lower() != text[1:]


def whole_seconds(interval: Interval) -> tuple[int, int]:
    """Return the whole seconds around `interval`: its start rounded down, its end up.

    >>> whole_seconds(Interval(12.4, 22.4))
    (12, 23)
    """
    return math.floor(interval.start), math.ceil(interval.end)


def clip_file_name(video_id: str, start: int, end: int) -> str:
    """Return the name the official crawler gives a clip's file.

    >>> clip_file_name("SOX5yA1l24A", 7, 17)
    'SOX5yA1l24A_000007_000017.mp4'
    """
    return f"{_stem(video_id, start, end)}.mp4"


def parse_clip_name(name: str) -> ClipName | None:
    """Return what the official crawler's name says, given without its suffix; None for others.

    >>> parse_clip_name("SOX5yA1l24A_000007_000017")
    ClipName(video_id='SOX5yA1l24A', start=7, end=17)
    >>> parse_clip_name("v_Archery_g01_c01")
    """
    found = _NAME.fullmatch(name)
    return ClipName(found[1], int(found[2]), int(found[3])) if found else None


def clip_name(clip: Clip) -> str:
    """Return the official crawler's name for a clip, without a suffix; a whole video's id."""
    return next(crawler_names(clip))


def crawler_names(clip: Clip) -> Iterator[str]:
    """Yield what the official crawler may have called a clip, without a suffix; ours first.

    It cuts times between seconds off at both ends, where ours is rounded up at the end.

    >>> list(crawler_names(Clip("SOX5yA1l24A", 40.0, 42.5)))
    ['SOX5yA1l24A_000040_000043', 'SOX5yA1l24A_000040_000042']
    """
    whole = whole_stretches(clip)
    return map(str, whole) if whole else iter([clip.video_id])


def whole_stretches(clip: Clip) -> list[ClipName]:
    """Return the clip with times in whole seconds, around it and cut off; none of a whole video.

    >>> whole_stretches(Clip("a", 7.0, 17.0))
    [ClipName(video_id='a', start=7, end=17)]
    """
    start, end = clip.start_seconds, clip.end_seconds
    if start is None or end is None:
        return []
    around = ClipName(clip.video_id, *whole_seconds(Interval(start, end)))
    return list(dict.fromkeys([around, ClipName(clip.video_id, int(start), int(end))]))


def file_of(clip: Clip) -> str:
    """Return the clip's file: what its record says, else the official crawler's name for it.

    >>> file_of(Clip("SOX5yA1l24A", 7, 17)), file_of(Clip("SOX5yA1l24A"))
    ('SOX5yA1l24A_000007_000017.mp4', 'SOX5yA1l24A.mp4')
    """
    return clip.file or f"{clip_name(clip)}.mp4"
