"""What is to be adopted: files of annotations, of one format, and the folder of their clips."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Kind
from kinetics_builder.formats.registry import all_formats
from pipelines.converting.checks import opening
from pipelines.converting.convert import Listeners


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What somebody wants to learn from."""

    annotations: tuple[Path, ...]
    format: Format
    options: Options
    """The label map gives the classes and their order; without one they are sorted."""
    media: Path
    """The folder of the clips' files."""
    num_workers: int
    """Processes that look at files."""
    retry_failed: bool = False
    """Whether files are looked at again that failed for a reason that may have passed."""


def records(asked: Asked, listeners: Listeners) -> Iterator[tuple[str, Clip]]:
    """Yield the clips of all files, each with the place at which it stands.

    Raises:
        FormatError: The format is not of clips, or cannot be read; a file cannot be read at all.

    """
    one = asked.format
    if one.kind is not Kind.CLIPS or one.read is None:
        names = [
            name for name, other in all_formats().items() if other.kind is Kind.CLIPS and other.read
        ]
        raise FormatError(
            f"{one.name} does not tell of clips. Formats that do: {', '.join(names)}."
        )
    for path in asked.annotations:
        problems = listeners.problems(path)
        with opening(one, path):
            for clip in one.read(path, asked.options, problems):
                yield _place(problems), clip


def _place(problems: Problems) -> str:
    where = problems.path.name
    return where if problems.line is None else f"{where}:{problems.line}"
