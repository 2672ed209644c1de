"""Verb `classes carry`: the rows of a file under the classes that edits make of its own."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.curation.classes_after import Classes, check_new, classes_after
from kinetics_builder.curation.edits import Edit, Filter, Restore, SplitLabel, Undo
from kinetics_builder.curation.edits_file import read_edits
from kinetics_builder.curation.history.versions import Version
from kinetics_builder.curation.judged import JudgedClip
from kinetics_builder.curation.replay import apply
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Clip
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.text.counting import counted
from kinetics_builder.text.normalise import normalise
from pipelines.classes.versions import read_version
from pipelines.restoring.released import Released, find_released

Place = tuple[int, str | None]
"""The number of a row, and its label then; None where it has none left."""


@dataclass(frozen=True)
class CarryReport:
    """What became of the rows of a file."""

    num_rows: int
    num_written: int
    num_relabelled: int
    """Of those that were written."""
    dropped: Mapping[str, int]
    """Rows left out, by the class they had."""
    undecided: Mapping[str, int]
    """Rows of classes that were split, which nobody has told apart, by the class they had."""
    num_contradicted: int
    """Rows that were written under another class than the newer version has their video in."""


@dataclass(frozen=True)
class _Row:
    """What edits see of a row."""

    video: str
    label: str


def carry_classes(
    source: Path,
    edits_file: Path,
    target: Path,
    *,
    newer: Path | None = None,
    undecided: Path | None = None,
) -> CarryReport:
    """Write the rows of `source` to `target`, in its own format, under their new classes.

    Of the folder of a release these are all its clips, as its table `clips.csv` has them.

    A row of a class that is split goes where the newer version has its video. Where that tells
    nothing it goes to `undecided`, for people to look at, under its old class.

    Raises:
        FormatError: A file cannot be read; an edit is none, names a class that is not there, or
            asks for votes, which a released file has not. Nothing is written then.

    """
    released = find_released(source / MANIFEST if source.is_dir() else source)
    if released.is_of_films:
        raise FormatError(f"{source} holds boxes of films. Name a file of clips, as train.csv.")
    rows = [
        _Row(row.video_id or row.named, row.label) for row in map(released.row_of, _all(released))
    ]
    version = None if newer is None else read_version(newer)
    edits = _checked(edits_file, rows, version)
    moved = _moved(edits, rows, version)
    open_labels = {edit.source for edit in edits if isinstance(edit, SplitLabel)}
    waiting = {n for n, label in moved if label in open_labels}
    kept = {n: label for n, label in moved if n not in waiting}
    _write(released, target, kept)
    if undecided is not None:
        _write(released, undecided, {n: rows[n].label for n in waiting})
    gone = set(range(len(rows))) - kept.keys() - waiting
    return CarryReport(
        num_rows=len(rows),
        num_written=len(kept),
        num_relabelled=sum(rows[n].label != label for n, label in kept.items()),
        dropped=_by_label(rows, gone),
        undecided=_by_label(rows, waiting),
        num_contradicted=_contradicted(rows, kept, version),
    )


def carry_lines(report: CarryReport, target: Path, undecided: Path | None) -> list[str]:
    """Return what people read of a report."""
    lines = [
        f"{target}: {report.num_written:,} of {counted(report.num_rows, 'row')}, "
        f"{report.num_relabelled:,} under another class"
    ]
    if report.dropped:
        lines.append(f"left out with their class: {_listed(report.dropped)}")
    if report.undecided:
        where = f"they are in {undecided}" if undecided else "write them with --undecided FILE"
        lines.append(f"for people to tell apart: {_listed(report.undecided)}: {where}")
    if report.num_contradicted:
        lines.append(
            f"{counted(report.num_contradicted, 'row')} under another class than the newer "
            "version has the video in: look at the edits again"
        )
    return lines


def _all(released: Released) -> Iterator[Clip | Box]:
    return released.records(Problems(released.path))


def _checked(path: Path, rows: Sequence[_Row], version: Version | None) -> list[Edit]:
    """Return the edits of a file, each of which holds for the classes there are by then."""
    classes = Classes(frozenset(row.label for row in rows if row.label))
    answers = frozenset(map(normalise, version.labels)) if version else frozenset()
    edits: list[Edit] = []
    for line in read_edits(path):
        edit = line.edit
        try:
            if isinstance(edit, Undo | Restore):
                raise ValueError("nothing is recorded here that could be undone; delete both lines")
            if isinstance(edit, Filter) and edit.min_yes_rate:
                raise ValueError("a released file has no votes; min_clips alone can be asked for")
            check_new(edits, edit)
            classes_after([*edits, edit], classes, answers)
        except ValueError as error:
            raise FormatError(f"{path}:{line.number}: {error}.") from error
        edits.append(edit)
    return edits


def _moved(
    edits: Sequence[Edit], rows: Sequence[_Row], version: Version | None
) -> list[tuple[int, str]]:
    """Return (number, label) of each row that is left after all edits."""
    clips = (
        JudgedClip(
            key=number,
            video=row.video,
            label=row.label,
            is_accepted=True,
            num_yes=0,
            num_votes=0,
            better_name=_better_name(row, version),
        )
        for number, row in enumerate(rows)
        if row.label
    )
    return [(clip.key, clip.label) for clip in apply(edits, clips)]  # type: ignore[misc]


def _better_name(row: _Row, version: Version | None) -> str | None:
    """Return the one class that the newer version has a video in."""
    labels = () if version is None else tuple(version.videos.get(row.video, ()))
    return normalise(labels[0]) if len(labels) == 1 else None


def _contradicted(rows: Sequence[_Row], kept: Mapping[int, str], version: Version | None) -> int:
    videos = {} if version is None else version.videos
    seen = ((label, videos.get(rows[n].video)) for n, label in kept.items())
    return sum(labels is not None and label not in labels for label, labels in seen)


def _write(released: Released, target: Path, labels: Mapping[int, str]) -> None:
    write = released.format.write
    assert write is not None
    write(target, _relabelled(_all(released), labels), released.options, Problems(target))


def _relabelled(records: Iterable[Clip | Box], labels: Mapping[int, str]) -> Iterator[Clip | Box]:
    for number, record in enumerate(records):
        if number in labels:
            yield record._replace(label=labels[number])


def _by_label(rows: Sequence[_Row], numbers: Iterable[int]) -> dict[str, int]:
    counts = Counter(rows[n].label or "no label" for n in numbers)
    return dict(sorted(counts.items()))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{label} ({num:,})" for label, num in counts.items())
