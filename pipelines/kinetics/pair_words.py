"""What people say of pairs of clips: whether they are the same recording.

A file holds a line for each pair: two clips by their files' names and `same` or `different`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import PairWord, Video
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import other_delimiter, split_cells
from kinetics_builder.text.counting import counted
from pipelines.kinetics.pairs import HEADER
from pipelines.kinetics.placing import listed, said

WORDS = {"same": True, "different": False}
_EXPECTED = (
    "Give a CSV file with a line for each pair: two clips, and `same` or `different`. "
    "`kbuild deduplicate --doubtful` prints one to be filled in."
)
_NAME = re.compile(r"(.+)_[0-9]{6,}_[0-9]{6,}")


@dataclass(frozen=True, slots=True)
class WordsTaken:
    """What was recorded of a file of pairs."""

    num_new: int = 0
    """Words that were not said last of their pairs."""
    num_changed: int = 0
    """Of these, where something else was said before."""
    num_gone: int = 0
    """Lines left out, about clips of known videos that are compared no more: they were taken down,
    or their videos' clips were proposed anew."""

    @property
    def line(self) -> str:
        """Return all of it for people."""
        said = f"{counted(self.num_new, 'new word')} about pairs"
        if self.num_changed:
            said += f", {self.num_changed} in place of what was said before"
        if self.num_gone:
            said += f"; {counted(self.num_gone, 'line')} left out, of clips compared no more"
        return f"{said}."


@dataclass(frozen=True, slots=True)
class _Word:
    """A line of the file."""

    pair: tuple[str, str]
    is_same: bool
    where: str

    @property
    def word(self) -> str:
        return next(word for word, is_same in WORDS.items() if is_same is self.is_same)


def record_words(session: Session, path: Path) -> WordsTaken:
    """Record what a file says of pairs, and return how much of it is new.

    A word that was said last of a pair anyway is not said again.

    Raises:
        FormatError: A line that is none of a pair, that names what never was a clip here, or that
            contradicts another line; nothing is recorded then.

    """
    names = {one.name for one in listed(session).values()}
    known, words, num_gone = said(session), dict[tuple[str, str], _Word](), 0
    for word in _words(path):
        if not all(_is_known(session, name, names, word.where) for name in word.pair):
            num_gone += 1
        elif words.setdefault(word.pair, word).is_same is not word.is_same:
            raise FormatError(
                f"{word.where}: `{word.word}`, and {words[word.pair].where} says otherwise of the "
                "same two clips. Leave one of the lines."
            )
    new = [word for pair, word in words.items() if known.get(pair) is not word.is_same]
    session.add_all(PairWord(one=w.pair[0], other=w.pair[1], is_same=w.is_same) for w in new)
    return WordsTaken(len(new), sum(word.pair in known for word in new), num_gone)


def _words(path: Path) -> Iterator[_Word]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(f"{path}: {error.strerror}. {_EXPECTED}") from error
    except UnicodeDecodeError as error:
        flaw = f"not UTF-8 at offset {error.start}"
        raise FormatError(f"{path}: {flaw}. {_EXPECTED}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        cells = _cells(line, f"{path}:{number}")
        is_header = number == 1 and cells[:2] == list(HEADER[:2])
        if any(cells) and not is_header and not (len(cells) > 2 and not cells[2]):
            yield _word(cells, line, f"{path}:{number}")  # others: nobody has said anything yet


def _cells(line: str, where: str) -> list[str]:
    try:
        return [cell.strip() for cell in split_cells(line)]
    except ValueError as error:
        raise FormatError(f"{where}: {error}. {_EXPECTED}") from error


def _word(cells: list[str], line: str, where: str) -> _Word:
    if len(cells) < 3 or cells[2].lower() not in WORDS:
        other = other_delimiter(line)
        hint = f" The line is parted by {other}; save the file with commas." if other else ""
        raise FormatError(
            f"{where}: expected two clips and `same` or `different`, found {line[:200]!r}.{hint}"
        )
    one, other_name = sorted(_stem(cell) for cell in cells[:2])
    if one == other_name:
        raise FormatError(f"{where}: {one} is named twice; name two clips.")
    return _Word((one, other_name), WORDS[cells[2].lower()], where)


def _stem(cell: str) -> str:
    """Return a clip's name, given with its folder and ending or without."""
    name = PurePosixPath(cell).name
    return name.removesuffix(".mp4")


def _is_known(session: Session, name: str, names: set[str], where: str) -> bool:
    """Say whether a clip is compared, or is one no more; FormatError if it never was one."""
    if name in names:
        return True
    found = _NAME.fullmatch(name)
    if found and session.scalar(select(Video.id).where(Video.video_id == found[1])) is not None:
        return False
    raise FormatError(
        f"{where}: {name!r} is no clip that is compared; clips are named as in clips/, and "
        "`kbuild deduplicate --doubtful` lists pairs of them."
    )
