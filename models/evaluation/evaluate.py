"""Measure a trained network: accuracy, confusions, and whether time matters to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kinetics_builder.errors import ModelError, OtherLabelsError
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.metrics.classification import confusion_matrix, top_k_accuracy
from models.checkpoints.files import write_json
from models.checkpoints.store import Card, TrainedNetwork, load_network
from models.clips.opening import OpenFrames
from models.clips.release import SPLITS, Missing, Release, read_release
from models.evaluation.intervals import Marks
from models.evaluation.opened import open_network
from models.evaluation.picture import draw_confusion
from models.evaluation.predict import Predictions, Predictor, label_numbers, predict_shared
from models.evaluation.report import EvaluationReport, Reversal, write_predictions, write_scores
from models.evaluation.views import Order
from models.training.lost_rank import lost_rank_told
from models.training.ranks import Ranks, join_ranks
from models.training.report import unique_broken
from models.training.runtime import Runtime

Pairs = Sequence[tuple[str, str]]
_MOST_NAMED = 5
"""Classes of an error."""


@lost_rank_told()
def evaluate_checkpoint(
    checkpoint: Path,
    release: Path,
    out: Path,
    split: str = "test",
    reversed_pairs: Pairs = (),
    runtime: Runtime | None = None,
) -> EvaluationReport:
    """Measure the network in `checkpoint` on one split of the release folder `release`.

    `reversed_pairs` are labels that are each other played backwards. Writes
    `evaluation.json`, `confusion.png`, `predictions.csv` and `scores.npz` into `out`. Under
    torchrun every rank calls this and asks about its share of the clips; the first one writes.
    """
    runtime, ranks = runtime or Runtime(), join_ranks()
    trained = load_network(checkpoint)
    data = read_release(release)
    _check_labels(trained, data, reversed_pairs)
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    opened = open_network(trained, folder, data, runtime)
    frames, predictor = opened.frames, opened.predictor()
    rows = frames.usable(data.split(split))
    said = predict_shared(predictor, rows, ranks)
    if not said.rows:
        raise ModelError(_nothing_to_measure(data, split))
    report = _report(trained, data, frames, split, said, runtime.missing)
    probe = Probe(predictor, data.labels, ranks)
    report = probe.told(report, said.rows, reversed_pairs)
    if ranks.is_first:
        _write(out, report, said)
    return report


def _nothing_to_measure(data: Release, split: str) -> str:
    if num_listed := len(data.split(split)):
        return f"{data.folder}: none of the {num_listed} clips of the split {split!r} is readable."
    held = [f"{len(data.split(name))} in {name}" for name in SPLITS if data.split(name)]
    others = ", ".join(held) or "none at all"
    return (
        f"{data.folder} has no clip of the split {split!r}, but {others}. "
        "`kbuild evaluate --split NAME` measures another one; classes with few clips give none "
        "to validation and test (curate.max_held_out_share)."
    )


def _check_labels(trained: TrainedNetwork, release: Release, pairs: Pairs) -> None:
    if trained.card.labels != release.labels:
        raise OtherLabelsError(_other_labels(trained.card, release))
    for label in {label for pair in pairs for label in pair} - set(release.labels):
        raise ModelError(f"The reversed pair's label {label!r} is not in classes.txt.")


def _other_labels(card: Card, release: Release) -> str:
    """Return which classes differ, and what can be done about it."""
    known, wanted = set(card.labels), set(release.labels)
    both = ((wanted - known, "only the release has"), (known - wanted, "only the network knows"))
    differing = "; ".join(f"{said} {_some(labels)}" for labels, said in both if labels)
    return (
        f"The network knows {len(known)} labels, {release.folder} has {len(wanted)}: "
        f"{differing or 'the same, in another order'}. Evaluate on a release with the labels it "
        f"was trained on, or give its trunk a new head: `kbuild train-baseline --model "
        f"{card.spec.name} --release {release.folder} --init RUN`."
    )


def _some(labels: set[str]) -> str:
    """Return some names, and how many more there are."""
    more = f" and {len(labels) - _MOST_NAMED} more" if len(labels) > _MOST_NAMED else ""
    return ", ".join(map(repr, sorted(labels)[:_MOST_NAMED])) + more


def _report(
    trained: TrainedNetwork,
    release: Release,
    frames: OpenFrames,
    split: str,
    said: Predictions,
    missing: Missing,
) -> EvaluationReport:
    """Return the report without the probes of time.

    Clips that cannot be read are in no confusion, whether they are left out or count as wrong.
    """
    labels, views = release.labels, trained.card.spec.views
    truth = label_numbers(said.rows, labels)
    broken = unique_broken(frames.broken_of(release.split(split)), said.broken)
    marks = _marks(said, labels)
    if missing is Missing.COUNT_WRONG:
        names = {clip.file for clip in broken}
        rows = [row for row in release.split(split) if row.file in names]
        marks = marks.with_missing(label_numbers(rows, labels), [row.youtube_id for row in rows])
    accuracies = marks.accuracies
    confusion = confusion_matrix(said.scores_NK.argmax(1), truth, len(labels))
    return EvaluationReport(
        network=trained.card.spec.name,
        split=split,
        release_sha256=release.sha256,
        trained_on_sha256=trained.card.release_sha256,
        num_clips=len(said.rows),
        num_views=views.num_clips * views.num_crops,
        missing=missing,
        top1=accuracies["top1"],
        top5=accuracies["top5"],
        mean_class_accuracy=accuracies["mean_class_accuracy"],
        intervals=marks.intervals,
        chance=1 / len(labels),
        shuffled_top1=0.0,
        reversals=(),
        reversed_swapped=None,
        labels=labels,
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        broken=broken,
    )


def _marks(said: Predictions, labels: Sequence[str]) -> Marks:
    videos = [row.youtube_id for row in said.rows]
    return Marks.of(said.scores_NK, label_numbers(said.rows, labels), videos)


@dataclass(frozen=True)
class Probe:
    """Whether time matters to a network: what shuffled and reversed clips are taken for."""

    predictor: Predictor
    labels: Sequence[str]
    ranks: Ranks

    def told(
        self, report: EvaluationReport, rows: Sequence[ManifestRow], pairs: Pairs
    ) -> EvaluationReport:
        """Return the report with what is found."""
        shuffled = self._said("shuffled", rows)
        truth = label_numbers(shuffled.rows, self.labels)
        reversals = self._reversals(rows, pairs)
        num_clips = sum(reversal.num_clips for reversal in reversals)
        num_swapped = sum(reversal.num_swapped for reversal in reversals)
        intervals = _marks(shuffled, self.labels).intervals
        return replace(
            report,
            intervals=report.intervals | {"shuffled_top1": intervals["top1"]},
            shuffled_top1=top_k_accuracy(shuffled.scores_NK, truth, 1),
            reversals=tuple(reversals),
            reversed_swapped=num_swapped / num_clips if num_clips else None,
        )

    def _said(self, order: Order, rows: Sequence[ManifestRow]) -> Predictions:
        return predict_shared(replace(self.predictor, order=order), rows, self.ranks)

    def _reversals(self, rows: Sequence[ManifestRow], pairs: Pairs) -> list[Reversal]:
        opposites = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
        said = self._said("reversed", [row for row in rows if row.label in opposites])
        best_N = said.scores_NK.argmax(1) if said.rows else ()
        predicted = [self.labels[int(best)] for best in best_N]
        heard = np.array([row.label for row in said.rows])
        return [
            Reversal(
                label=label,
                opposite=opposite,
                num_clips=int((heard == label).sum()),
                num_swapped=sum(
                    row.label == label and name == opposite
                    for row, name in zip(said.rows, predicted, strict=True)
                ),
            )
            for label, opposite in sorted(opposites.items())
        ]


def _write(out: Path, report: EvaluationReport, said: Predictions) -> None:
    write_json(out / "evaluation.json", report.to_json())
    write_predictions(out / "predictions.csv", said, report.labels)
    write_scores(out / "scores.npz", said, report.labels)
    title = f"{report.network} on {report.split}: top-1 {report.top1:.3f}"
    draw_confusion(out / "confusion.png", np.array(report.confusion), report.labels, title)
