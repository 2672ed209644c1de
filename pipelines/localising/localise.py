"""Verb `train-localiser`: annotations and videos -> a localiser, and what it finds in others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.errors import FormatError, ItemFailed
from kinetics_builder.formats.clips.activitynet.results import DETECTION
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from pipelines.localising.annotated import Annotated, LongVideo

if TYPE_CHECKING:
    from models.clips.release import BrokenClip
    from models.localising.config import LocaliserConfig
    from models.localising.dense import DenseFeatures
    from models.localising.learning import Lesson
    from models.localising.store import TrainedLocaliser
    from models.training.runtime import Runtime

DETECTIONS, CLASSES = "detections.json", "classes.txt"
Say = Callable[[str], None]


@dataclass(frozen=True)
class SeenVideo:
    """A video with what a network says along it."""

    video: LongVideo
    seconds: float
    lesson: "Lesson"


@dataclass(frozen=True, kw_only=True)
class Localising:
    """What is learnt from what, and where it is kept."""

    data: Annotated
    features: "DenseFeatures"
    config: "LocaliserConfig"
    out: Path
    train_split: str
    split: str
    """Where actions are found."""
    say: Say

    def seen(self, videos: Sequence[LongVideo]) -> tuple[list[SeenVideo], list["BrokenClip"]]:
        """Return the features and actions of videos, and those that could not be read."""
        from models.clips.release import BrokenClip

        seen: list[SeenVideo] = []
        broken = []
        for place, video in enumerate(videos, start=1):
            try:
                seen.append(self._seen(video))
            except ItemFailed as failure:
                broken.append(BrokenClip(video.video_id, str(failure)))
            if place % 20 == 0 or place == len(videos):
                self.say(f"features of {place} of {len(videos)} videos")
        return seen, broken

    def _seen(self, video: LongVideo) -> SeenVideo:
        import torch

        from models.localising.learning import Lesson

        found = self.features.of_video(video.path)
        times = [(clip.start_seconds or 0.0, clip.end_seconds or 0.0) for clip in video.clips]
        actions_A2 = torch.tensor(times).reshape(-1, 2) / self.features.every_seconds
        numbers = [self.data.labels.index(str(clip.label)) for clip in video.clips]
        numbers_A = torch.tensor(numbers, dtype=torch.long)
        lesson = Lesson(torch.from_numpy(found.features_TD), actions_A2, numbers_A)
        return SeenVideo(video, found.seconds, lesson)


@dataclass(frozen=True)
class LocaliserReport:
    """What came of a training."""

    folder: Path
    labels: tuple[str, ...]
    num_train: int
    num_searched: int
    num_found: int
    detections: Path
    classes: Path
    """The label map of all that can be found."""
    broken: tuple["BrokenClip", ...]


def train_localiser(wanted: Localising, runtime: "Runtime") -> LocaliserReport:
    """Learn from a split, find actions in another, and write both into `out`.

    `detections.json` is what `kbuild measure activitynet` takes, beside `classes.txt`. What is
    learnt already stays, and a training that was stopped goes on where it stood.

    Raises:
        FormatError: There are no such videos, or none that can be read.
        ModelError: No action is learnt from, or another process trains there.

    """
    from models.localising.store import WEIGHTS
    from models.training.alone import alone

    data, out = wanted.data, wanted.out
    train, others = data.split(wanted.train_split), data.split(wanted.split)
    with alone(out / WEIGHTS):
        lessons, unread = wanted.seen(train)
        if not lessons:
            raise FormatError(
                f"None of the {len(train)} videos of the split {wanted.train_split} can be read, "
                f"for instance {unread[0].file}: {unread[0].reason}."
            )
        trained = _trained(wanted, [one.lesson for one in lessons], runtime)
        searched, unseen = wanted.seen(others) if others != train else (lessons, [])
        found = list(_found(searched, trained))
        _write(out, data.labels, found, trained.features_of["network"])
    return LocaliserReport(
        folder=out,
        labels=data.labels,
        num_train=len(lessons),
        num_searched=len(searched),
        num_found=sum(clip.label is not None for clip in found),
        detections=out / DETECTIONS,
        classes=out / CLASSES,
        broken=(*data.broken, *unread, *unseen),
    )


def _trained(
    wanted: Localising, lessons: Sequence["Lesson"], runtime: "Runtime"
) -> "TrainedLocaliser":
    """Return the localiser that the lessons give: the one that is there, or one that learns now."""
    from models.localising.learning import identity_of, learn
    from models.localising.store import (
        WEIGHTS,
        TrainedLocaliser,
        holds_localiser,
        load_localiser,
        save_localiser,
    )
    from models.training.alone import state_file
    from models.training.attending import Attending
    from models.training.stopping import watched_stops

    data, features, out = wanted.data, wanted.features, wanted.out
    identity, state = (
        identity_of(lessons, len(data.labels), wanted.config),
        state_file(out / WEIGHTS),
    )
    if runtime.fresh:
        state.unlink(missing_ok=True)
    elif holds_localiser(out, identity):
        wanted.say(f"already trained, see {out}")
        return load_localiser(out)
    with watched_stops() as stops:
        attending = Attending(out / WEIGHTS, runtime, stops, wanted.say)
        network = learn(lessons, len(data.labels), wanted.config, attending)
    asked = {
        "network": features.trained.card.spec.name,
        "layer": features.layer,
        "weights_sha256": features.weights_sha256,
    }
    trained = TrainedLocaliser(network, data.labels, features.every_seconds, asked, identity)
    save_localiser(out, trained, wanted.config)
    state.unlink(missing_ok=True)
    return trained


def _found(searched: Sequence[SeenVideo], trained: "TrainedLocaliser") -> Iterator[Clip]:
    from models.localising.finding import find_stretches

    for one in searched:
        video_id, features_TD = one.video.video_id, one.lesson.features_TD
        found = find_stretches(trained.network, features_TD, trained.every_seconds, one.seconds)
        if not found:
            yield Clip(video_id)
        for stretch in found:
            label = trained.labels[stretch.number]
            yield Clip(video_id, stretch.start, stretch.end, label, score=stretch.score)


def _write(out: Path, labels: Sequence[str], found: Sequence[Clip], network: str) -> None:
    """Write what was found, and which classes there are."""
    from models.checkpoints.files import write_bytes

    write_bytes(out / CLASSES, "".join(f"{label}\n" for label in labels).encode())
    header = {"external_data": {"used": True, "details": f"features of {network}"}}
    path = out / DETECTIONS
    DETECTION.write(path, _with(found, header), Options(), Problems(path))


def _with(clips: Sequence[Clip], header: Mapping[str, Any]) -> Iterator[Clip]:
    return (clip._replace(details={**clip.details, **header}) for clip in clips)
