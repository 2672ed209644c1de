"""A folder of Charades' files: videos, and which actions are done in them, from when to when.

Charades_v1_train.csv  Charades_v1_test.csv    a row for each video (arXiv:1604.01753)
Charades_v1_classes.txt                        `c000 Holding some clothes`; may be missing
videos/ or Charades_v1_480/                    a file for each video, by its id
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.clips.charades.annotations import read_charades
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.media import VIDEO_SUFFIXES, files_below
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.metrics.charades import NUM_CLASSES
from models.clips.release import BrokenClip

_SPLITS = ("train", "test")
_CLASSES = "Charades_v1_classes.txt"
_VIDEOS = ("videos", "Charades_v1_480", "Charades_v1")


class Action(NamedTuple):
    """What is done in a video."""

    number: int
    """Of its class."""
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Video:
    """A video with all that is done in it."""

    video_id: str
    path: Path
    seconds: float
    actions: tuple[Action, ...]
    place: int = 0
    """Where it stands among the videos of its split's rows."""


@dataclass(frozen=True)
class ActionsFolder:
    """A folder, read."""

    folder: Path
    labels: tuple[str, ...]
    videos: dict[str, tuple[Video, ...]]
    """By split."""
    broken: tuple[BrokenClip, ...]
    """Videos that are not there, or whose length is not known."""
    absent: dict[str, tuple[Video, ...]]
    """By split, what is said of those that are not there."""
    sha256: str
    """Of all annotations."""


def has_actions(folder: Path) -> bool:
    """Tell whether a folder holds Charades' training rows."""
    return _rows(folder, "train").is_file()


def actions_sha256(folder: Path) -> str:
    """Return the hash of a folder's annotations."""
    digest = hashlib.sha256()
    for path in (*(_rows(folder, split) for split in _SPLITS), folder / _CLASSES):
        digest.update(f"{path.name}\0".encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def read_actions(folder: Path) -> ActionsFolder:
    """Read a folder of Charades' files.

    Raises:
        ModelError: It has no training rows, or none of its videos is there.
        FormatError: A row does not fit.

    """
    if not has_actions(folder):
        raise ModelError(f"{folder} has no {_rows(folder, 'train').name}.")
    files = {path.stem: path for path in _video_files(folder)}
    videos: dict[str, tuple[Video, ...]] = {}
    absent: dict[str, tuple[Video, ...]] = {}
    broken: list[BrokenClip] = []
    for split in _SPLITS:
        rows = [_video(name, clips, folder) for name, clips in _by_video(_rows(folder, split))]
        listed = [
            replace(one, place=place) for place, one in enumerate(rows) if isinstance(one, Video)
        ]
        there = {one.video_id: files.get(one.video_id) for one in listed}
        videos[split] = tuple(
            replace(one, path=path) for one in listed if (path := there[one.video_id]) is not None
        )
        absent[split] = tuple(one for one in listed if there[one.video_id] is None)
        broken += [
            BrokenClip(one.video_id, "no file of this name is there") for one in absent[split]
        ]
        broken += [one for one in rows if isinstance(one, BrokenClip)]
    if not videos["train"]:
        raise ModelError(
            f"{folder}: none of the videos of the split 'train' is there. Put them into "
            f"{folder / _VIDEOS[0]}, each called by its id."
        )
    labels = _labels(folder / _CLASSES)
    return ActionsFolder(
        folder=folder,
        labels=labels,
        videos=videos,
        broken=tuple(broken),
        absent=absent,
        sha256=actions_sha256(folder),
    )


def _rows(folder: Path, split: str) -> Path:
    return folder / f"Charades_v1_{split}.csv"


def _video_files(folder: Path) -> Iterator[Path]:
    for name in _VIDEOS:
        if (folder / name).is_dir():
            found = files_below(folder / name)
            yield from (one for one in found if one.suffix.lower() in VIDEO_SUFFIXES)


def _by_video(path: Path) -> Iterator[tuple[str, list[Clip]]]:
    if path.is_file():
        clips = read_charades(path, Options(), Problems(path))
        for video_id, group in groupby(clips, lambda clip: clip.video_id):
            yield video_id, list(group)


def _video(video_id: str, clips: list[Clip], folder: Path) -> Video | BrokenClip:
    """Return what the rows say of a video, wherever it lies."""
    seconds = clips[0].details.get("duration_seconds")
    if not isinstance(seconds, float) or seconds <= 0:
        return BrokenClip(video_id, "its row says no length")
    actions = (
        Action(int(clip.label[1:]), clip.start_seconds, clip.end_seconds)
        for clip in clips
        if clip.label and clip.start_seconds is not None and clip.end_seconds is not None
    )
    return Video(video_id, folder, seconds, tuple(actions))


def _labels(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        return tuple(f"c{number:03d}" for number in range(NUM_CLASSES))
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if len(lines) != NUM_CLASSES:
        raise ModelError(f"{path}: expected {NUM_CLASSES} classes, one a line, found {len(lines)}.")
    return tuple(line.strip() for line in lines)
