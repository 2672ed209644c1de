"""What the last `ava collect` was told, so that single stages need no repetition."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Setting
from kinetics_builder.errors import SourceError
from kinetics_builder.text.foreign import flaw_of

SOURCE, QUERIES, LIMIT = "films_source", "films_queries", "films_limit"
BOXES = "films_boxes"
"""Keys of `setting`; the boxes' file has further ones behind a dot."""


def was_begun(session: Session) -> bool:
    """Say whether this workspace has been told of films."""
    return session.get(Setting, SOURCE) is not None


def tell(session: Session, told: Mapping[str, str]) -> None:
    """Write down what was told."""
    for key, value in told.items():
        session.merge(Setting(key=key, value=value))


def told_of(session: Session) -> dict[str, str]:
    """Return all that was told."""
    return {row.key: row.value for row in session.scalars(select(Setting))}


def read_queries(path: Path) -> list[str]:
    """Return the lines of a file of queries, each once; `#` begins a comment.

    Raises:
        SourceError: It cannot be read, or holds none.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}. Write --queries FILE.") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 at offset {error.start}. Save it so.") from error
    found = dict.fromkeys(text for line in lines if (text := line.partition("#")[0].strip()))
    for number, line in enumerate(lines, 1):
        if flaw := flaw_of(line):
            raise SourceError(f"{path}:{number}: holds {flaw}. Remove it.")
    if not found:
        raise SourceError(f"{path}: no queries. Write one a line, such as an actor's name.")
    return list(found)


def queries_text(queries: Sequence[str]) -> str:
    """Return queries as they are remembered."""
    return "\n".join(queries)
