"""What trained networks said of the clips of a test, and which of that is right.

Shapes, as name suffixes: N clips, K classes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.release_files import MANIFEST
from pipelines.experiments.estimates import Sample
from pipelines.measuring.kinetics.summing import Naming, Other, summed
from pipelines.measuring.result import Inputs


@dataclass(frozen=True)
class Answers:
    """The best class of each clip that could be read, beside the true one; sorted by file."""

    files: tuple[str, ...]
    videos: tuple[str, ...]
    truth: tuple[str, ...]
    said: tuple[str, ...]

    def hits(self, labels: Collection[str] | None = None) -> Sample:
        """Return 1 for each clip told rightly, 0 for others; of these true labels alone."""
        kept = [n for n, label in enumerate(self.truth) if labels is None or label in labels]
        right_N = np.array([self.truth[n] == self.said[n] for n in kept], dtype=np.float64)
        return Sample(right_N, tuple(self.videos[n] for n in kept))


def answers_of(scores: Path, release: Path) -> Answers:
    """Return what the scores of an evaluation on a release come to."""
    with np.load(scores) as found:
        files = [str(file) for file in found["clips"]]
        labels = [str(label) for label in found["labels"]]
        return _answers(found["scores"], files, labels, release)


def answers_of_sum(first: Path, second: Path, release: Path) -> Answers:
    """Return what the scores of two evaluations come to, added as `kbuild measure kinetics --sum`.

    Raises FormatError where they are not of the same clips and classes.
    """
    inputs = Inputs(ground_truth=release / MANIFEST, predictions=first)
    matrix = summed(inputs, Other(second), Naming((), None, None))
    assert matrix.files is not None, "evaluations name their clips"
    return _answers(np.asarray(matrix.scores_NK), matrix.files, matrix.labels, release)


def _answers(
    scores_NK: NDArray[np.floating], files: list[str], labels: list[str], release: Path
) -> Answers:
    rows = {row.file: row for row in read_manifest(release / MANIFEST) if row.split == "test"}
    order = sorted(range(len(files)), key=lambda n: files[n])
    best_N = scores_NK.argmax(1)
    kept = [rows[files[n]] for n in order]
    return Answers(
        files=tuple(row.file for row in kept),
        videos=tuple(row.youtube_id for row in kept),
        truth=tuple(row.label for row in kept),
        said=tuple(labels[int(best_N[n])] for n in order),
    )
