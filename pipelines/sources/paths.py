"""Paths in a source's name."""

from pathlib import Path

from kinetics_builder.errors import SourceError
from kinetics_builder.text.foreign import is_storable


def absolute(kind: str, rest: str) -> str:
    """Return a path as it is remembered: absolute.

    Raises:
        SourceError: It holds what a database cannot keep.

    """
    path = str(Path(rest).expanduser().resolve())
    if not is_storable(path):
        raise SourceError(
            f"--source {kind}: {path!r} holds what cannot be kept as text. Rename it, or "
            f"make a link to it under a plain name and write --source {kind}:LINK."
        )
    return path
