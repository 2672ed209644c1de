"""Which row of a matrix of scores is which clip, and what its scores say of the true labels.

Shapes, as name suffixes: N rows, T true pairs of a clip and a label.
"""

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.metrics.classification import Scores, ranks_and_best
from kinetics_builder.metrics.kinetics import NEVER, Ints
from pipelines.measuring.kinetics.matrix import Matrix
from pipelines.measuring.kinetics.truth import Units
from pipelines.measuring.oddities import Oddity
from pipelines.measuring.result import Inputs

_PAIRS_AT_ONCE = 1024


def rows_of_units(matrix: Matrix, units: Units, inputs: Inputs, blocked: frozenset[str]) -> Ints:
    """Return the matrix's row for each unit; -1 for a unit without one.

    Rows of clips and videos in `blocked` count for nothing.

    Raises:
        FormatError: Another number of rows than of clips.

    """
    num_rows = len(matrix.scores_NK)
    clips = matrix.clips
    wanted = len(units.unit_of_row) if clips is None else len(clips)
    if num_rows != wanted:
        without = " without what is blocked" if blocked else ""
        whose = f"the ground truth{without}" if clips is None else "the list of rows"
        raise FormatError(
            f"{matrix.path}: expected {wanted:,} rows, as {whose} has, found {num_rows:,}. "
            "--rows FILE says which clips they are."
        )
    row_of_unit = np.full(units.num_units, -1, np.int64)
    if clips is None:
        row_of_unit[units.unit_of_row[::-1]] = np.arange(num_rows)[::-1]
        return row_of_unit
    known = units.names
    called = zip(clips, matrix.files or clips, strict=True)
    unit_N = np.array([known.get(clip, known.get(file, -1)) for clip, file in called], np.int64)
    is_blocked_N = [not {clip, clip.rsplit("_", 2)[0]}.isdisjoint(blocked) for clip in clips]
    _tell_strange(clips, unit_N, np.flatnonzero(is_blocked_N), inputs.problems(matrix.path))
    is_known = unit_N >= 0
    row_of_unit[unit_N[is_known]] = np.flatnonzero(is_known)
    return row_of_unit


def _tell_strange(clips: list[str], units: Ints, blocked: Ints, problems: Problems) -> None:
    strange = np.setdiff1d(np.flatnonzero(units < 0), blocked)
    again = np.setdiff1d(np.flatnonzero(units >= 0), np.unique(units, return_index=True)[1])
    for what, rows in (
        ("not in the ground truth; it does not count", strange),
        ("has a row already; the last one counts", again),
    ):
        if len(rows):
            Oddity(what, len(rows), f"row {rows[0] + 1} ({clips[rows[0]]!r})").tell(problems)


def judge(matrix: Matrix, rows_T: Ints, labels_T: Ints) -> tuple[Ints, Ints]:
    """Return the rank of each true label, and the best label of its row; -1 without a row.

    Raises:
        FormatError: NaN among the scores.

    """
    ranks_T = np.full(len(rows_T), NEVER, np.int64)
    best_T = np.full(len(rows_T), -1, np.int64)
    present = np.flatnonzero(rows_T >= 0)
    for start in range(0, len(present), _PAIRS_AT_ONCE):
        places = present[start : start + _PAIRS_AT_ONCE]
        scores = matrix.scores_NK[rows_T[places]]
        _refuse_nan(matrix, scores, rows_T[places])
        ranks_T[places], best_T[places] = ranks_and_best(scores, labels_T[places])
    return ranks_T, best_T


def _refuse_nan(matrix: Matrix, scores: Scores, rows: Ints) -> None:
    # The largest of a row is NaN as soon as one is.
    bad = np.flatnonzero(np.isnan(scores.max(axis=1)))
    if len(bad):
        column = int(np.isnan(scores[bad[0]]).argmax())
        raise FormatError(
            f"{matrix.path}: row {rows[bad[0]] + 1}: expected a number as score of "
            f"{matrix.labels[column]!r}, found NaN."
        )
