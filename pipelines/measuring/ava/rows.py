"""Rows of AVA's files brought together: the key frames and classes that count.

Shapes, as name suffixes: N rows of a file, F key frames, K classes.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.ava.columns import BoxColumns
from kinetics_builder.formats.problems import Problems
from kinetics_builder.metrics.ava.boxes import (
    Bools,
    Boxes,
    Floats,
    Ints,
    KeyFrames,
    number_key_frames,
)
from pipelines.measuring.ava.files import Sources
from pipelines.measuring.oddities import Oddity


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Those rows of a file that count."""

    boxes: Boxes
    places: Ints
    """Where they stood among all rows of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is compared: only classes and key frames that count."""

    frames: KeyFrames
    truth: Rows
    predictions: Rows
    num_classes: int
    counts: dict[str, int]
    """How much is compared, and what was left out."""


def compare(sources: Sources, problems: Problems, *, keeps_unlisted: bool) -> Comparison:
    """Choose the rows that count.

    `keeps_unlisted` keeps predictions on key frames that the ground truth does not list; there
    they are wrong. Predictions of videos or classes that are strange to the ground truth are
    told of as oddities of the predictions' file.
    """
    numbered = _number(sources, keeps_unlisted=keeps_unlisted)
    classes_K = np.unique([label.id for label in sources.labels])
    truth, predictions = sources.truth, sources.predictions
    strange_N = ~np.isin(predictions.action_N, [*classes_K, *np.unique(truth.action_N)])
    _tell(predictions, strange_N, problems, "class", "it does not count")
    fate = "it counts as wrong" if keeps_unlisted else "it does not count"
    known = [name in set(truth.videos) for name in predictions.videos]
    _tell(predictions, ~np.array(known)[predictions.video_N], problems, "video", fate)
    if not keeps_unlisted:
        _tell_if_none_is_listed(sources, numbered, problems)
    is_kept_F = numbered.is_listed_F | keeps_unlisted
    counted_F = is_kept_F & ~numbered.is_excluded_F
    with ThreadPoolExecutor(1) as beside:  # these arrays are worked on without Python's lock
        choosing = beside.submit(_choose, predictions, numbered.predictions_N, classes_K, counted_F)
        chosen = _choose(truth, numbered.truth_N, classes_K, ~numbered.is_excluded_F)
        counts = _counts(sources, numbered, classes_K)
        predicted = choosing.result()
    return Comparison(
        frames=numbered.frames,
        truth=chosen,
        predictions=predicted,
        num_classes=len(classes_K),
        counts=counts | {"boxes": len(chosen.places), "detections": len(predicted.places)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    frames: KeyFrames
    truth_N: Ints
    """The key frame of each row."""
    predictions_N: Ints
    is_listed_F: Bools
    is_excluded_F: Bools


def _number(sources: Sources, *, keeps_unlisted: bool) -> _Numbered:
    """Number all key frames; unknown videos whose predictions do not count share number -1."""
    truth, predictions, excluded = sources.truth, sources.predictions, sources.excluded
    names = sorted({*truth.videos, *(predictions.videos if keeps_unlisted else ())})
    place_of = {name: place for place, name in enumerate(names)}
    keys: list[tuple[Ints, Ints]] = []
    for part in (truth, predictions, *([excluded] if excluded else [])):
        places = np.array([place_of.get(name, -1) for name in part.videos], np.int64)
        keys += [
            (places[part.video_N], part.microseconds_N),
            (places[part.empty_video_M], part.empty_microseconds_M),
        ]
    frames, numbers = number_key_frames(keys)
    is_listed_F, is_excluded_F = np.zeros((2, len(frames)), np.bool_)
    is_listed_F[np.concatenate(numbers[:2])] = True
    if excluded:
        is_excluded_F[numbers[-1]] = True
    return _Numbered(
        frames=frames,
        truth_N=numbers[0],
        predictions_N=numbers[2],
        is_listed_F=is_listed_F,
        is_excluded_F=is_excluded_F,
    )


def _choose(columns: BoxColumns, frames_N: Ints, classes_K: Ints, counts_F: Bools) -> Rows:
    """Return the rows of classes and key frames that count."""
    classes_N = _class_places(columns.action_N, classes_K)
    places = np.flatnonzero((classes_N >= 0) & counts_F[frames_N])
    boxes = Boxes(
        frames_N=frames_N.take(places),
        classes_N=classes_N.take(places),
        boxes_N4=columns.boxes_N4.take(places, axis=0),
        scores_N=_without_nan(columns.value_N.take(places)),
    )
    return Rows(boxes=boxes, places=places)


def _class_places(action_N: NDArray[np.int32], classes_K: Ints) -> Ints:
    """Return where the class of each row stands among those that count; -1 for no such class."""
    least, most = int(action_N.min(initial=0)), int(action_N.max(initial=0))
    if most - least > len(action_N):
        return _searched(action_N, classes_K)
    return _searched(np.arange(least, most + 1), classes_K).take(action_N - least)


def _searched(numbers: NDArray[np.integer[Any]], classes_K: Ints) -> Ints:
    places = np.searchsorted(classes_K, numbers).clip(max=len(classes_K) - 1)
    found: Ints = np.where(classes_K[places] == numbers, places, -1)
    return found


def _tell_if_none_is_listed(sources: Sources, numbered: _Numbered, problems: Problems) -> None:
    """Warn where all predictions of known videos miss the key frames, as other clocks make them."""
    truth, predictions = sources.truth, sources.predictions
    known = set(truth.videos)
    is_known_N = np.array([name in known for name in predictions.videos])[predictions.video_N]
    if not is_known_N.any() or numbered.is_listed_F[numbered.predictions_N[is_known_N]].any():
        return
    row = int(np.flatnonzero(is_known_N)[0])
    name = predictions.videos[predictions.video_N[row]]
    place = truth.videos.index(name)
    moments = [
        *truth.microseconds_N[truth.video_N == place],
        *truth.empty_microseconds_M[truth.empty_video_M == place],
    ]
    problems.line, problems.item = int(predictions.line_N[row]), name
    problems.warning(
        f"not one of {int(is_known_N.sum()):,} rows is on a key frame of the ground truth: this is "
        f"at {predictions.microseconds_N[row] / 1e6:g} s, its key frames are from "
        f"{min(moments) / 1e6:g} to {max(moments) / 1e6:g} s. Is another clock meant?"
    )


def _without_nan(values_N: Floats) -> Floats:
    """The official code gives true boxes without a person the score 1."""
    return np.nan_to_num(values_N, nan=1.0)


def _counts(sources: Sources, numbered: _Numbered, classes_K: Ints) -> dict[str, int]:
    frames_N = numbered.predictions_N
    has_class_N = np.isin(sources.predictions.action_N, classes_K)
    is_excluded_N = numbered.is_excluded_F[frames_N] & has_class_N
    is_unlisted_N = ~numbered.is_listed_F[frames_N] & has_class_N & ~is_excluded_N
    return {
        "videos": len(sources.truth.videos),
        "key frames": int((numbered.is_listed_F & ~numbered.is_excluded_F).sum()),
        "boxes": 0,
        "detections": 0,
        "boxes of other classes": int((~np.isin(sources.truth.action_N, classes_K)).sum()),
        "detections of other classes": int((~has_class_N).sum()),
        "detections on excluded key frames": int(is_excluded_N.sum()),
        "detections on unlisted key frames": int(is_unlisted_N.sum()),
    }


def _tell(
    predictions: BoxColumns, strange_N: Bools, problems: Problems, what: str, fate: str
) -> None:
    """Warn once of rows whose class or video is strange, at the first of them."""
    rows = np.flatnonzero(strange_N)
    if len(rows):
        row = rows[0]
        video = predictions.videos[predictions.video_N[row]]
        name = str(predictions.action_N[row]) if what == "class" else video
        oddity = Oddity(f"a {what} that the ground truth does not have; {fate}", len(rows), name)
        oddity.line = int(predictions.line_N[row])
        oddity.tell(problems)
