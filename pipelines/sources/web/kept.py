"""What an earlier try of a download left: gone on with only where it is of the same file.

A site may exchange a file between two tries. yt-dlp goes on with a part by its length alone,
and takes a finished file of a pair as it lies there.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ItemFailed, Reason

if TYPE_CHECKING:
    from yt_dlp.networking import Response

PARTS, NOTED = ".sections", ".sections.json"
"""End the name of a file of which stretches are here, and of what is written down of it."""

_NOTED = "versions.json"
_MOST_NOTED = 20
"""Versions before the newest; of a film in segments each has its own."""
_RANGE_NOT_THERE = 416


class Kept:
    """The folder of one download, and which versions of the site's files it has parts of."""

    def __init__(self, folder: Path) -> None:
        """Throw away all but the parts of single files whose versions were noted.

        Segments have no version that could be asked for; they are fetched again. Stretches of a
        film are kept with what is written down of them.
        """
        self._folder = folder
        self._noted = _read(folder / _NOTED)
        segmented = {file.with_suffix("").name for file in folder.glob("*.ytdl")}
        for file in folder.iterdir():
            is_part = file.suffix == ".part" and file.stem not in segmented
            is_kept = file.name == _NOTED or file.name.endswith((PARTS, NOTED))
            if not is_kept and not (is_part and self._noted):
                file.unlink()
        self._has_parts = any(folder.glob("*.part"))

    def note(self, response: "Response") -> None:
        """Write down of which version the bytes are that come now."""
        version = version_of(response)
        if version is not None and version not in self._noted:
            self._noted = [*self._noted[-_MOST_NOTED:], version]
            (self._folder / _NOTED).write_text(json.dumps(self._noted), encoding="utf-8")

    def check(self, status: int, response: "Response") -> None:
        """Return if a part may be gone on with by this answer, where it is asked for.

        Raises:
            ItemFailed: INCOMPLETE where the file may be another one; no part is left.

        """
        if not self._has_parts or status not in (206, _RANGE_NOT_THERE):
            return
        if status == _RANGE_NOT_THERE or version_of(response) not in self._noted:
            for file in self._folder.iterdir():
                file.unlink()
            raise ItemFailed(
                Reason.INCOMPLETE, "may be another file than in the earlier try: it begins anew"
            )


def version_of(response: "Response") -> str | None:
    """Return what tells versions of a file apart, None where nothing does (RFC 9110, 8.8)."""
    headers = response.headers
    size = (headers.get("Content-Range") or headers.get("Content-Length") or "").rpartition("/")[2]
    tag = headers.get("ETag") or ""
    named = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified")
    return f"{named} {size}" if named else None


def _read(noted: Path) -> list[str]:
    with suppress(OSError, ValueError):
        found = json.loads(noted.read_text(encoding="utf-8"))
        if isinstance(found, list):
            return found
    return []
