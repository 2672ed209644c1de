"""From one format to another of its kind, record by record."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinetics_builder.curation.balanced import Balance, balanced, train_counts
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.problems import Listener, Problems
from kinetics_builder.formats.records import Clip
from pipelines.converting.checks import opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a conversion did."""

    num_read: int
    """Records that the reader could make out."""
    num_written: int
    num_lost: int
    """Records left out with a warning: the format written to has no place for them."""
    num_errors: int
    """Rows left out: those that could not be read, and those that could not be written."""
    num_warnings: int
    subset: "Subset | None" = None
    """What a subset holds, where one was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """How a subset compares with all."""

    num_classes: int
    num_classes_before: int
    num_clips: int
    num_clips_before: int
    fewest: int
    """Clips for training of its smallest class; 0 without any."""
    largest: int
    """Of its largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who is told of bad rows and of oddities."""

    on_error: Listener | None = None
    """None raises the first error as a FormatError."""
    on_warning: Listener | None = None
    is_strict: bool = False
    """Whether oddities are errors."""

    def problems(self, path: Path) -> Problems:
        """Return what a reader or writer of `path` tells its problems to."""
        return Problems(
            path, on_error=self.on_error, on_warning=self.on_warning, is_strict=self.is_strict
        )


def convert(
    formats: tuple[Format, Format],
    source: Path,
    target: Path,
    options: Options,
    listeners: Listeners,
    balance: Balance | None = None,
) -> Report:
    """Read `source` in the first format and write `target` in the second.

    Streams: memory does not grow with the file, where the formats allow that; a subset of clips by
    `balance` is chosen among all. `target` appears whole or not at all.

    Raises:
        FormatError: The file as a whole cannot be read; or a row, where nobody listens.

    """
    read, write = formats[0].read, formats[1].write
    assert read is not None and write is not None
    reading, writing = listeners.problems(source), listeners.problems(target)
    counted = _Counted(read(source, options, reading))
    records = counted if formats[1].has_negatives else _positives(counted, writing)
    subset, num_left_out = None, 0
    with opening(formats[0], source):
        if balance is not None:
            everything = list(records)
            chosen = balanced(everything, balance)
            subset, num_left_out = _compared(everything, chosen), len(everything) - len(chosen)
            records = iter(chosen)
        write(target, records, options, writing)
    return Report(
        num_read=counted.num_records,
        num_written=counted.num_records - num_left_out - writing.num_lost - writing.num_errors,
        num_lost=writing.num_lost,
        num_errors=reading.num_errors + writing.num_errors,
        num_warnings=reading.num_warnings + writing.num_warnings,
        subset=subset,
    )


def _compared(everything: Sequence[Clip], chosen: Sequence[Clip]) -> Subset:
    counts = train_counts(chosen)
    return Subset(
        num_classes=len(counts),
        num_classes_before=len({clip.label for clip in everything if clip.label}),
        num_clips=len(chosen),
        num_clips_before=len(everything),
        fewest=min(counts.values(), default=0),
        largest=max(counts.values(), default=0),
    )


class _Counted(Iterator[Any]):
    """Yields records and counts them."""

    def __init__(self, records: Iterator[Any]) -> None:
        self._records = iter(records)
        self.num_records = 0

    def __next__(self) -> Any:
        record = next(self._records)
        self.num_records += 1
        return record


def _positives(records: Iterable[Any], problems: Problems) -> Iterator[Any]:
    """Yield all records but negatives, which the target would take for positives."""
    number = 0
    for record in records:
        if isinstance(record, Clip) and record.details.get("is_positive") is False:
            number += 1
        else:
            yield record
    if number:
        problems.line = problems.item = None
        clips = "1 clip that does" if number == 1 else f"{number:,} clips that do"
        message = f"{clips} not show the label left out: the format has no negatives"
        problems.lose(message, number)
