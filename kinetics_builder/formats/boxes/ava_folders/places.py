"""Where AVA's files lie in a folder, under whichever version's name; {} is train, val or test."""

from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import cells
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.splits import SHORT

PLACES = ("", "annotations")
"""Folders below the given one in which annotations may lie."""
TRUTH = ("ava_{}_v[0-9]*.csv", "kinetics_{}_v[0-9]*.csv")
EXCLUDED = ("ava_{}_excluded_timestamps_v[0-9]*.csv",)
INCLUDED = ("ava_included_timestamps_v[0-9]*.txt",)
PROPOSALS = ("ava_{}_predicted_boxes.csv", "ava_{}_proposals*.csv", "ava_dense_proposals_{}*.pkl")
LABELS = ("ava_action_list_v[0-9]*.pbtxt",)
MIN_SCORE = "ava_predicted_boxes_min_score.txt"
"""Says from which score on proposals are to be trusted: every detector has another scale."""
UNCONFIRMED = "unconfirmed.csv"
"""Lists labels that nobody has confirmed, each behind its split; only where there are some."""


def all_files(folder: Path, patterns: tuple[str, ...], word: str = "") -> list[Path]:
    """Return the files of any of the patterns, compressed or not, by their names."""
    found = (
        path
        for pattern in patterns
        for place in PLACES
        for packed in ("", ".gz")
        for path in (folder / place).glob(pattern.format(word) + packed)
        if path.is_file()
    )
    return sorted(found, key=lambda path: path.name)


def newest_file(folder: Path, patterns: tuple[str, ...], word: str = "") -> Path | None:
    """Return the file of the highest version of the first pattern that has any."""
    for pattern in patterns:
        if found := all_files(folder, (pattern,), word):
            return found[-1]
    return None


def read_min_score(folder: Path) -> float | None:
    """Return the score from which on a folder's proposals are to be trusted; None if not said.

    Raises:
        FormatError: What stands there is no share.

    """
    path = newest_file(folder, (MIN_SCORE,))
    if path is None:
        return None
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise FormatError(f"{path}: expected one number from 0 to 1, found {text[:40]!r}.")
    return score


def read_unconfirmed(folder: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the split (train, val or test) of each label that nobody has confirmed."""
    path = newest_file(folder, (UNCONFIRMED,))
    if path is None:
        return
    problems = Problems(path)
    for row in cells(path, problems, may_be_empty=True):
        if row[0] in SHORT:
            yield problems.line or 0, SHORT[row[0]]
