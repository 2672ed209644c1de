"""What a detector is worth on a folder of AVA's files, or detections that were made elsewhere.

The network's answers become rows of AVA's detections, and these are measured as any others.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.measuring.ava.bars import Bars, draw_bars
from pipelines.measuring.ava.measure import Rules, measure_frames, measure_videos
from pipelines.measuring.result import Inputs, Manner, Measured

if TYPE_CHECKING:
    from models.detection.evaluate import Asked, Inquiry
    from models.training.runtime import Runtime

PICTURE, REPORT = "classes.png", "evaluation.json"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Detections on one split of a folder, whoever made them."""

    name: str
    detections: Path
    asked: "Asked | None" = None
    """What the network was asked; None for rows that were made elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What was measured, beside what knows no picture."""

    subject: Subject
    split: str
    measured: Measured
    prior: Measured | None
    tubes: Measured | None = None
    """The same boxes linked by their persons."""
    examples: dict[str, int] = field(default_factory=dict)
    """Boxes that do each action in the training split; in the measured one without it."""
    against: tuple[str, Measured] | None = None
    """Another one's name and values."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        asked = self.subject.asked
        values = {
            "name": self.subject.name,
            "split": self.split,
            **self.measured.to_json(),
            "prior": self.prior and self.prior.to_json(),
            "tubes": self.tubes and self.tubes.to_json(),
            "examples": self.examples,
            "detections": str(self.subject.detections),
            "boxes": asked and asked.boxes,
            "broken": [[one.file, one.reason] for one in asked.broken] if asked else [],
            "missing": asked and asked.missing,
        }
        if self.against is not None:
            values["against"] = {"name": self.against[0], **self.against[1].to_json()}
        return values

    def lines(self) -> list[str]:
        """Return a table for people, the rarest action last."""
        others = [other for other in (self.against, _named("prior", self.prior)) if other]
        columns = [(self.subject.name, self.measured), *others]
        width = max(map(len, [*self.measured.per_class, "action", *self.measured.values]))
        head = f"{'action':<{width}}{'boxes':>10}" + "".join(f"  {n:>20}" for n, _ in columns)
        rows = [
            f"{name:<{width}}{self.examples.get(name, 0):>10,}"
            + "".join(f"  {one.per_class.get(name, float('nan')):>20.4f}" for _, one in columns)
            for name in sorted(self.measured.per_class, key=lambda n: -self.examples.get(n, 0))
        ]
        totals = [
            f"{key:<{width}}{'':>10}"
            + "".join(f"  {one.values.get(key, float('nan')):>20.4f}" for _, one in columns)
            for key in self.measured.values
        ]
        intervals = [
            f"{key:<{width}}  95 % of {low:.4f} to {high:.4f} over films"
            for key, (low, high) in self.measured.intervals.items()
        ]
        counted = ", ".join(f"{number:,} {what}" for what, number in self.measured.counts.items())
        tubes = [
            f"{key:<{width}}{'':>10}  {value:>20.4f}"
            for key, value in (self.tubes.values if self.tubes else {}).items()
        ]
        return [head, *rows, "", *totals, *tubes, *intervals, counted]


def _named(name: str, measured: Measured | None) -> tuple[str, Measured] | None:
    return None if measured is None else (name, measured)


def ask(
    checkpoint: Path, folder: Path, out: Path, inquiry: "Inquiry", runtime: "Runtime"
) -> Subject:
    """Return the detections of the network in `checkpoint`, written into `out`."""
    from models.detection.evaluate import ask_checkpoint

    asked = ask_checkpoint(checkpoint, folder, out, inquiry, runtime, lambda line: None)
    return Subject(name=asked.network, detections=asked.detections, asked=asked)


def evaluate(
    subject: Subject,
    folder: Path,
    split: str,
    out: Path,
    manner: Manner,
    against: Subject | None = None,
) -> Evaluation:
    """Measure the detections as the challenge does, and draw them class by class.

    Classes and key frames are the folder's own: its challenge's list of actions if it has one,
    the rows of the split without those that are excluded. Writes `evaluation.json` and
    `classes.png` into `out`.
    """
    from models.checkpoints.files import write_json

    asked, plain = subject.asked, Manner(encoding=manner.encoding)
    ground = _Ground(folder, split, asked.left_out if asked else None)
    prior, tracks = (asked.prior, asked.tracks) if asked else (None, None)
    measured = ground.frames(subject.detections, manner)
    other = None
    if against is not None:
        other = against.name, ground.frames(against.detections, plain)
    found = Evaluation(
        subject=subject,
        split=split,
        measured=measured,
        prior=None if prior is None else ground.frames(prior, plain),
        tubes=None if tracks is None else ground.tubes(tracks, plain),
        examples=_examples(folder, split),
        against=other,
    )
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / REPORT, found.to_json())
    bars = Bars(subject.name, measured.per_class, found.examples)
    draw_bars(out / PICTURE, bars, None if other is None else (other[0], other[1].per_class))
    return found


@dataclass(frozen=True)
class _Ground:
    """What detections are held against: the folder's own rows and classes."""

    folder: Path
    split: str
    left_out: Path | None
    """Key frames that do not count; None: those that the folder excludes."""

    def frames(self, detections: Path, manner: Manner) -> Measured:
        return measure_frames(*self._compared(detections, manner))

    def tubes(self, tracks: Path, manner: Manner) -> Measured:
        return measure_videos(*self._compared(tracks, manner))

    def _compared(self, predictions: Path, manner: Manner) -> tuple[Inputs, Rules]:
        from models.detection.files import find_files

        files = find_files(self.folder)
        of_split = files.split(self.split)
        inputs = Inputs(
            ground_truth=of_split.truth,
            predictions=predictions,
            label_map=files.measured_labels,
            num_replicates=manner.num_replicates,
            seed=manner.seed,
            is_strict=manner.is_strict,
            on_warning=manner.on_warning,
            encoding=manner.encoding,
        )
        return inputs, Rules(excluded=self.left_out or of_split.excluded)


def _examples(folder: Path, split: str) -> dict[str, int]:
    from models.detection.folder import read_folder
    from models.detection.prior import examples

    data = read_folder(folder)
    counts = examples(data.split("train") or data.split(split), len(data.labels)).astype(int)
    return dict(zip(data.names, counts.tolist(), strict=True))
