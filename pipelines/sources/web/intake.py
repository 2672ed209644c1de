"""What comes of one video, held against what may be fetched while it comes."""

from pathlib import Path

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.places import require_room
from pipelines.sources.source import Limits

_LOOK_BYTES = 8 << 20
"""Between two looks at the disk."""


class Intake:
    """Counts the bytes of all files of a video: picture and sound, and every segment."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Begin with what an earlier try has left."""
        self._folder = folder
        self._limits = limits
        self._num_bytes = sum(file.stat().st_size for file in folder.glob("*.part"))
        self._looked_at = self._num_bytes - _LOOK_BYTES

    def take(self, num_bytes: int) -> None:
        """Count what has come.

        Raises:
            ItemFailed: TOO_LARGE where it is more than may be fetched.
            WorkspaceError: The disk has no room for more.

        """
        self._num_bytes += num_bytes
        if self._num_bytes > self._limits.max_bytes:
            raise ItemFailed(Reason.TOO_LARGE, too_large(self._limits))
        if self._num_bytes - self._looked_at >= _LOOK_BYTES:
            self._looked_at = self._num_bytes
            require_room(self._folder, self._limits.min_free_bytes)

    def check_duration(self, seconds: float) -> None:
        """Return if a video may last so long; ItemFailed(TOO_LONG) where it may not."""
        if seconds > self._limits.max_duration_seconds:
            raise ItemFailed(Reason.TOO_LONG, too_long(seconds, self._limits))


def too_long(seconds: float, limits: Limits) -> str:
    """Say that a video lasts too long."""
    return f"lasts {seconds:.0f} s, allowed are {limits.max_duration_seconds:.0f} s"


def too_large(limits: Limits) -> str:
    """Say that a video is too large."""
    return f"is larger than the allowed {limits.max_bytes / 1e6:.0f} MB"
