"""Lists of addresses with named columns: `--source urls:FILE` of csv, tsv, jsonl or parquet.

Columns may be called as others call them (`_ROLES`). A bad row is told of where it stands; the
others are taken.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from kinetics_builder.errors import SourceError
from kinetics_builder.formats import parquet
from kinetics_builder.formats.cells import counted, split_cells
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import some_lines
from kinetics_builder.formats.training.columns import json_object
from kinetics_builder.text.foreign import flaw_of, one_line, seconds, spelled
from kinetics_builder.text.listed_words import description_of, tags_of
from pipelines.sources.ids import GENERIC, bytes_of, hashed_id, is_youtube_id, short_key
from pipelines.sources.source import Asked, Found, Request
from pipelines.sources.thumbnails import address_of
from pipelines.sources.web.options import Options

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")

_ROLES: Mapping[str, tuple[str, ...]] = {
    "address": ("url", "address", "link", "video_url", "webpage_url", "uri", "href"),
    "id": ("youtube_id", "video_id", "id", "ytid", "yt_id", "videoid"),
    "title": ("title", "video_title", "name", "caption"),
    "label": ("label", "class", "class_name", "category", "action", "classname"),
    "licence": ("licence", "license"),
    "duration": ("duration", "duration_seconds", "length_seconds"),
    "uploader": ("uploader", "channel", "author"),
    "tags": ("tags", "keywords", "hashtags"),
    "description": ("description", "video_description"),
    "thumbnail": ("thumbnail", "thumbnail_url"),
}
"""What a column may say, and how it may be called, in any case; the first that is there counts."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what."""

    named: Mapping[str, str]
    """By what it says."""
    unused: tuple[str, ...]

    def said(self, file: Path) -> str:
        """Return what a person should know of how the columns were read."""
        read = ", ".join(f"{role} from {name!r}" for role, name in self.named.items())
        left = ", ".join(map(repr, self.unused))
        return f"{file.name}: {read}" + (f"; not used: {left}" if left else "")

    def value(self, row: Row, role: str) -> object:
        """Return what a row says, as it stands there; None where it says nothing."""
        name = self.named.get(role)
        return None if name is None else row.get(name)

    def cell(self, row: Row, role: str) -> str:
        """Return what a row says, as one line; empty where it says nothing."""
        return one_line(self.value(row, role)) or ""


@dataclass(frozen=True, slots=True)
class _Read:
    """A row, or what is wrong with it."""

    place: int
    """Its line, or its number in a parquet file."""
    row: Row
    flaw: str | None = None


def is_table(file: Path) -> bool:
    """Say whether a list is read as a table, by its name."""
    return file.suffix.lower() in SUFFIXES


def requests_of(file: Path, asked: Sequence[Asked], options: Options) -> list[Request]:
    """Return a question for each row.

    Raises:
        FormatError: The file cannot be read as what its name says.
        SourceError: It has no rows, or no column of addresses or of YouTube's ids.

    """
    labels = {a.label.casefold(): a.label for a in asked}
    rows = list(_rows(file))
    if not rows:
        raise SourceError(f"{file}: no rows. Write one video a row.")
    names = list(dict.fromkeys(name for read in rows for name in read.row))
    reading = _Reading(file, _columns(file, names), labels, options)
    found = [reading.request(read) for read in rows]
    return list({request.key: request for request in found}.values())


def _columns(file: Path, names: Sequence[str]) -> Columns:
    plain = {re.sub(r"[\s-]+", "_", name.strip().lower()): name for name in reversed(names)}
    named = {
        role: next(plain[name] for name in known if name in plain)
        for role, known in _ROLES.items()
        if any(name in plain for name in known)
    }
    if "address" not in named and "id" not in named:
        shown = ", ".join(map(repr, names[:10]))
        known = ", ".join(_ROLES["address"])
        raise SourceError(
            f"{file}: no column of addresses: found {shown}. Name one of {known}; or, of "
            f"YouTube's ids, {', '.join(_ROLES['id'])}."
        )
    return Columns(named, tuple(name for name in names if name not in named.values()))


@dataclass(frozen=True, slots=True)
class _Reading:
    file: Path
    columns: Columns
    labels: Mapping[str, str]
    """By their case-folded names."""
    options: Options

    def request(self, read: _Read) -> Request:
        """Return the question of a row, or one that says what is wrong with it."""
        try:
            if read.flaw is not None:
                raise ValueError(read.flaw)
            return self._request(read.row)
        except ValueError as error:
            where = f"{self.file}:{read.place}"
            row = hashlib.sha256(bytes_of(f"{sorted(read.row.items())!r} {error}")).hexdigest()
            return Request(key=short_key(f"{where} {row[:16]}"), query="", flaw=f"{where}: {error}")

    def _request(self, row: Row) -> Request:
        address, label = self._address(row), self._label(row)
        title = self.columns.cell(row, "title")
        key = address if label is None else f"{label}: {address}"
        said = {
            name: value
            for name, value in (
                ("title", title),
                ("duration", seconds(self.columns.cell(row, "duration"))),
                ("uploader", self.columns.cell(row, "uploader")),
                ("tags", list(tags_of(self.columns.value(row, "tags")))),
                ("description", description_of(self.columns.value(row, "description"))),
                ("thumbnail", address_of(self.columns.value(row, "thumbnail"))),
            )
            if value
        }
        told = ("tags", "description", "thumbnail")
        words = [str(said[name]) for name in told if name in said]
        version = " ".join([title, *map(_digest, words)])
        facts = (self.columns.cell(row, "id"), self.columns.cell(row, "licence") or None)
        return Request(
            key=short_key(f"{key} {version}".strip() if title else key),
            query=address,
            label=label,
            is_given=label is not None,
            known=partial(known, self.options, address, said, facts) if title else None,
            said=self.columns.said(self.file),
        )

    def _address(self, row: Row) -> str:
        address, name = (self.columns.cell(row, role) for role in ("address", "id"))
        if not address and is_youtube_id(name):
            return f"https://www.youtube.com/watch?v={name}"
        if not address:
            raise ValueError(
                f"no address, and {name!r} is no id of YouTube" if name else "no address"
            )
        if flaw := flaw_of(address):
            raise ValueError(f"{address!r} holds {flaw}")
        if not address.lower().startswith(("http://", "https://")):
            raise ValueError(f"{address!r} is no http or https address")
        return address

    def _label(self, row: Row) -> str | None:
        given = self.columns.cell(row, "label")
        if not given:
            return None
        label = self.labels.get(spelled(given).casefold())
        if label is None:
            raise ValueError(f"{given!r} is none of the classes")
        return label


def known(
    options: Options, address: str, said: Mapping[str, Any], facts: tuple[str, str | None]
) -> Found:
    """Return the video of a row; `facts` are its id, which may be empty, and its licence.

    An id is kept, with a hash of the address, where the address belongs to no known site.
    """
    from pipelines.sources.web.ytdlp import instance, video_at

    name, licence = facts
    found = replace(video_at(options, address, said), licence=licence)
    is_of_site = instance(options).naming.extractor_of(address)[0] != GENERIC
    return found if is_of_site or not name else replace(found, video_id=hashed_id(name, address))


def _rows(file: Path) -> Iterator[_Read]:
    if not file.is_file():
        raise SourceError(f"{file}: no such file. Write --source urls:FILE.")
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        yield from (_Read(number, row) for number, row in enumerate(parquet.rows(file), 1))
    elif suffix in (".jsonl", ".ndjson"):
        yield from _of_objects(file)
    else:
        yield from _of_cells(file, "\t" if suffix == ".tsv" else ",")


def _of_objects(file: Path) -> Iterator[_Read]:
    problems = Problems(file, on_error=lambda _: None)
    for line in some_lines(file, problems):
        place = problems.line or 0
        try:
            yield _Read(place, json_object(line))
        except ValueError as error:
            yield _Read(place, {}, f"{error}, in {line[:100]!r}")


def _of_cells(file: Path, delimiter: str) -> Iterator[_Read]:
    problems = Problems(file, on_error=lambda _: None)
    header: list[str] = []
    for line in some_lines(file, problems):
        place = problems.line or 0
        try:
            cells = split_cells(line, delimiter)
        except ValueError as error:
            yield _Read(place, dict.fromkeys(header, ""), f"{error}, in {line[:100]!r}")
            continue
        if header:
            yield _row(place, header, cells, delimiter)
        elif _is_address(cells[0]):  # no header: addresses alone, or with labels
            header = ["url", "label"][: len(cells)]
            yield _row(place, header, cells, delimiter)
        else:
            header = _header(file, cells)


def _header(file: Path, cells: Iterable[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    if len(set(header)) != len(header):
        raise SourceError(f"{file}:1: a column stands twice in {header}. Rename one of them.")
    return header


def _row(place: int, header: Sequence[str], cells: Sequence[str], delimiter: str) -> _Read:
    row = dict(zip(header, cells, strict=False))
    if len(cells) == len(header):
        return _Read(place, row)
    return _Read(place, row, f"expected {len(header)} cells, found {counted(cells, delimiter)}")


def _is_address(cell: str) -> bool:
    return cell.strip().lower().startswith(("http://", "https://"))


def _digest(text: str) -> str:
    return hashlib.sha256(bytes_of(text)).hexdigest()[:8]
