"""Files that appear whole or not at all, with equal bytes for equal records."""

import errno
import gzip
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from kinetics_builder.errors import FormatError, WorkspaceError

_OF_FULL_DISKS = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def writing_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written beside `path`; it takes that name when the block ends well.

    Raises:
        WorkspaceError: There can be no such file: it is a folder, or what is above it is none.

    """
    with _naming(path, "file"):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if error.filename is None and error.errno in _OF_FULL_DISKS:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def writing_text(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file like `writing_bytes`; compressed where the name ends in .gz."""
    with writing_bytes(path) as file:
        inner: BinaryIO = file
        if path.suffix == ".gz":
            # No name and no time in the header: equal text gives equal bytes.
            packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
            inner = cast("BinaryIO", packed)
        text = io.TextIOWrapper(inner, "utf-8", newline="\n", write_through=False)
        yield text
        text.flush()
        text.detach()
        if inner is not file:
            inner.close()


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """Give a folder beside `path` to fill; it takes that name when the block ends well.

    Raises:
        FormatError: `path` exists and is not an empty folder.
        WorkspaceError: There can be no such folder, for what is above it is none.

    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FormatError(f"{path} exists already. Choose another name, or remove it first.")
    with _naming(path, "folder"):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _naming(path: Path, what: str) -> Iterator[None]:
    """Say of a path that can be none of these which it is."""
    try:
        yield
    except (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise WorkspaceError(
            f"{path} cannot be written: expected the name of a {what} in a folder, found another "
            f"({error.strerror}). Choose another name."
        ) from error


def number_text(number: float | None) -> str:
    """Return the shortest text that reads as this number, with its point as the files have it.

    >>> number_text(72), number_text(0.30000000000000004)
    ('72.0', '0.30000000000000004')
    """
    return repr(float(number or 0))


def csv_line(cells: Iterable[object], delimiter: str = ",") -> str:
    r"""Return one line, quoted where a cell needs it, with a plain line end.

    Raises:
        ValueError: A cell with a line break, which no reader of the field expects.

    >>> csv_line(["tying, knot", 3, None])
    '"tying, knot",3,\n'

    """
    texts = ["" if cell is None else str(cell) for cell in cells]
    line = delimiter.join(texts)
    if '"' in line or line.count(delimiter) != len(texts) - 1:
        line = delimiter.join(_quoted(text, delimiter) for text in texts)
    if "\n" in line or "\r" in line:
        raise ValueError(f"a line break in {line!r}")
    return f"{line}\n"


def csv_rows(columns: Sequence[Sequence[object]], delimiter: str = ",") -> list[str]:
    r"""Return what `csv_line` makes of each row of columns, without line ends.

    Raises:
        ValueError: A cell with a line break.

    >>> csv_rows([["tying, knot", "x"], [3, None]])
    ['"tying, knot",3', 'x,']

    """
    cells = (_cells(column, delimiter) for column in columns)
    return list(map(delimiter.join, zip(*cells, strict=True)))


def write_lines(file: TextIO, lines: Iterable[str]) -> None:
    """Write lines that come without their ends."""
    if text := "\n".join(lines):
        file.write(f"{text}\n")


def _cells(column: Sequence[object], delimiter: str) -> Sequence[str]:
    """Return the cells of a column as they stand in a line."""
    texts, all_of_them = _texts(column)
    if "\n" in all_of_them or "\r" in all_of_them:
        broken = next(text for text in texts if "\n" in text or "\r" in text)
        raise ValueError(f"a line break in {broken!r}")
    if '"' in all_of_them or delimiter in all_of_them:
        return [_quoted(text, delimiter) for text in texts]
    return texts


def _texts(column: Sequence[Any]) -> tuple[Sequence[str], str]:
    """Return a column as texts, and these as one."""
    try:
        return column, "".join(column)
    except TypeError:  # numbers, or nothing, among them
        some = column if None not in column else ["" if cell is None else cell for cell in column]
        texts = list(map(str, some))
        return texts, "".join(texts)


def _quoted(text: str, delimiter: str) -> str:
    if '"' in text or delimiter in text:
        return '"' + text.replace('"', '""') + '"'
    return text
