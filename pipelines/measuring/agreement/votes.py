"""How far workers agree about labels.

Shapes, as name suffixes: N votes, T tasks, C labels.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.votes import ASK, read_answers
from kinetics_builder.metrics.agreement.labels import (
    Floats,
    fleiss_kappa,
    fleiss_kappas_by_label,
    krippendorff_alpha,
    percent_agreement,
)
from kinetics_builder.metrics.agreement.workers import mean_cohen_kappa, pair_votes
from pipelines.measuring.oddities import Oddity
from pipelines.measuring.resampling import intervals_of
from pipelines.measuring.result import Manner, Measured


def measure_votes(path: Path, manner: Manner, columns: Sequence[str] | None = None) -> Measured:
    """Return the agreement in a table of worker, task and label.

    Fleiss' kappa also for each label against the others. Cohen's kappa is the mean over all
    pairs of workers, by their number of common tasks. Intervals draw tasks.

    Raises:
        FormatError: An empty file, or no task with two answers.

    """
    answers = _read(path, manner, columns)
    workers, workers_N = _numbered([worker for worker, _ in answers])
    tasks, tasks_N = _numbered([task for _, task in answers])
    labels, labels_N = _numbered(list(answers.values()))
    counts_TC = np.zeros((len(tasks), len(labels)), np.int64)
    np.add.at(counts_TC, (tasks_N, labels_N), 1)
    if counts_TC.size == 0 or counts_TC.sum(axis=1).max() < 2:
        raise FormatError(f"{path}: expected two answers to a task at least, found no such task.")
    pairs = pair_votes(workers_N, tasks_N, labels_N)

    def values(weights_T: Floats | None) -> dict[str, float]:
        return {
            "fleiss_kappa": fleiss_kappa(counts_TC, weights_T),
            "krippendorff_alpha": krippendorff_alpha(counts_TC, weights_T),
            "cohen_kappa": mean_cohen_kappa(pairs, len(labels), weights_T),
            "percent_agreement": percent_agreement(counts_TC, weights_T),
        }

    by_label = fleiss_kappas_by_label(counts_TC).tolist()
    return Measured(
        values=values(None),
        per_class=dict(zip(labels, by_label, strict=True)),
        intervals=intervals_of(values, len(tasks), manner),
        counts={
            "tasks": len(tasks),
            "workers": len(workers),
            "votes": len(answers),
            "tasks with one answer": int((counts_TC.sum(axis=1) == 1).sum()),
        },
    )


def _read(path: Path, manner: Manner, columns: Sequence[str] | None) -> dict[tuple[str, str], str]:
    """Return the label by worker and task; of two answers by one worker the later counts."""
    problems = manner.problems(path)
    found: dict[tuple[str, str], str] = {}
    first: tuple[str, str] | None = None
    again = Oddity("answers a task twice; the later answer counts")
    for worker, task, label in read_answers(path, problems, columns, encoding=manner.encoding):
        first = first or (worker, task)
        if label is None:
            continue
        if (worker, task) in found:
            again.add(f"{worker} {task}", problems.line)
        found[worker, task] = label
    again.tell(problems)
    if columns is None and first is not None:
        _refuse_header(path, first, found)
    return found


def _refuse_header(path: Path, first: tuple[str, str], answers: dict[tuple[str, str], str]) -> None:
    """Raise a FormatError if nothing of the first row ever comes again: it is no answer.

    Nothing is lost by that: an answer whose task has no other says nothing of agreement.
    """
    said = [*first, answers.get(first, "")]
    others = [key for key in answers if key != first]
    is_alone = (
        first[0] not in {worker for worker, _ in others}
        and first[1] not in {task for _, task in others}
        and said[2] not in {answers[key] for key in others}
    )
    if others and is_alone and not any(text[:1].isdigit() for text in said):
        raise FormatError(
            f"{path}:1: {', '.join(said)} looks like a header, for none of it comes again. "
            f"{ASK} (or 1,2,3, if it is an answer)."
        )


def _numbered(names: list[str]) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the different names, sorted, and the place of each name among them."""
    different = sorted(set(names))
    places = {name: place for place, name in enumerate(different)}
    return different, np.array([places[name] for name in names], np.int64)
