"""Verb `train-localiser`: annotations and videos -> a localiser, and what it finds in others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.errors import FormatError, ItemFailed
from kinetics_builder.formats.clips.activitynet import annotations
from kinetics_builder.formats.clips.activitynet.results import DETECTION
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip

if TYPE_CHECKING:
    from models.clips.release import BrokenClip
    from models.localising.config import LocaliserConfig
    from models.localising.dense import DenseFeatures
    from models.localising.learning import Lesson, TrainedLocaliser

DETECTIONS = "detections.json"
_SUFFIXES = (".mp4", ".mkv", ".webm", ".avi")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LongVideo:
    """An annotated video."""

    video_id: str
    path: Path
    seconds: float
    clips: tuple[Clip, ...]
    """Its actions."""


@dataclass(frozen=True)
class Annotated:
    """A file of annotations, with the videos that are there."""

    labels: tuple[str, ...]
    videos: Mapping[str, tuple[LongVideo, ...]]
    """By split."""
    broken: tuple["BrokenClip", ...]


@dataclass(frozen=True)
class LocaliserReport:
    """What came of a training."""

    folder: Path
    labels: tuple[str, ...]
    num_train: int
    num_searched: int
    num_found: int
    detections: Path
    broken: tuple["BrokenClip", ...]


def read_annotated(path: Path, folder: Path) -> Annotated:
    """Read annotations like ActivityNet's, and find each video's file by its id.

    Raises:
        FormatError: A row does not fit, or no video is there.

    """
    from models.clips.release import BrokenClip

    files = {one.stem: one for one in sorted(folder.glob("*")) if one.suffix in _SUFFIXES}
    found: dict[str, list[Clip]] = {}
    for clip in annotations.read(path, Options(), Problems(path)):
        found.setdefault(clip.video_id, []).append(clip)
    videos: dict[str, list[LongVideo]] = {}
    broken = []
    for video_id, clips in found.items():
        seconds = clips[0].details.get("duration_seconds")
        file = files.get(video_id) or files.get(f"v_{video_id}")
        if file is None or not isinstance(seconds, int | float) or seconds <= 0:
            why = "no file of this name is there" if file is None else "its length is not told"
            broken.append(BrokenClip(video_id, why))
            continue
        actions = tuple(one for one in clips if one.label and one.start_seconds is not None)
        video = LongVideo(video_id, file, float(seconds), actions)
        videos.setdefault(clips[0].split or "", []).append(video)
    if not videos:
        raise FormatError(
            f"None of the {len(found)} videos of {path} lies in {folder}, called by its id."
        )
    labels = sorted({clip.label for clips in found.values() for clip in clips if clip.label})
    by_split = {split: tuple(some) for split, some in videos.items()}
    return Annotated(tuple(labels), by_split, tuple(broken))


def train_localiser(
    data: Annotated,
    features: "DenseFeatures",
    config: "LocaliserConfig",
    out: Path,
    split: str,
    say: Say,
) -> LocaliserReport:
    """Learn from the split train, find actions in `split`, and write both into `out`.

    `detections.json` is what `kbuild measure activitynet` takes.
    """
    from models.localising.learning import TrainedLocaliser, learn, save_localiser

    train = data.videos.get("train", ())
    if not train:
        raise FormatError(f"No video of the split train is there, of {', '.join(data.videos)}.")
    lessons, unread = _lessons(train, data.labels, features, say)
    network = learn([one for _, one in lessons], len(data.labels), config, say)
    asked = {
        "network": features.trained.card.spec.name,
        "layer": features.layer,
        "weights_sha256": features.weights_sha256,
    }
    trained = TrainedLocaliser(network, data.labels, features.every_seconds, asked)
    save_localiser(out, trained, config)
    searched, unseen = _lessons(data.videos.get(split, ()), data.labels, features, say)
    found = list(_found(searched, trained))
    path = out / DETECTIONS
    header = {"external_data": {"used": True, "details": f"features of {asked['network']}"}}
    DETECTION.write(path, _with(found, header), Options(), Problems(path))
    return LocaliserReport(
        folder=out,
        labels=data.labels,
        num_train=len(lessons),
        num_searched=len(searched),
        num_found=sum(clip.label is not None for clip in found),
        detections=path,
        broken=(*data.broken, *unread, *unseen),
    )


def _lessons(
    videos: Sequence[LongVideo], labels: Sequence[str], features: "DenseFeatures", say: Say
) -> tuple[list[tuple[LongVideo, "Lesson"]], list["BrokenClip"]]:
    """Return the features and actions of videos, and those that could not be read."""
    import torch

    from models.clips.release import BrokenClip
    from models.localising.learning import Lesson

    numbers = {label: number for number, label in enumerate(labels)}
    lessons, broken = [], []
    for place, video in enumerate(videos, start=1):
        try:
            seen = torch.from_numpy(features.of_video(video.path, video.seconds))
        except ItemFailed as failure:
            broken.append(BrokenClip(video.video_id, str(failure)))
            continue
        times = [(clip.start_seconds or 0.0, clip.end_seconds or 0.0) for clip in video.clips]
        actions_A2 = torch.tensor(times).reshape(-1, 2) / features.every_seconds
        named = torch.tensor([numbers[str(clip.label)] for clip in video.clips], dtype=torch.long)
        lessons.append((video, Lesson(seen, actions_A2, named)))
        if place % 20 == 0 or place == len(videos):
            say(f"features of {place} of {len(videos)} videos")
    return lessons, broken


def _found(
    searched: Sequence[tuple[LongVideo, "Lesson"]], trained: "TrainedLocaliser"
) -> Iterator[Clip]:
    from models.localising.finding import find_stretches

    for video, lesson in searched:
        found = find_stretches(
            trained.network, lesson.features_TD, trained.every_seconds, video.seconds
        )
        if not found:
            yield Clip(video.video_id)
        for one in found:
            label = trained.labels[one.number]
            yield Clip(video.video_id, one.start, one.end, label, score=one.score)


def _with(clips: Sequence[Clip], header: Mapping[str, Any]) -> Iterator[Clip]:
    return (clip._replace(details={**clip.details, **header}) for clip in clips)
