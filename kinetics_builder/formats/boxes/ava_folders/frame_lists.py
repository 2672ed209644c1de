"""PySlowFast's frame lists for AVA: a line for each frame of each video, at 30 frames a second.

`original_vido_id video_id frame_id path labels`, as the tool spells it; the labels are empty.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import lines

HEADER = "original_vido_id video_id frame_id path labels"
_NUM_FRAMES = 901 * 30
"""Those of the 15 minutes from second 900 on, cut with `-ss 900 -t 901`."""


def write_frame_list(
    file: TextIO, videos: Mapping[str, int | None], frames: Path | None, problems: Problems
) -> None:
    """Write the list of all frames of `videos`.

    With `frames`, the folder of a folder of frames for each video, those that are there;
    otherwise as many as a short video is known to have, or 27,030, called
    VIDEO/VIDEO_000001.jpg and so on.
    """
    file.write(f"{HEADER}\n")
    for number, (video_id, num_frames) in enumerate(videos.items()):
        names = (
            _names(video_id, num_frames or _NUM_FRAMES)
            if frames is None
            else _names_below(frames, video_id, problems)
        )
        for frame, name in enumerate(names):
            file.write(f'{video_id} {number} {frame} {name} ""\n')


def _names(video_id: str, num_frames: int) -> Iterator[str]:
    for frame in range(1, num_frames + 1):
        yield f"{video_id}/{video_id}_{frame:06d}.jpg"


def _names_below(frames: Path, video_id: str, problems: Problems) -> Iterator[str]:
    folder = frames / video_id
    names = sorted(found.name for found in folder.glob("*.jpg")) if folder.is_dir() else []
    if not names:
        problems.item = video_id
        problems.error(f"expected frames, *.jpg, in {folder}, found none")
    for name in names:
        yield f"{video_id}/{name}"


def read_frame_list(path: Path, problems: Problems) -> set[str]:
    """Return the videos of a frame list.

    Raises:
        FormatError: Another header, or an empty file.

    """
    rows = lines(path, problems)
    header = next(rows, "")
    if header.split() != HEADER.split():
        raise FormatError(f"{path}:1: expected the header {HEADER!r}, found {header!r}.")
    videos: set[str] = set()
    for row in rows:
        cells = row.split()
        if len(cells) == 5:
            videos.add(cells[0])
        else:
            problems.error(f"expected 5 cells between spaces, found {len(cells)}, in {row!r}")
    return videos
