"""Predictions for the Kinetics measures, from lists of scored labels."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kinetics_builder.formats.clips.kbuild.predictions import read_predictions
from kinetics_builder.formats.clips.kinetics.submission import read_results
from kinetics_builder.formats.clips.kinetics.submission_write import key_of_clip
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip
from kinetics_builder.metrics.kinetics import Floats, Ints
from pipelines.measuring.kinetics.truth import TrueClip, Units, is_json
from pipelines.measuring.oddities import Oddity
from pipelines.measuring.result import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """Predictions of videos and labels that the ground truth has, by number."""

    units_P: Ints
    labels_P: Ints
    scores_P: Floats
    has_one_label: bool
    """Whether the file names one label a clip, and says nothing of the others."""
    counts: dict[str, int]


def read_lists(
    inputs: Inputs,
    rows: list[TrueClip],
    numbers: dict[str, int],
    blocked: frozenset[str] = frozenset(),
) -> tuple[Units, Predicted]:
    """Read a submission or a `predictions.csv`; labels get their `numbers`.

    Clips go by `id_start_end` or by file, or else, if none is known by that, by the id of the
    video. Labels that `numbers` lacks are told of, get new numbers there, and are wrong.
    """
    path = inputs.predictions
    problems = inputs.problems(path)
    gathered = _Gathered()
    for key, clips in _entries(inputs, problems):
        if not {clips[0].video_id, key} & blocked:
            gathered.take(key, clips, problems)
    units = Units.of(rows, by_video=_is_by_video(rows, gathered))
    predicted = _numbered(gathered, units, numbers, problems)
    return units, Predicted(
        units_P=np.array([unit for unit, _, _ in predicted], np.int64),
        labels_P=np.array([label for _, label, _ in predicted], np.int64),
        scores_P=np.array([score for _, _, score in predicted], np.float64),
        has_one_label=not is_json(path),
        counts={"predictions": len(predicted), "unknown videos": gathered.num_strange},
    )


@dataclass(slots=True)
class _Gathered:
    """The predictions of each clip; a clip that comes again replaces itself, as in JSON."""

    predictions: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    num_strange: int = 0

    def take(self, key: str, clips: list[Clip], problems: Problems) -> None:
        """Take down the predictions of one clip."""
        # The reader of submissions tells of a key that is spelled the same itself.
        if key in self.predictions and problems.item != key:
            problems.warning(f"{key} has predictions already; the later ones count")
        if clips[0].file is not None:
            self.files[key] = clips[0].file
        self.predictions[key] = [
            (clip.label, clip.score or 0.0) for clip in clips if clip.label is not None
        ]
        if len({label for label, _ in self.predictions[key]}) < len(self.predictions[key]):
            problems.warning("a label is predicted twice for this clip; each takes a place")


def _entries(inputs: Inputs, problems: Problems) -> Iterator[tuple[str, list[Clip]]]:
    """Yield the predictions of each clip, by its key."""
    path = inputs.predictions
    if is_json(path):
        for _, clips in read_results(path, problems):
            if clips:
                yield key_of_clip(clips[0]._replace(details=NOTHING)), clips
    else:
        for clip in read_predictions(path, Options(encoding=inputs.encoding), problems):
            yield key_of_clip(clip), [clip]


def _is_by_video(rows: list[TrueClip], gathered: _Gathered) -> bool:
    known = {row.key for row in rows}.union(*(row.names for row in rows))
    if any(key in known or gathered.files.get(key) in known for key in gathered.predictions):
        return False
    return any(row.video_id in gathered.predictions for row in rows)


def _numbered(
    gathered: _Gathered, units: Units, numbers: dict[str, int], problems: Problems
) -> list[tuple[int, int, float]]:
    """Return (unit, label, score) in the order of the file."""
    known = set(numbers)
    strange = Oddity("not in the ground truth; its predictions do not count")
    wrong = Oddity("no label of the ground truth, and wrong wherever it is predicted")
    found: list[tuple[int, int, float]] = []
    for key, predictions in gathered.predictions.items():
        unit = units.names.get(key, units.names.get(gathered.files.get(key, ""), -1))
        if unit < 0:
            strange.add(key)
            continue
        for label, score in predictions:
            if label not in known:
                wrong.add(repr(label))
            found.append((unit, numbers.setdefault(label, len(numbers)), score))
    gathered.num_strange = strange.count
    strange.tell(problems)
    wrong.tell(problems)
    return found
