"""Annotations of when actions happen, and the videos that they are of."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.clips.activitynet import annotations
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.media import VIDEO_SUFFIXES, files_below, told_by_name
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from pipelines.timelines.derived import ACTIVITYNET

if TYPE_CHECKING:
    from models.clips.release import BrokenClip


@dataclass(frozen=True, slots=True)
class LongVideo:
    """An annotated video."""

    video_id: str
    path: Path
    clips: tuple[Clip, ...]
    """Its actions."""


@dataclass(frozen=True)
class Annotated:
    """A file of annotations, with the videos that are there."""

    labels: tuple[str, ...]
    videos: Mapping[str, tuple[LongVideo, ...]]
    """By split."""
    annotated_splits: frozenset[str]
    """Those of which the file says when anything happens."""
    broken: tuple["BrokenClip", ...]

    def split(self, name: str) -> tuple[LongVideo, ...]:
        """Return the videos of a split.

        Raises:
            FormatError: There are none.

        """
        if not (found := self.videos.get(name)):
            counts = ", ".join(f"{one} ({len(some)})" for one, some in sorted(self.videos.items()))
            raise FormatError(
                f"No video of the split {name} is there; those that are: {counts}. --train-split "
                "says which split is learnt from, --split in which one actions are found."
            )
        return found


def annotations_of(path: Path) -> Path:
    """Return the annotations of a release of segments; any file is itself.

    Raises:
        FormatError: A folder that has none.

    """
    if not path.is_dir():
        return path
    if not (file := path / ACTIVITYNET).is_file():
        raise FormatError(
            f"{path} has no {ACTIVITYNET}: expected a release of segments (`kbuild release --kind "
            "segments`), or a file of annotations."
        )
    return file


def read_annotated(path: Path, folder: Path, without: Collection[str] = ()) -> Annotated:
    """Read annotations like ActivityNet's, and find each video's file by its id.

    Classes that `without` names are not there.

    Raises:
        FormatError: A row does not fit, no video is there, or a class of `without` is none.

    """
    from models.clips.release import BrokenClip

    files = dict(_files(folder))
    found: dict[str, list[Clip]] = {}
    for clip in annotations.read(path, Options(), Problems(path)):
        found.setdefault(clip.video_id, []).append(clip)
    labels = {clip.label for clips in found.values() for clip in clips if clip.label}
    if unknown := sorted(set(without) - labels):
        raise FormatError(f"{path}: no annotation has the label {unknown[0]!r} of --without.")
    labels -= set(without)
    videos: dict[str, list[LongVideo]] = {}
    broken, splits = [], set()
    for video_id, clips in found.items():
        actions = tuple(one for one in clips if one.label in labels and one.end_seconds is not None)
        split = clips[0].split or ""
        splits |= {split} if actions else set()
        if (file := files.get(video_id) or files.get(f"v_{video_id}")) is None:
            broken.append(BrokenClip(video_id, "no file of this name is there"))
            continue
        videos.setdefault(split, []).append(LongVideo(video_id, file, actions))
    if not videos:
        raise FormatError(
            f"None of the {len(found)} videos of {path} lies in {folder}, called by its id."
        )
    by_split = {split: tuple(some) for split, some in videos.items()}
    return Annotated(tuple(sorted(labels)), by_split, frozenset(splits), tuple(broken))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the videos below a folder with the ids that their names tell, whole names last."""
    found = [path for path in files_below(folder) if path.suffix.lower() in VIDEO_SUFFIXES]
    yield from ((told_by_name(path.name)[0], path) for path in found)
    yield from ((path.stem, path) for path in found)
