"""Where in a TOML file a setting stands: errors name its line."""

import re
from collections.abc import Iterable
from pathlib import Path

_TOLD = re.compile(r"(?P<section>\w+): (unknown setting '(?P<unknown>\w+)'|(?P<key>\w+))")
_HEADER = re.compile(r"\s*\[\s*([\w.]+)\s*\]")
_KEY = re.compile(r"\s*(\w+)\s*=")


def with_line(message: str, path: Path, text: str) -> str:
    """Return a message that begins with the file, a section and a setting, with the line.

    A message about something that does not stand in the text as `key = value` below the
    section's header is returned as it is.
    """
    rest = message.removeprefix(f"{path}: ")
    told = _TOLD.match(rest)
    if rest == message or told is None:
        return message
    line = line_of(text.split("\n"), told["section"], told["unknown"] or told["key"])
    return message if line is None else f"{path}:{line}: {rest}"


def line_of(lines: Iterable[str], section: str, key: str) -> int | None:
    """Return in which line, from 1, a setting of a section stands; None if in none."""
    current = ""
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            current = header[1]
        elif current == section and (found := _KEY.match(line)) and found[1] == key:
            return number
    return None
