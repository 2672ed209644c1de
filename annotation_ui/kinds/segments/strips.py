"""Strips of stills below the line of a video's time: made when they are first asked for, and kept.

They lie beside the stills of key frames, `stills/VIDEO/strip_...`, so that they go with the video
when it is taken down.
"""

import logging
import math
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import abort

from annotation_ui.page import page
from kinetics_builder.errors import ItemFailed
from kinetics_builder.files import FileMark
from kinetics_builder.video.cutting.strip import strip_of, write_strip
from kinetics_builder.video.sandbox import Limits, run_limited

_SHORTEST_SECONDS = 2.0
"""Of a video's share that has a strip of its own."""
_LIMITS = Limits(seconds=60, memory_bytes=2 << 30)
_WAIT_SECONDS = 5.0
_making = threading.Semaphore(1)
"""One at a time: whoever answers must not wait for pictures of others."""
_failed: set[str] = set()
"""Strips that could not be made, by their files' names; not tried again by this process."""


def strip_of_video(found: Any, level: int, number: int) -> str | None:
    """Return the file of a strip as rows name files, made if it is not there; None for no such.

    Aborts with 503 where others are being made.

    Args:
        found: The video's id, file, size, hash and length.
        level: How often the video is halved.
        number: Of the part, from 0.

    """
    if not _is_strip(found.duration_seconds, level, number):
        return None
    name = f"strip_{found.sha256[:12]}_{level}_{number}.jpg"
    path = page().workspace.storage.folder("stills") / found.video_id / name
    if not path.is_file() and not _make(found, path, level, number):
        return None
    return f"stills/{found.video_id}/{name}"


def _is_strip(duration: float, level: int, number: int) -> bool:
    most = math.log2(max(1.0, duration / _SHORTEST_SECONDS))
    return level <= most and number < 2**level


def _make(found: Any, path: Path, level: int, number: int) -> bool:
    """Write a strip, whole or not at all; say whether it is there."""
    if path.name in _failed:
        return False
    if not _making.acquire(timeout=_WAIT_SECONDS):
        abort(503)
    part = path.with_name(f".{path.name}.{uuid4().hex[:12]}.part")
    try:
        if not path.is_file():  # another has made it meanwhile
            mark = FileMark(found.bytes, found.sha256, found.modified_ns)
            source = page().workspace.storage.here(found.file, mark)
            path.parent.mkdir(parents=True, exist_ok=True)
            stretch = strip_of(found.duration_seconds, level, number)
            run_limited(write_strip, source, stretch, part, limits=_LIMITS)
            part.replace(path)
    except (ItemFailed, OSError) as error:
        logging.getLogger(__name__).warning("no strip of %s: %s", found.file, error)
        _failed.add(path.name)
        return False
    finally:
        part.unlink(missing_ok=True)
        _making.release()
    return True
