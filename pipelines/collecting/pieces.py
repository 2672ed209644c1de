"""Which questions a source is asked: all at once, or a long list piece by piece.

A piece is listed once that before it is; how far a list was looked at is written down, so that a
later run, or one with a higher limit, goes on from there.
"""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.tables import Listing
from pipelines.sources.ids import short_key
from pipelines.sources.source import Asked, Found, Request, VideoSource


@runtime_checkable
class PiecewiseSource(Protocol):
    """A `VideoSource` that is one long list."""

    def pieces(self, num_listed: int, *, has_ended: bool, limit: int) -> list[Request]:
        """Return the questions for the pieces so far, and for the next one; each has a `last`."""


@runtime_checkable
class ListedSource(Protocol):
    """A `VideoSource` whose questions stand in one file, and depend on what is asked alone."""

    @property
    def questions_file(self) -> Path:
        """Return the file."""


METHOD = 1
"""Counted up when equal files would no longer give the questions that they gave before."""


def version_of(source: ListedSource, *told: object) -> str | None:
    """Return what is another as soon as the file of a source, or what it was told, is another.

    None where there is no such file. As elsewhere, a file of equal size and time is believed.
    """
    try:
        found = source.questions_file.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return settings_hash(*told, found.st_size, found.st_mtime_ns, method=METHOD)


def requests_of(
    session: Session | None, source: VideoSource, asked: Sequence[Asked], spec: str, limit: int
) -> list[Request]:
    """Return what a source is asked now."""
    if not isinstance(source, PiecewiseSource):
        return source.requests(asked)
    row = None if session is None else session.get(Listing, short_key(spec))
    if row is None:
        return source.pieces(0, has_ended=False, limit=limit)
    return source.pieces(row.num_listed, has_ended=row.has_ended, limit=limit)


def limit_of_answers(source: VideoSource, limit: int) -> tuple[int, ...]:
    """Return what of a limit the answers depend on: those about pieces do not."""
    return () if isinstance(source, PiecewiseSource) else (limit,)


def note_piece(session: Session, request: Request, found: Sequence[Found], spec: str) -> None:
    """Write down how far a list was looked at; a piece without videos is behind its end."""
    if request.last is None:
        return
    key: Any = short_key(spec)
    row = session.get(Listing, key) or Listing(source=key, num_listed=0, has_ended=False)
    if found:
        row.num_listed = max(row.num_listed, request.last)
    row.has_ended = row.has_ended or not found
    session.add(row)
