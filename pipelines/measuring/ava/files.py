"""The files of AVA's measures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava.columns import BoxColumns, read_columns
from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION
from kinetics_builder.formats.boxes.ava.track_columns import read_track_columns
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.records import Label
from kinetics_builder.formats.text import lines
from kinetics_builder.metrics.ava.boxes import Floats, Ints
from pipelines.measuring.result import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The files of one measurement, as read."""

    truth: BoxColumns
    predictions: BoxColumns
    labels: LabelMap
    excluded: BoxColumns | None = None
    tracks_N: Ints | None = None
    """The track of each prediction, where tubes are compared."""


def read_shares(inputs: Inputs, path: Path, labels: LabelMap) -> Floats:
    """Return the share of each class, in the order of their numbers, among rows of `path`.

    Only rows of these classes are counted. `path` is what a detector learnt from.

    Raises:
        FormatError: No row has one of the classes.

    """
    columns = read_columns(path, inputs.problems(path), has_scores=False, encoding=inputs.encoding)
    classes_K, counts_K = np.unique(columns.action_N, return_counts=True)
    count_of = dict(zip(classes_K.tolist(), counts_K.tolist(), strict=True))
    found_K = np.array([count_of.get(number, 0) for number in sorted(labels.names)], np.float64)
    if not found_K.any():
        raise FormatError(
            f"{path}: found no box of a class that counts ({len(labels)} classes); expected the "
            "rows that the detector learnt from. Does --label-map belong to this file?"
        )
    shares_K: Floats = found_K / found_K.sum()
    return shares_K


def read_sources(inputs: Inputs, excluded: Path | None, *, has_tracks: bool) -> Sources:
    """Read the files that `inputs` names, and the key frames to leave out."""
    encoding = inputs.encoding
    truth = read_columns(
        inputs.ground_truth,
        inputs.problems(inputs.ground_truth),
        has_scores=False,
        encoding=encoding,
    )
    labels = _read_labels(inputs, truth)
    left_out = None if excluded is None else _read_excluded(inputs, excluded)
    problems = inputs.problems(inputs.predictions)
    if not has_tracks:
        predictions = read_columns(inputs.predictions, problems, has_scores=True, encoding=encoding)
        return Sources(truth=truth, predictions=predictions, labels=labels, excluded=left_out)
    tracked = read_track_columns(inputs.predictions, problems, encoding=encoding)
    return Sources(
        truth=truth,
        predictions=tracked.boxes,
        labels=labels,
        excluded=left_out,
        tracks_N=tracked.track_N,
    )


def _read_labels(inputs: Inputs, truth: BoxColumns) -> LabelMap:
    """Return the classes that count: those of the label map, else all of the ground truth."""
    if inputs.label_map is not None:
        return read_label_map(
            inputs.label_map, inputs.problems(inputs.label_map), first_id=FIRST_ACTION
        )
    inputs.problems(inputs.ground_truth).warning(
        "without --label-map all classes of this file count, by number; "
        "the challenge counts 60 of AVA's 80, which gives another value"
    )
    numbers = np.unique(truth.action_N).tolist()
    if not numbers:
        raise FormatError(
            f"{inputs.ground_truth}: found key frames without boxes alone; expected rows of "
            "video,timestamp,x1,y1,x2,y2,action_id."
        )
    return LabelMap(tuple(Label(number, str(number)) for number in numbers))


def _read_excluded(inputs: Inputs, path: Path) -> BoxColumns | None:
    """Return the key frames to leave out, which stand there without boxes; None in an empty file.

    PySlowFast's and MMAction2's folders have such files, and they exclude nothing.
    """
    problems = inputs.problems(path)
    if next(lines(path, problems, inputs.encoding), None) is None:
        return None
    found = read_columns(path, problems, has_scores=False, encoding=inputs.encoding)
    if len(found.line_N):
        problems.line = int(found.line_N[0])
        problems.error("expected a video and a timestamp alone, found a box")
    return found
