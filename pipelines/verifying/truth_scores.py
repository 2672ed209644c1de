"""What machines say of questions, from a file: scores that are weighed beside votes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.methods import method_named
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.crowd.truth.video_aware import fit_video_aware
from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.problems import Problems

METHOD = "video-aware"
"""What the method is called that weighs scores."""
_QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of questions, by question; NaN where one is missing."""

    names: Sequence[str]
    by_question: dict[str, list[float]]

    def signals_QS(self, questions: Sequence[str]) -> Floats:
        """Return a row for each of these questions, NaN for one that has none."""
        missing = [math.nan] * len(self.names)
        return np.array([self.by_question.get(one, missing) for one in questions], np.float64)


def check_method(method: str, *, has_scores: bool) -> None:
    """Raise ConfigError where there is no such method, or scores do not go with it."""
    if method != METHOD:
        method_named(method)
    if (method == METHOD) != has_scores:
        raise ConfigError(
            f"--method {METHOD} weighs scores beside votes: name their file by --scores."
            if method == METHOD
            else f"--scores are weighed by --method {METHOD} alone, found {method!r}."
        )


def read_scores(path: Path, encoding: str | None = None) -> Scores:
    """Return the scores of a CSV with a column `question`; every other column is a score.

    Any finite number is one; an empty cell is none.

    Raises:
        FormatError: A file without such columns, a cell that is no number, or a question twice.

    """
    problems = Problems(path)
    header, rows = table(path, [_QUESTION], problems, encoding=encoding)
    place = header.index(_QUESTION)
    names = [name for name in header if name != _QUESTION]
    if not names:
        raise FormatError(f"{path}: expected a column of scores beside {_QUESTION!r}, found none.")
    found: dict[str, list[float]] = {}
    for row in rows:
        question = row.pop(place).strip()
        if question in found:
            problems.error(f"{question!r} has its scores in an earlier line, too")
        pairs = zip(names, row, strict=True)
        found[question] = [_score(name, cell.strip(), problems) for name, cell in pairs]
    return Scores(names, found)


def _score(name: str, cell: str, problems: Problems) -> float:
    try:
        score = float(cell) if cell else math.nan
    except ValueError:
        score = math.inf
    if math.isinf(score) or (cell and math.isnan(score)):
        problems.error(f"expected a number or nothing as {name}, found {cell!r}")
    return score


def weigh_with(scores: Scores, answers: Answers, options: Options) -> Estimate:
    """Return what votes and scores tell together; see `fit_video_aware`."""
    return fit_video_aware(answers, scores.signals_QS(answers.questions), options).estimate
