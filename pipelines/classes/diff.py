"""Verb `classes diff`: what became of the classes from one version of a dataset to the next."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.curation.edits import Drop, Edit, Merge, Rename, SplitLabel
from kinetics_builder.curation.history.changes import SURE, Change, Fate, Link, compare_versions
from kinetics_builder.formats.output import writing_text
from kinetics_builder.text.counting import counted
from pipelines.classes.versions import read_version


@dataclass(frozen=True)
class DiffReport:
    """What became of the classes of one version."""

    old: str
    new: str
    sure: float
    """From which belief on a change is said to be so."""
    num_shared_videos: int
    """Of files of rows: how many videos both name."""
    changes: tuple[Change, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many changes there are of each fate."""
        return Counter(change.fate.value for change in self.changes)


def diff_classes(
    old: Path, new: Path, earlier: Sequence[Path] = (), *, sure: float = SURE
) -> DiffReport:
    """Compare two versions; `earlier` ones tell which classes return.

    Raises:
        FormatError: A file is no version of a dataset (see `read_version`).

    """
    was, now = read_version(old), read_version(new)
    before = [read_version(path) for path in earlier]
    return DiffReport(
        str(old),
        str(new),
        sure,
        len(was.videos.keys() & now.videos.keys()),
        tuple(compare_versions(was, now, before, sure=sure)),
    )


def diff_lines(report: DiffReport, *, shows_all: bool = False) -> list[str]:
    """Return what people read of a report; kept and new classes by name with `shows_all`."""
    shared = report.num_shared_videos
    seen = f", {counted(shared, 'video')} in both" if shared else ", by their names alone"
    counts = ", ".join(f"{num} {fate}" for fate, num in report.counts.items())
    lines = [f"{report.old} -> {report.new}{seen}", counts]
    for fate in Fate:
        changes = [change for change in report.changes if change.fate is fate]
        if changes and (shows_all or fate not in (Fate.KEPT, Fate.NEW)):
            lines += ["", f"{fate.value}:", *(line for one in changes for line in _lines(one))]
    if any(change.guesses for change in report.changes):
        lines += ["", f"What is believed less than {report.sure:g} is a guess, left to you."]
    return lines


def write_edits(report: DiffReport, path: Path) -> int:
    """Write what became of classes as edits, to be read through; return how many there are.

    Guesses stand in comments, behind the edit in whose place they would come.
    """
    lines = [
        f"# From {report.old} to {report.new}. Read each line; behind # stand reasons and guesses.",
        *(line for change in report.changes for line in _edit_lines(change)),
    ]
    with writing_text(path) as file:
        file.write("\n".join(lines) + "\n")
    return sum(not line.startswith("#") for line in lines)


def _lines(change: Change) -> Iterator[str]:
    named = " + ".join(change.old) or " | ".join(change.new)
    if change.fate in (Fate.KEPT, Fate.NEW):
        yield f"  {named}"
    elif change.fate is Fate.DROPPED:
        yield f"  {named}"
        yield from _guessed(change.guesses)
    elif change.fate is Fate.RETURNED:
        yield f"  {named}: {change.why[0]}"
    else:
        yield f"  {named} -> {' | '.join(change.new)}  ({change.belief:.2f}: {_why(change)})"
        yield from _guessed(_near(change))


def _guessed(guesses: Iterable[Link]) -> Iterator[str]:
    for guess in guesses:
        yield f"      perhaps {guess.new} ({guess.belief:.2f}: {guess.why})"


def _near(change: Change) -> Iterator[Link]:
    """Yield the guesses that are worth a word beside what is said to be so."""
    return (guess for guess in change.guesses if guess.belief >= SURE / 2)


def _why(change: Change) -> str:
    return " | ".join(change.why)


def _edit_lines(change: Change) -> Iterator[str]:
    edit = edit_of(change)
    if edit is None:
        return
    yield f"{edit}  # {change.belief:.2f}: {_why(change)}" if change.why else str(edit)
    for guess in change.guesses if isinstance(edit, Drop) else _near(change):
        yield f"#   or: {Rename(guess.old, guess.new)}  ({guess.belief:.2f}: {guess.why})"


def edit_of(change: Change) -> Edit | None:
    """Return the edit that makes a change; None where nothing is to be done."""
    match change.fate:
        case Fate.RESPELT | Fate.RENAMED:
            return Rename(change.old[0], change.new[0])
        case Fate.SPLIT:
            return SplitLabel(change.old[0], change.new)
        case Fate.MERGED:
            return Merge(change.old, change.new[0])
        case Fate.DROPPED:
            return Drop(change.old[0])
        case _:
            return None
