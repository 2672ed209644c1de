"""Answers of workers to tasks, a row each: what agreement is measured on."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import cells, counted, parsed
from kinetics_builder.formats.checks import not_empty
from kinetics_builder.formats.problems import Problems

COLUMNS = ("worker", "task", "label")
_WORDS = {
    "worker": "worker annotator rater coder user labeler labeller participant assessor judge "
    "player turker performer",
    "task": "task item question unit example hit clip video image sentence document object "
    "instance sample",
    "label": "label answer response vote annotation judgment judgement rating value class choice "
    "decision category",
}
"""What headers call the three columns; also in the plural and with _id behind it."""
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}


class Answer(NamedTuple):
    """What one worker said about one task; no label where the cell is empty."""

    worker: str
    task: str
    label: str | None


def read_answers(
    path: Path,
    problems: Problems,
    columns: Sequence[str] | None = None,
    *,
    encoding: str | None = None,
    needs_header: bool = False,
) -> Iterator[Answer]:
    """Yield the answers of a CSV file.

    `columns` are what the header calls worker, task and label, or their places from 1. Without
    them a header is known by its words (`question,annotator,response`), in any order; without
    a header, unless there must be one, the first three cells count. Further cells are not read.
    An empty label is a missing answer.

    Raises:
        FormatError: An empty file, no header with the columns that were named, or a header
            that does not say which three they are.

    """
    rows = cells(path, problems, encoding=encoding)
    first = next(rows, [])
    names = [cell.strip() for cell in first]
    found = _header(names)
    if columns is not None and all(name.isdecimal() and int(name) > 0 for name in columns):
        places = [int(name) - 1 for name in columns]
        return parsed(rows if len(found) > 1 else chain([first], rows), _Parser(*places), problems)
    if columns is None and not needs_header and not is_header(names):
        return parsed(chain([first], rows), _Parser(0, 1, 2), problems)
    wanted = list(columns) if columns is not None else [found.get(role, "") for role in COLUMNS]
    if not all(name in names for name in wanted):
        said = "a header with " + ", ".join(columns) if columns else "one column for each"
        raise FormatError(f"{path}:{problems.line}: expected {said}, found {names}. {ASK}.")
    return parsed(rows, _Parser(*map(names.index, wanted)), problems)


ASK = "Say which are worker, task and label: --columns WORKER,TASK,LABEL"


def is_header(cells: Sequence[str]) -> bool:
    """Tell whether the cells of a first row are words for two of the columns at least."""
    return len(_header(cells)) > 1


def _header(names: Sequence[str]) -> dict[str, str]:
    """Return the name of each column whose words there are; an empty one where two have them."""
    found: dict[str, str] = {}
    for role in COLUMNS:
        like = [name for name in names if _ROLES.get(_word(name)) == role]
        exact = [name for name in like if name == role]
        if like:
            found[role] = exact[0] if exact else like[0] if len(like) == 1 else ""
    return found


def _word(name: str) -> str:
    plain = re.sub(r"[^a-z]+", " ", name.lower()).strip()
    plain = re.sub(r"^(amt|mturk|orig) ", "", plain)
    return re.sub(r" ?ids?$|s$", "", re.sub(r" ?ids?$", "", plain))


class _Parser:
    """Makes an answer of a row's cells."""

    def __init__(self, worker_at: int, task_at: int, label_at: int) -> None:
        self._places = (worker_at, task_at, label_at)

    def __call__(self, row: list[str]) -> Answer:
        """Return the answer; ValueError for a row that is too short or names nobody."""
        if len(row) <= max(self._places):
            raise ValueError(f"expected worker, task and label, found {counted(row)}")
        worker, task, label = (row[place].strip() for place in self._places)
        return Answer(not_empty(worker, "worker"), not_empty(task, "task"), label or None)
