"""What people say of pairs of clips: whether they are the same recording.

A file holds a line for each pair: two clips by their files' names and `same` or `different`. What
`kbuild deduplicate --doubtful` prints is such a file, in which the words are left out.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy.orm import Session

from kinetics_builder.config import DeduplicateConfig
from kinetics_builder.database.tables import PairWord
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.output import csv_line
from pipelines.kinetics.placing import doubtful_pairs, listed, said

WORDS = {"same": True, "different": False}
_EXPECTED = (
    "Give a CSV file with a line for each pair: two clips, and `same` or `different`. "
    "`kbuild deduplicate --doubtful` prints one to be filled in."
)
HEADER = ("a", "b", "word", "similarity", "label", "is_mirrored")


@dataclass(frozen=True, slots=True)
class DoubtfulPair:
    """Two clips of one class that may show the same."""

    a: str
    b: str
    """Names of their files, without the ending."""
    similarity: float
    label: str
    is_mirrored: bool

    @property
    def line(self) -> str:
        """Return the pair as a line of a file of pairs, the word left out."""
        return csv_line([self.a, self.b, "", self.similarity, self.label, self.is_mirrored]).rstrip(
            "\n"
        )


def list_doubtful(session: Session, config: DeduplicateConfig) -> list[DoubtfulPair]:
    """Return the pairs about which people should say something, the most alike first."""
    clips = listed(session)
    return [
        DoubtfulPair(
            a=clips[pair.one].name,
            b=clips[pair.other].name,
            similarity=pair.similarity,
            label=clips[pair.one].label,
            is_mirrored=pair.is_mirrored,
        )
        for pair in doubtful_pairs(session, clips, config)
    ]


def record_words(session: Session, path: Path) -> int:
    """Record what a file says of pairs, and return how many words are new.

    A word that was said last of a pair anyway is not said again.

    Raises:
        FormatError: A line that is none of a pair, or names a clip that is not there; nothing
            is recorded then.

    """
    names = {one.name for one in listed(session).values()}
    known, num_new = said(session), 0
    for one, other, is_same in _words(path, names):
        if known.get((one, other)) is not is_same:
            session.add(PairWord(one=one, other=other, is_same=is_same))
            known[one, other] = is_same
            num_new += 1
    return num_new


def _words(path: Path, names: set[str]) -> Iterator[tuple[str, str, bool]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(f"{path}: {error.strerror}. {_EXPECTED}") from error
    except UnicodeDecodeError as error:
        flaw = f"not UTF-8 at offset {error.start}"
        raise FormatError(f"{path}: {flaw}. {_EXPECTED}") from error
    reader = csv.reader(text.splitlines())
    for cells in reader:
        cells = [cell.strip() for cell in cells]
        is_header = reader.line_num == 1 and cells[:2] == list(HEADER[:2])
        if not any(cells) or is_header or (len(cells) > 2 and not cells[2]):
            continue  # about that pair nobody has said anything yet
        yield _word(cells, names, f"{path}:{reader.line_num}")


def _word(cells: list[str], names: set[str], where: str) -> tuple[str, str, bool]:
    if len(cells) < 3 or cells[2].lower() not in WORDS:
        raise FormatError(
            f"{where}: expected two clips and `same` or `different`, found {','.join(cells)!r}."
        )
    one, other = sorted(_named(cell, names, where) for cell in cells[:2])
    if one == other:
        raise FormatError(f"{where}: {one} is named twice; name two clips.")
    return one, other, WORDS[cells[2].lower()]


def _named(cell: str, names: set[str], where: str) -> str:
    """Return a clip's name, given with its folder and ending or without."""
    for name in (PurePosixPath(cell).stem, PurePosixPath(cell).name):
        if name in names:
            return name
    raise FormatError(
        f"{where}: {cell!r} is no clip that is compared; clips are named as in clips/, and "
        "`kbuild deduplicate --doubtful` lists pairs of them."
    )
