"""What was found true as CSV files: one of questions, one of workers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kinetics_builder.formats.output import csv_line, number_text, writing_text
from pipelines.verifying.truth import Truth


def write_labels(truth: Truth, path: Path) -> None:
    """Write question, label, posterior, majority and note, a row for each question.

    The posterior is that of the label, or of each of those that are tied.
    """
    answers, estimate = truth.answers, truth.estimate
    rows = zip(
        answers.questions,
        truth.labels_of(estimate),
        estimate.posterior_QL.max(axis=1).tolist(),
        truth.labels_of(truth.by_majority),
        map(np.flatnonzero, estimate.is_best_QL()),
        strict=True,
    )
    with writing_text(path) as file:
        file.write(csv_line(["question", "label", "posterior", "majority", "note"]))
        for question, label, highest, other, best in rows:
            posterior = number_text(highest) if len(best) else None
            note = None if label else _note([answers.labels[place] for place in best])
            file.write(csv_line([question, label, posterior, other, note]))


def write_workers(truth: Truth, path: Path) -> None:
    """Write worker, quality and number of answers, a row for each worker."""
    answers = truth.answers
    rows = zip(answers.workers, truth.estimate.quality_W, answers.votes_W(), strict=True)
    with writing_text(path) as file:
        file.write(csv_line(["worker", "quality", "answers"]))
        for worker, quality, num_answers in rows:
            file.write(csv_line([worker, number_text(quality), num_answers]))


def _note(tied: Sequence[str]) -> str:
    return f"tie between {' and '.join(tied)}" if tied else "no votes"
