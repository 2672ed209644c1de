"""What is said beside a release that was given away: what must be used no more, or is wrong."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.output import csv_line, writing_bytes, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.signing import sign
from kinetics_builder.text.foreign import one_line
from pipelines.publishing.folders.kind import Place, Taken

ERRATA = "errata.csv"
ERRATA_SIGNATURE = f"{ERRATA}.sig"
"""Of `ERRATA`, by the owner's key: 64 bytes."""
BESIDE = (ERRATA, ERRATA_SIGNATURE)
"""Files that may come after a release was given away: no checksums list them."""
LONGEST = 300
"""Of what is said."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erratum:
    """What somebody found to be wrong with a release."""

    what: str
    author: str
    reason: str
    """How that is known."""
    date: str
    """UTC, as 2026-12-01 09:30:00."""

    def checked(self) -> "Erratum":
        """Return it on one line each; WorkspaceError where something is not said, or too long."""
        said = {name: one_line(getattr(self, name)) or "" for name in self.__slots__}
        for name, text in said.items():
            if not 0 < len(text) <= LONGEST:
                raise WorkspaceError(
                    f"an erratum says {name} in 1 to {LONGEST} characters, found {len(text)}."
                )
        return Erratum(**said)


def add_taken(release: Path, places: Iterable[Place], taken: Taken) -> int:
    """Write beside a release what of it was taken down; return how many rows are new."""
    rows = []
    for place in places:
        if place.video in taken:
            date, reason = taken[place.video]
            rows.append({**place.cells, "date": date, "reason": reason})
    return add_rows(release, rows)


def add_erratum(
    release: Path, places: Iterable[Place], names: Sequence[str], erratum: Erratum
) -> int:
    """Write beside a release what is wrong with it; return how many rows are new.

    Args:
        release: Its folder.
        places: Of all that it holds.
        names: What it is about: clips, videos or films, as its lists name them; of all of it
            without any.
        erratum: What is wrong.

    Raises:
        WorkspaceError: Nothing there has such a name, or the erratum says too little or too much.

    """
    told = erratum.checked()
    said = {name: getattr(told, name) for name in ("date", "reason", "what", "author")}
    left, rows, empty = set(names), [], dict[str, str]()
    for place in places:
        empty = empty or dict.fromkeys(place.cells, "")
        if meant := place.names & set(names):
            left -= meant
            rows.append({**place.cells, **said})
    if left:
        raise WorkspaceError(
            f"{release} holds nothing that is named {', '.join(sorted(left))}. Expected names of "
            "its lists: a clip's file, or a video's id. Nothing was written."
        )
    return add_rows(release, rows if names else [{**empty, **said}])


def sign_errata(release: Path, key: Path) -> None:
    """Sign what is said beside a release; raises ConfigError where the key signs nothing."""
    signature = sign((release / ERRATA).read_bytes(), key)
    with writing_bytes(release / ERRATA_SIGNATURE) as file:
        file.write(signature)


def add_rows(release: Path, rows: Collection[Mapping[str, str]]) -> int:
    """Add rows to those beside a release; return how many are new.

    Its other files stay as they are, with their checksums. A signature of what was said before
    goes.
    """
    columns, _ = read_errata(release)
    known = [*told_errata(release)]
    seen = {_said(row) for row in known}
    added = sorted({_said(row): row for row in rows if _said(row) not in seen}.items())
    if added:
        names = [*dict.fromkeys((*columns, *(name for row in rows for name in row)))]
        cells = ([row.get(name, "") for name in names] for row in (*known, *(r for _, r in added)))
        (release / ERRATA_SIGNATURE).unlink(missing_ok=True)
        with writing_text(release / ERRATA) as file:
            file.write(csv_line(names))
            file.writelines(map(csv_line, cells))
    return len(added)


def _said(row: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, cell) for name, cell in row.items() if cell)


def read_errata(release: Path) -> tuple[Row, list[Row]]:
    """Return the columns and the rows of what is said beside a release; none where nothing is.

    Raises:
        FormatError: It cannot be read.

    """
    if not (release / ERRATA).is_file():
        return (), []
    header, rows = table(release / ERRATA, (), Problems(release / ERRATA))
    return tuple(header), [tuple(cells) for cells in rows]


def told_errata(release: Path) -> Iterator[dict[str, str]]:
    """Yield the same, each row by its columns."""
    columns, rows = read_errata(release)
    yield from (dict(zip(columns, row, strict=True)) for row in rows)


def taken_in(release: Path) -> list[dict[str, str]]:
    """Return of what is said beside a release what was taken down since."""
    return [row for row in told_errata(release) if not row.get("what")]


def errata_lines(release: Path) -> list[str]:
    """Return each erratum in one line, for people."""
    return [_line(row) for row in told_errata(release)]


def faults_told(release: Path) -> list[str]:
    """Return the same of what is wrong alone: what was taken down is named nowhere else."""
    return [_line(row) for row in told_errata(release) if row.get("what")]


def _line(row: Mapping[str, str]) -> str:
    place = ", ".join(f"{name} {cell}" for name, cell in row.items() if cell and name not in _TOLD)
    what = row.get("what") or "to be used no more"
    by = f" ({row['author']}, {row['date']})" if row.get("author") else f" ({row['date']})"
    return f"{place or 'all of it'}: {what}: {row['reason']}{by}"


_TOLD = frozenset(("date", "reason", "what", "author"))
