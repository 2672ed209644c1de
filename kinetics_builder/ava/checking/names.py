"""Which files there are, from one listing of their folder."""

from pathlib import Path


def names_in(folder: Path) -> frozenset[str]:
    """Return the names in a folder; none where there is no such folder."""
    return frozenset(one.name for one in folder.iterdir()) if folder.is_dir() else frozenset()
