"""The takedown list as a file: one entry a line, with when and why it was asked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.text.foreign import flaw_of, one_line

VIDEO, ADDRESS, UPLOADER = "video", "address", "uploader"
_UPLOADER = "uploader:"
_FORM = (
    "Write WHAT | DATE | REASON, where WHAT is a video's id, an address, or "
    "uploader: NAME, and DATE is as 2026-11-03."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list."""

    kind: str
    """VIDEO, ADDRESS or UPLOADER."""
    name: str
    on_date: str
    """YYYY-MM-DD."""
    reason: str


def read_takedowns(path: Path) -> list[Entry]:
    """Return the entries of a file, each once; the first of equal ones stands.

    Raises:
        FormatError: It cannot be read, holds none, or a line is no entry.

    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(f"{path}: {error.strerror}. Name a takedown list.") from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}: not UTF-8 at offset {error.start}. Save it as UTF-8."
        ) from error
    entries: dict[tuple[str, str], Entry] = {}
    for entry in _entries(path, text):
        entries.setdefault((entry.kind, entry_key(entry.kind, entry.name)), entry)
    if not entries:
        raise FormatError(f"{path} holds no entry. {_FORM}")
    return list(entries.values())


def uploader_key(name: str | None) -> str:
    """Return what equal names of an uploader have in common."""
    return (one_line(name) or "").casefold()


def entry_key(kind: str, name: str) -> str:
    """Return what equal names of entries of a kind have in common."""
    return uploader_key(name) if kind == UPLOADER else name


def named(what: str) -> tuple[str, str] | None:
    """Return the kind and the name of an entry as the list writes it; None where it is none."""
    if what.lower().startswith(_UPLOADER) and (name := what[len(_UPLOADER) :].strip()):
        return UPLOADER, name
    if re.match(r"https?://[^/\s?#]", what, re.IGNORECASE):
        return ADDRESS, what
    if re.fullmatch(r"[\w-]{1,100}", what, re.ASCII):
        return VIDEO, what
    return None


def _entries(path: Path, text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield _entry(f"{path}:{number}", line)


def _entry(where: str, line: str) -> Entry:
    if flaw := flaw_of(line.replace("\t", " ")):
        raise FormatError(f"{where}: the line holds {flaw}. Remove it.")
    fields = [field.strip() for field in line.split("|", 2)]
    if len(fields) < 3 or not all(fields):
        raise FormatError(f"{where}: {line.strip()[:60]!r} is no entry. {_FORM}")
    what, on_date, reason = fields
    if not _is_date(on_date):
        raise FormatError(f"{where}: {on_date!r} is no date. {_FORM}")
    if found := named(what):
        return Entry(*found, on_date, reason)
    raise FormatError(f"{where}: {what[:60]!r} is no id, address or uploader. {_FORM}")


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return False
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
