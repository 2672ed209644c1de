"""What a file holds, in a child process: others' videos are opened nowhere else."""

from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark

SECONDS = 600.0
"""Longest time that one file may take."""
MEMORY_BYTES = 4 << 30
"""Of a child."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file holds, or why it cannot be learnt from; kept from one run to the next."""

    bytes: int
    modified_ns: int
    sha256: str
    duration_seconds: float = 0.0
    width: int = 0
    height: int = 0
    frames_per_second: float = 0.0
    num_frames: int = 0
    reason: str = ""
    """Empty where nothing is wrong."""
    message: str = ""


def look_at(path: Path) -> Facts:
    """Return what a file holds.

    Raises ItemFailed(CHANGED) where somebody writes to it; of one that cannot be decoded the facts
    say why.
    """
    from kinetics_builder.video.reading.probe import probe

    mark = FileMark.of(path)
    assert mark.modified_ns is not None
    marked = Facts(mark.bytes, mark.modified_ns, mark.sha256)
    try:
        info = probe(path)
        if not info.duration_seconds:
            raise ItemFailed(Reason.BROKEN, "its frames last no time")
    except ItemFailed as error:
        return failed(marked, error)
    return Facts(
        *(mark.bytes, mark.modified_ns, mark.sha256, info.duration_seconds),
        *(info.width, info.height, info.frames_per_second, info.num_frames),
    )


def failed(marked: Facts, error: ItemFailed) -> Facts:
    """Return the facts of a file that cannot be learnt from."""
    message = " ".join(error.message.split())
    return Facts(
        marked.bytes,
        marked.modified_ns,
        marked.sha256,
        reason=error.reason.value,
        message=message,
    )
