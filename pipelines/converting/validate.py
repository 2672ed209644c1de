"""Whether a file is what it should be, row by row."""

from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.duplicates import telling_duplicates
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.registry import all_formats
from pipelines.converting.checks import opening
from pipelines.converting.convert import Listeners
from pipelines.converting.media import looking_for_files
from pipelines.converting.persons import telling_of_persons

_SINGULAR = {"clips": "clip", "boxes": "box", "scores": "row of scores", "labels": "label"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one file holds."""

    path: Path
    format: str
    kind: str
    num_records: int
    num_errors: int
    num_warnings: int

    def line(self) -> str:
        """Return the report in words."""
        found = [_counted(self.num_records, _SINGULAR[self.kind], self.kind)]
        if self.num_errors:
            found.append(_counted(self.num_errors, "error", "errors"))
        if self.num_warnings:
            found.append(_counted(self.num_warnings, "warning", "warnings"))
        if len(found) == 1:
            found.append("no errors")
        return f"{self.path}: {', '.join(found)}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def validate(one: Format, path: Path, options: Options, listeners: Listeners) -> Report:
    """Read a file to its end and tell `listeners` of all that is wrong, as it comes.

    A record that stands twice is a warning, and so are persons who do more at once than AVA's
    can, and a file without records. Where the options name a folder of media, a file that is not
    there is an error. Where `listeners` are strict, warnings are told as errors. A file that
    cannot be read at all is one error.

    Raises:
        FormatError: The format can be written only.

    """
    if one.read is None:
        names = [name for name, other in all_formats().items() if other.read is not None]
        raise FormatError(f"{one.name} can be written only. To read: {', '.join(names)}.")
    problems = listeners.problems(path)
    num_records = 0
    try:
        with opening(one, path):
            records = telling_duplicates(one.read(path, options, problems), problems)
            records = telling_of_persons(records, path, options, problems)
            for _ in looking_for_files(records, one, path, options.media, problems):
                num_records += 1
        if not num_records and not problems.num_errors:
            problems.enter(path)
            problems.warning("there is nothing in it")
    except (FormatError, OSError) as error:
        problems.enter(path)
        problems.line, message = _place_and_message(path, error)
        problems.error(message)
    return Report(
        path=path,
        format=one.name,
        kind=one.kind.value,
        num_records=num_records,
        num_errors=problems.num_errors,
        num_warnings=problems.num_warnings,
    )


def _place_and_message(path: Path, error: Exception) -> tuple[int | None, str]:
    """Part an error about a whole file from the place it names, for that stands beside it."""
    if isinstance(error, OSError):
        return None, error.strerror or str(error)
    text = str(error).rstrip(".").removeprefix(f"{path}:")
    line, _, message = text.partition(": ")
    return (int(line), message) if line.isdecimal() else (None, text.strip())
