"""What is wrong with a file, and where: a bad row is told of, and hides no good one."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.text.masking import masked


class Severity(StrEnum):
    """An error: the row was left out. A warning: an oddity that was read as described."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (file, line or item), what was found and expected.

    Neither item nor message holds a password of an address that stood in the file.
    """

    severity: Severity
    path: Path
    line: int | None
    item: str | None
    message: str

    def __str__(self) -> str:
        return f"{place_of(self.path, self.line, self.item)}: {self.message}"


def place_of(path: Path, line: int | None, item: str | None) -> str:
    """Return where something stands in a file, as messages begin with it.

    >>> place_of(Path("a.csv"), 3, None), place_of(Path("a.json"), None, "image 7")
    ('a.csv:3', 'a.json: image 7')
    """
    where = str(path) if line is None else f"{path}:{line}"
    if not item:
        return where
    return f"{where}: {item if item.isprintable() else repr(item)}"


Listener = Callable[[Problem], None]

_LONGEST = 2000
"""Of a longer message, as of a broken line of a gigabyte, the first and last letters are told."""


class Problems:
    """Takes down what a reader or a writer meets.

    Readers keep `path`, `line` and `item` at the row they are at, so that whoever takes a
    record can also say where it stood. An error goes to `on_error`, and reading goes on behind
    the bad row; without `on_error` it is raised. A warning goes to `on_warning`, if there is
    one; `is_strict` makes it an error.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_error: Listener | None = None,
        on_warning: Listener | None = None,
        is_strict: bool = False,
    ) -> None:
        self.path = path
        self.line: int | None = None
        self.item: str | None = None
        self.num_errors = 0
        self.num_warnings = 0
        self.num_lost = 0
        """Records left out with a warning: nothing is wrong with them but the format's limits."""
        self._on_error = on_error
        self._on_warning = on_warning
        self._is_strict = is_strict

    def enter(self, path: Path) -> None:
        """Say that what follows is about another file of the same set."""
        self.path, self.line, self.item = path, None, None

    def error(self, message: str) -> None:
        """Tell of a row that cannot be used and is left out.

        Raises:
            FormatError: Nobody listens.

        """
        self.num_errors += 1
        problem = self._problem(Severity.ERROR, message)
        if self._on_error is None:
            raise FormatError(f"{problem}.")
        self._on_error(problem)

    def warning(self, message: str) -> None:
        """Tell of an oddity that is tolerated; of an error, where that is strict."""
        if self._is_strict:
            self.error(message)
            return
        self.num_warnings += 1
        if self._on_warning is not None:
            self._on_warning(self._problem(Severity.WARNING, message))

    def lose(self, message: str, num_records: int = 1) -> None:
        """Warn that records are left out for which the format has no place."""
        if not self._is_strict:
            self.num_lost += num_records
        self.warning(message)

    def _problem(self, severity: Severity, message: str) -> Problem:
        if len(message) > _LONGEST:
            message = f"{message[: _LONGEST // 2]} ... {message[-_LONGEST // 2 :]}"
        item = None if self.item is None else masked(self.item)
        return Problem(severity, self.path, self.line, item, masked(message))
