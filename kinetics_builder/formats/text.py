"""Lines of text files, as they come from the wild.

A byte order mark, CRLF, blank lines, a missing last newline and gzip do not hurt.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.pipes import file_of
from kinetics_builder.formats.problems import Problems

_LONGEST = 1 << 20
"""Letters of the longest line: no row of the field comes near, and memory stays bounded."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_UNREAD = "kbuild-unread"


def _as_half_characters(error: UnicodeError) -> tuple[str, int]:
    """Stand in for bytes that cannot be read, in any encoding, by what no text can hold."""
    assert isinstance(error, UnicodeDecodeError)
    unread = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in unread), error.end


codecs.register_error(_UNREAD, _as_half_characters)


def open_bytes(path: Path) -> io.BufferedReader | gzip.GzipFile:
    """Open a file (or a pipe, from its start) to be read, through gzip where its bytes say so."""
    path = file_of(path)
    file = path.open("rb")
    if file.peek(2)[:2] != b"\x1f\x8b":
        return file
    file.close()
    return gzip.open(path)


@contextmanager
def closing_if_broken(
    path: Path, file: io.BufferedReader | gzip.GzipFile | io.TextIOWrapper
) -> Iterator[None]:
    """Close `file` and say so in one line where its gzip is broken or cut off.

    Raises:
        FormatError: It is.

    """
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        file.close()
        raise FormatError(f"{path}: the gzip file is broken or cut off: {error}.") from error


def open_text(path: Path, encoding: str | None = None) -> io.TextIOWrapper:
    """Open a text file by its byte order mark, else as `encoding`, else as UTF-8.

    Bytes that are not of the encoding come out as lone surrogates; `lines` tells of them.
    """
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError as error:
        raise FormatError(f"{path}: {error}. Give --encoding a name like latin-1.") from error
    file = open_bytes(path)
    with closing_if_broken(path, file):
        head = file.peek(4)[:4]
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    named = marked or encoding or "utf-8"
    return io.TextIOWrapper(cast("IO[bytes]", file), named, errors=_UNREAD)


def lines(path: Path, problems: Problems, encoding: str | None = None) -> Iterator[str]:
    """Yield the lines that are not blank, without their ends; `problems.line` goes along."""
    file = open_text(path, encoding)
    with file, closing_if_broken(path, file):
        for number, line in enumerate(iter(partial(file.readline, _LONGEST), ""), 1):
            problems.line = number
            text = line.rstrip("\n")
            if len(line) == _LONGEST and not line.endswith("\n"):
                _skip_line(file)
                problems.error(
                    f"a line of {_LONGEST:,} letters or more, which begins {text[:40]!r}"
                )
            elif "\0" in text or (not text.isascii() and not is_sound(text)):
                problems.error(_unreadable(text, file.encoding))
            elif text and not text.isspace():
                yield text


def some_lines(path: Path, problems: Problems, encoding: str | None = None) -> Iterator[str]:
    """Yield the same lines.

    Raises:
        FormatError: There is none.

    """
    before, is_empty = problems.num_errors, True
    for line in lines(path, problems, encoding):
        is_empty = False
        yield line
    if is_empty and problems.num_errors == before:
        raise FormatError(f"{path}: the file is empty.")


def _skip_line(file: io.TextIOWrapper) -> None:
    while (rest := file.readline(_LONGEST)) and not rest.endswith("\n"):
        pass


def _unreadable(text: str, encoding: str) -> str:
    if "\0" in text:
        return (
            f"zero bytes, in {text!r}. Save the file as UTF-8, "
            "or give --encoding utf-16-le if that is what it is"
        )
    return (
        f"bytes that are not {encoding}, in {text!r}. "
        "Save the file as UTF-8, or name its encoding with --encoding"
    )


def is_sound(text: str) -> bool:
    """Return whether `text` can be written: no half characters, unread bytes or zero bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
