"""AVA's measures: frame-mAP as the challenge's server gives it, and video-mAP of tubes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava.columns import BoxColumns
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.metrics.ava.boxes import Floats, Ints, is_proper
from kinetics_builder.metrics.ava.frames import CAPACITY, frame_ranking
from kinetics_builder.metrics.ava.prior import prior_detections
from kinetics_builder.metrics.ava.ranking import Ranking
from kinetics_builder.metrics.ava.tubes import STEP_SECONDS, link_tubes
from kinetics_builder.metrics.ava.videos import STRICTER, mean_over, tube_rankings
from pipelines.measuring.ava.files import Sources, read_shares, read_sources
from pipelines.measuring.ava.rows import Comparison, Rows, compare
from pipelines.measuring.oddities import Oddity
from pipelines.measuring.resampling import intervals_of
from pipelines.measuring.result import Inputs, Measured

_Statistics = dict[str, Callable[[Floats | None], float]]
"""Values by their keys, as functions of how much each video weighs."""


class Unlisted(StrEnum):
    """What a prediction on a key frame that the ground truth does not list is."""

    IGNORE = "ignore"
    """Left out, as the official code does since April 2020."""
    FALSE_POSITIVE = "false-positive"
    """Wrong, as it did before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What both tasks agree on before they compare."""

    unlisted: Unlisted = Unlisted.IGNORE
    excluded: Path | None = None
    """A file of key frames that count neither for nor against."""
    train: Path | None = None
    """What the detector learnt from: then the prior is measured as well (task frame)."""


def measure_frames(inputs: Inputs, rules: Rules, *, min_overlap: float = 0.5) -> Measured:
    """Return the mAP over classes of boxes on key frames, `mAP@0.5IOU`.

    With `rules.train`, also that of the same boxes with each class scored by its share there.

    Raises:
        FormatError: A file that is empty or wrong, or no true box of a class that counts.

    """
    sources, comparison = _compared(inputs, rules, has_tracks=False)
    detections = comparison.predictions.boxes
    ranking = frame_ranking(
        comparison.truth.boxes,
        detections,
        comparison.frames,
        comparison.num_classes,
        min_overlap=min_overlap,
    )
    num_beyond = int(np.maximum(np.bincount(detections.frames_N) - CAPACITY, 0).sum())
    counts = comparison.counts | {f"detections beyond {CAPACITY} a key frame": num_beyond}
    key = f"mAP@{min_overlap:g}IOU"
    statistics: _Statistics = {key: ranking.mean_average_precision}
    if rules.train is not None:
        shares_K = read_shares(inputs, rules.train, sources.labels)
        prior = frame_ranking(
            comparison.truth.boxes,
            prior_detections(detections, shares_K),
            comparison.frames,
            comparison.num_classes,
            min_overlap=min_overlap,
        )
        statistics[f"prior's {key}"] = prior.mean_average_precision
    return _measured(inputs, statistics, sources.labels, ranking, counts)


def measure_videos(inputs: Inputs, rules: Rules, *, step_seconds: float = STEP_SECONDS) -> Measured:
    """Return the mAP over classes of tubes at 0.5, at 0.2 and over 0.5:0.95.

    Raises:
        FormatError: As for frames; or true boxes without a person.

    """
    sources, comparison = _compared(inputs, rules, has_tracks=True)
    assert sources.tracks_N is not None
    problems = inputs.problems(inputs.ground_truth)
    persons_N = _persons(sources, comparison.truth, problems)
    _tell_of_beside(comparison.truth, persons_N, sources.truth, problems)
    problems = inputs.problems(inputs.predictions)
    tracks_N = sources.tracks_N[comparison.predictions.places]
    _tell_of_beside(comparison.predictions, tracks_N, sources.predictions, problems)
    truth, predicted = (
        link_tubes(rows.boxes, numbers_N, comparison.frames, step_seconds=step_seconds)
        for rows, numbers_N in ((comparison.truth, persons_N), (comparison.predictions, tracks_N))
    )
    thresholds = (0.2, *STRICTER)
    loose, *strict = tube_rankings(
        truth, predicted, comparison.frames, comparison.num_classes, thresholds
    )
    statistics: _Statistics = {
        "video-mAP@0.5": strict[0].mean_average_precision,
        "video-mAP@0.2": loose.mean_average_precision,
        "video-mAP@0.5:0.95": partial(mean_over, strict),
    }
    counts = comparison.counts | {"tubes": len(truth), "predicted tubes": len(predicted)}
    return _measured(inputs, statistics, sources.labels, strict[0], counts)


def per_class(labels: LabelMap, ranking: Ranking) -> dict[str, float]:
    """Return the average precision of each class by its name, in the label map's order."""
    values_K = ranking.average_precisions().tolist()
    numbers = sorted(labels.names)
    value_of = dict(zip(numbers, values_K, strict=True))
    return {label.name: value_of[label.id] for label in labels}


def _compared(inputs: Inputs, rules: Rules, *, has_tracks: bool) -> tuple[Sources, Comparison]:
    sources = read_sources(inputs, rules.excluded, has_tracks=has_tracks)
    comparison = compare(
        sources,
        inputs.problems(inputs.predictions),
        keeps_unlisted=rules.unlisted is Unlisted.FALSE_POSITIVE,
    )
    if not len(comparison.truth.places):
        raise FormatError(
            f"{inputs.ground_truth}: found no box of a class that counts "
            f"({comparison.num_classes} classes). Does --label-map belong to this file?"
        )
    return sources, comparison


def _persons(sources: Sources, truth: Rows, problems: Problems) -> Ints:
    """Return the person of each true box."""
    persons_N = sources.truth.value_N[truth.places]
    missing = np.flatnonzero(np.isnan(persons_N))
    if len(missing):
        problems.line = int(sources.truth.line_N[truth.places[missing[0]]])
        problems.error("tubes need the person's number: expected 8 cells, found 7")
    return persons_N.astype(np.int64)


def _tell_of_beside(rows: Rows, persons_N: Ints, columns: BoxColumns, problems: Problems) -> None:
    """Warn of boxes beside another of the same person, class and key frame."""
    proper = np.flatnonzero(is_proper(rows.boxes.boxes_N4))
    boxes = rows.boxes.take(proper)
    keys = np.stack([boxes.frames_N, boxes.classes_N, persons_N[proper]])
    order = np.lexsort(keys)
    beside = order[1:][(np.diff(keys[:, order]) == 0).all(axis=0)]
    if len(beside):
        what = "a box beside another of the same person, class and key frame; the best counts"
        line = int(columns.line_N[rows.places[proper[beside.min()]]])
        Oddity(what, len(beside), line=line).tell(problems)


def _measured(
    inputs: Inputs,
    statistics: _Statistics,
    labels: LabelMap,
    ranking: Ranking,
    counts: dict[str, int],
) -> Measured:
    def values(weights_V: Floats | None) -> dict[str, float]:
        return {key: value(weights_V) for key, value in statistics.items()}

    return Measured(
        values=values(None),
        per_class=per_class(labels, ranking),
        intervals=intervals_of(values, len(ranking.positives_VK), inputs),
        counts=counts,
    )
