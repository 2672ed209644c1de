"""The files of Charades' measures, as arrays.

Shapes, as name suffixes: V videos, I items (videos, or points of time), C classes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.clips.charades.annotations import read_charades
from kinetics_builder.formats.clips.charades.scores import read_classification, read_localization
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Scores
from kinetics_builder.metrics.charades import (
    NUM_CLASSES,
    NUM_POINTS,
    Bools,
    Floats,
    times_of_points,
)
from pipelines.measuring.oddities import Oddity
from pipelines.measuring.result import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Truth and scores of the same items, in the order of the ground truth."""

    truth_IC: Bools
    scores_IC: Floats
    """-inf where nothing was predicted."""
    num_videos: int
    counts: dict[str, int]


def read_videos(inputs: Inputs) -> Compared:
    """Read what `Charades_v1_classify.m` compares: videos.

    A video without actions has the score -inf in every class, whatever was predicted: the
    official code never looks its scores up, so that it ranks last and cannot hurt.
    """
    labels, videos = labels_of(inputs), _true_videos(inputs)
    truth_VC = np.zeros((len(videos), num_classes(labels)), np.bool_)
    for place, clips in enumerate(videos.values()):
        truth_VC[place, [_class(clip) for clip in clips if clip.label is not None]] = True
    problems = inputs.problems(inputs.predictions)
    records = read_classification(inputs.predictions, _options(inputs, labels), problems)
    scores_VC = np.full(truth_VC.shape, -np.inf)
    counts = _place(records, list(videos), scores_VC, problems)
    has_action_V = truth_VC.any(axis=1)
    scores_VC[~has_action_V] = -np.inf
    counts["videos without actions"] = int((~has_action_V).sum())
    return Compared(truth_IC=truth_VC, scores_IC=scores_VC, num_videos=len(videos), counts=counts)


def read_points(inputs: Inputs) -> Compared:
    """Read what `Charades_v1_localize.m` compares: 25 points of time of each video.

    Point j of a video of length L is at (j - 1) / 25 L, and is the submission's frame j. An
    action is there from its start to its end, both included; a point without actions is a
    negative of every class.
    """
    labels, videos = labels_of(inputs), _true_videos(inputs)
    truth_IC = np.zeros((len(videos) * NUM_POINTS, num_classes(labels)), np.bool_)
    for place, (video_id, clips) in enumerate(videos.items()):
        times = times_of_points(_length(video_id, clips, inputs))
        points = truth_IC[place * NUM_POINTS : (place + 1) * NUM_POINTS]
        for clip in clips:
            if clip.start_seconds is not None and clip.end_seconds is not None:
                is_there = (clip.start_seconds <= times) & (times <= clip.end_seconds)
                points[is_there, _class(clip)] = True
    problems = inputs.problems(inputs.predictions)
    records = read_localization(inputs.predictions, _options(inputs, labels), problems)
    scores_IC = np.full(truth_IC.shape, -np.inf)
    counts = _place(records, list(videos), scores_IC, problems)
    counts["points without actions"] = int((~truth_IC.any(axis=1)).sum())
    return Compared(truth_IC=truth_IC, scores_IC=scores_IC, num_videos=len(videos), counts=counts)


def labels_of(inputs: Inputs) -> LabelMap | None:
    """Return the classes that a label map names, if there is one."""
    if inputs.label_map is None:
        return None
    labels = Options(labels=read_label_map(inputs.label_map)).labels_from_zero("charades")
    if labels is None or sorted(labels.names) != list(range(len(labels))):
        raise FormatError(
            f"{inputs.label_map}: expected classes with the numbers from 0 on, each once: scores "
            "stand in their order."
        )
    return labels


def num_classes(labels: LabelMap | None) -> int:
    """Return how many classes there are: Charades' own without a label map."""
    return NUM_CLASSES if labels is None else len(labels)


def _options(inputs: Inputs, labels: LabelMap | None) -> Options:
    return Options(encoding=inputs.encoding, labels=labels)


def _true_videos(inputs: Inputs) -> dict[str, list[Clip]]:
    problems = inputs.problems(inputs.ground_truth)
    clips = read_charades(inputs.ground_truth, Options(encoding=inputs.encoding), problems)
    videos = {
        video_id: list(group) for video_id, group in groupby(clips, lambda clip: clip.video_id)
    }
    if not videos:
        raise FormatError(f"{inputs.ground_truth}: expected a row for each video, found none.")
    return videos


def _class(clip: Clip) -> int:
    """Return 92 for c092, which the reader has checked."""
    return int(str(clip.label)[1:])


def _length(video_id: str, clips: list[Clip], inputs: Inputs) -> float:
    length = clips[0].details.get("duration_seconds")
    if not isinstance(length, float):
        raise FormatError(
            f"{inputs.ground_truth}: {video_id} has no length, from which the points of time "
            "are reckoned. Files since February 2017 have that column."
        )
    return length


def _place(
    records: Iterable[Scores], videos: list[str], scores_IC: Floats, problems: Problems
) -> dict[str, int]:
    """Put scores in the order of the ground truth, and return what was left out.

    Of scores that come twice the later count, as in the official code's map.
    """
    places = {video_id: place for place, video_id in enumerate(videos)}
    num_points = len(scores_IC) // len(videos)
    is_there_I = np.zeros(len(scores_IC), np.bool_)
    strange = Oddity("a video that the ground truth does not have, which does not count")
    beyond = Oddity(f"a frame outside 1 to {num_points}, which does not count")
    again = Oddity("scores that stand there already; the later count")
    for video_id, frame, scores in records:
        number = 1 if frame is None else frame
        place = places.get(video_id)
        if place is None:
            strange.add(f"{video_id}", problems.line)
        elif not 1 <= number <= num_points:
            beyond.add(f"{video_id} {number}", problems.line)
        else:
            item = place * num_points + number - 1
            if is_there_I[item]:
                again.add(_name(videos, item, num_points), problems.line)
            scores_IC[item], is_there_I[item] = scores, True
    if again.count > is_there_I.sum():
        _refuse_frames(again, problems)
    absent = np.flatnonzero(~is_there_I)
    missing = Oddity("not predicted: its scores are below all others", len(absent))
    if len(absent):
        missing.first = _name(videos, absent[0], num_points)
    for oddity in (strange, beyond, again, missing):
        oddity.tell(problems)
    return {
        "videos": len(videos),
        "predictions missing": missing.count,
        "predictions of unknown videos": strange.count,
    }


def _name(videos: list[str], item: int, num_points: int) -> str:
    """Return what people call an item: the video, and the point of time where there are such."""
    place, point = divmod(item, num_points)
    return videos[place] if num_points == 1 else f"{videos[place]} {point + 1}"


def _refuse_frames(again: Oddity, problems: Problems) -> None:
    """Refuse what most items have several times: frames, as the other task's lines begin."""
    problems.line, problems.item = again.line, again.first
    problems.error(
        f"scores that stand there already ({again.count:,} lines like this). Frames of videos "
        "are of --task localization"
    )
