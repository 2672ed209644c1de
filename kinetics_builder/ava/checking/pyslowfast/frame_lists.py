"""PySlowFast's lists of images: `load_image_lists` of its ava_helper.py."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.ava.checking.names import names_in
from kinetics_builder.ava.checking.report import Fate, Findings, Sort
from kinetics_builder.ava.checking.rows import raw_lines

_NUMBER = re.compile(r"(\d+)\.[A-Za-z0-9]+$")

BAD_LINE = Sort(
    fate=Fate.STOPS,
    what="expected 5 cells between spaces, found {found}; PySlowFast ends with an AssertionError",
    remedy="write original_vido_id video_id frame_id path labels, no spaces in a name, and no "
    "blank line",
)
NO_HEADER = Sort(
    fate=Fate.MISREADS,
    what="the first line is no header, but PySlowFast passes over it as one: it reads every image "
    "of the video for the one before",
    remedy='begin the file with "original_vido_id video_id frame_id path labels"',
)
OUT_OF_ORDER = Sort(
    fate=Fate.MISREADS,
    what="image {found} follows image {before} in the list: PySlowFast counts lines and reads no "
    "number, so key frames behind it show another moment",
    remedy="list every image of the video, in the order of time",
)
LATE_START = Sort(
    fate=Fate.MISREADS,
    what="the video's list begins with image {found}, which PySlowFast takes for second 900",
    remedy="list every image from second 900 on",
)


@dataclass(slots=True)
class Images:
    """The images of a video, as listed."""

    line: int
    """Where the first stands."""
    there: bytearray = field(default_factory=bytearray)
    """For each, 1 if it is on the disk."""
    last: int | None = None
    """What the last one's name counts."""


class FrameList:
    """Reads a list; with `root`, looks which images are below it."""

    def __init__(self, part: str, file: str, root: Path | None, findings: Findings) -> None:
        self._part, self._file, self._findings = part, file, findings
        self._disk = _Disk(root)
        self._has_no_header = False

    def read(self, path: Path) -> dict[str, Images]:
        """Return the videos and their images."""
        videos: dict[str, Images] = {}
        for number, text in raw_lines(path):
            cells = text.split()
            if number == 1:
                self._has_no_header = len(cells) == 5 and cells[2].isdecimal()
                if self._has_no_header:
                    self._add(NO_HEADER, 1)
            elif len(cells) != 5:
                self._add(BAD_LINE, number, found=len(cells) or "a blank line")
            else:
                video = videos.setdefault(cells[0], Images(number))
                self._look_at_order(video, cells[3], number)
                video.there.append(self._disk.has(cells[3]))
        return videos

    def _look_at_order(self, video: Images, path: str, line: int) -> None:
        counted = _NUMBER.search(path)
        if counted is None:
            return
        now = int(counted[1])
        if video.last is None:
            if now > 1 + (line == 2 and self._has_no_header):
                self._add(LATE_START, line, found=now)
        elif now != video.last + 1:
            self._add(OUT_OF_ORDER, line, found=now, before=video.last)
        video.last = now

    def _add(self, sort: Sort, line: int, **values: object) -> None:
        self._findings.add(sort, self._part, self._file, line, **values)


class _Disk:
    """Knows which images are there, from one listing of each folder."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._folder: str | None = None
        self._names: frozenset[str] = frozenset()

    def has(self, path: str) -> bool:
        """Tell whether an image is there; always, where nobody knows."""
        if self._root is None:
            return True
        folder, _, name = path.rpartition("/")
        if folder != self._folder:
            self._folder, self._names = folder, names_in(self._root / folder)
        return name in self._names
