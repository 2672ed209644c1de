"""JSON files of any size, item by item."""

import gzip
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ijson

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.text import closing_if_broken, open_bytes

_MAX_DEPTH = 64
"""Lists and objects inside one another; no file of the field has ten."""
_MARK = b"\xef\xbb\xbf"
_NOT_A_NUMBER = re.compile(rb"(?:^|[:\[,])\s*(-?(?:NaN|Infinity))\b")


def entries(path: Path, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield the (key, value) pairs of the object at `prefix` ("" is the whole file).

    A key that stands twice comes twice. Only one value is in memory at a time.

    Raises:
        FormatError: No JSON; where it broke, by line.

    """
    with reading(path) as file:
        for key, value in ijson.kvitems(file, prefix, use_float=True):
            yield key, _shallow(value)


def items(path: Path, prefix: str) -> Iterator[Any]:
    """Yield the values of the list at `prefix` ("item" is the whole file's list)."""
    with reading(path) as file:
        yield from map(_shallow, ijson.items(file, prefix, use_float=True))


def top_level(path: Path, *keys: str) -> dict[str, Any]:
    """Return those of the file's small top-level values that are named and there.

    Raises:
        FormatError: No JSON, or such a value that is no small one.

    """
    found = {}
    for key in keys:
        with reading(path) as file:
            for value in ijson.items(file, key, use_float=True):
                found[key] = _shallow(value)
                break
        if isinstance(found.get(key), TooDeep):
            raise FormatError(f"{path}: found {found[key]!r}, in {key!r}.")
    return found


class TooDeep:
    """Stands for a value with more lists and objects inside one another than can be printed."""

    def __repr__(self) -> str:
        return f"lists or objects inside one another more than {_MAX_DEPTH} deep"


def _shallow(value: Any) -> Any:
    """Return a value, or what says that it is too deep for all that would look into it."""
    level = [value] if type(value) in (dict, list) else []
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for one in level
            for child in (one.values() if type(one) is dict else one)
            if type(child) in (dict, list)
        ]
        if not level:
            return value
    return TooDeep()


def check_shape(path: Path, prefix: str, shape: type[dict[Any, Any]] | type[list[Any]]) -> None:
    """Say nothing if there is an object (`dict`) or a list at `prefix` ("" is the whole file).

    Raises:
        FormatError: There is something else, or nothing.

    """
    opening, name = ("start_map", "object") if shape is dict else ("start_array", "list")
    place = f"at {prefix!r}" if prefix else "as the whole file"
    with reading(path) as file:
        for found, event, _ in ijson.parse(file, use_float=True):
            if found == prefix and event != "map_key":
                if event != opening:
                    break
                return
    raise FormatError(f"{path}: expected a JSON {name} {place}; there is none.")


@contextmanager
def reading(path: Path) -> Iterator[io.BufferedReader | gzip.GzipFile]:
    """Open a JSON file for ijson, whose parsers all want `use_float=True`.

    Without it, version 3.6 of ijson ends the process at a whole number of 5,000 digits.

    Raises:
        FormatError: No JSON, an empty file, or gzip that is cut off.

    """
    try:
        with open_json(path) as file, closing_if_broken(path, file):
            yield file
    except ijson.JSONError as error:
        raise _broken(path, error) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}: a text with half a character, such as \\ud800 alone."
        ) from error


def open_json(path: Path) -> io.BufferedReader | gzip.GzipFile:
    """Open a JSON file behind its byte order mark; through gzip where its bytes say so.

    Raises:
        FormatError: An empty file.

    """
    file = open_bytes(path)
    with closing_if_broken(path, file):
        head = file.read(3)
    if not head:
        file.close()
        raise FormatError(f"{path}: the file is empty.")
    if head != _MARK:
        file.seek(0)
    return file


def _broken(path: Path, error: Exception) -> FormatError:
    """Say where the file stops being JSON: the standard parser and our eyes know the line."""
    try:
        with open_json(path) as file:
            json.load(file)
    except json.JSONDecodeError as known:
        return FormatError(f"{path}:{known.lineno}: expected JSON: {known}.")
    except UnicodeDecodeError as known:
        return FormatError(f"{path}: expected JSON in UTF-8: {known}.")
    except (RecursionError, ValueError):
        return FormatError(f"{path}: expected JSON: {_first_line(error)}")
    with open_json(path) as file:
        for line, text in enumerate(file, 1):
            if found := _NOT_A_NUMBER.search(text):
                value = found[1].decode()
                return FormatError(f"{path}:{line}: {value} is no number that JSON knows.")
    return FormatError(f"{path}: expected JSON: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0].strip()


def json_text(value: Any) -> str:
    """Return `value` as JSON on one line, for people as well: letters stay letters.

    Raises:
        ValueError: NaN or an infinity, which JSON does not know.

    """
    if isinstance(value, TooDeep):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
