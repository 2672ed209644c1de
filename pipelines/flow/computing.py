"""The flow of one clip, in a child process: a pure function of the clip and the settings.

Shapes, as name suffixes: T frames or fields, H height, W width, C = 3 colours, 2 directions.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.files import FileMark, as_marked, file_sha256
from kinetics_builder.places import place_fault
from kinetics_builder.video.flow.folder import FlowRow
from kinetics_builder.video.flow.levels import STILL, Levels, to_levels
from kinetics_builder.video.flow.settings import FlowSettings, Method
from kinetics_builder.video.flow.stored import write_flow
from kinetics_builder.video.flow.tvl1 import TVL1
from pipelines.flow.asking import Item

_AT_ONCE = 250
"""Fields whose pictures are in memory together."""
SECONDS = 3600.0
"""Longest time one clip may take."""


def compute(item: Item) -> FlowRow:
    """Write the flow of a clip, whole or not at all; return its row.

    Raises ItemFailed for a clip that cannot be read, or is another than the release says, and where
    a store did not answer; WorkspaceError where the disk or the store does not take it.
    """
    from models.clips.release import REMEDY

    clip = item.clip
    told = {"clip": clip.sha256, "settings": item.settings.hash}
    try:
        path = item.place.here(clip)
        with as_marked(path, FileMark(clip.bytes, clip.sha256), REMEDY):
            num_fields = write_flow(item.target, _fields(item, path), told)
    except OSError as error:
        raise WorkspaceError(place_fault(error) or f"{item.target}: {error}") from error
    finally:
        shutil.rmtree(item.copies, ignore_errors=True)
    size, sha256 = item.target.stat().st_size, file_sha256(item.target)
    if item.remote is not None:
        try:
            item.remote.put(item.target, item.target.name)
        finally:
            item.target.unlink()
    return FlowRow(clip.file, clip.sha256, num_fields, size, sha256)


def _fields(item: Item, path: Path) -> Iterator[Levels]:
    """Yield the levels (H, W, 2) from each picture to the next; of a single one, that it stands."""
    from kinetics_builder.video.reading.timeline import read_timeline
    from models.clips.decode import decode_at

    settings, between = item.settings, _method(item)
    num_pictures = _num_pictures(item.clip.duration_seconds, settings)
    line = read_timeline(path)
    for first in range(0, max(1, num_pictures - 1), _AT_ONCE):
        places = np.arange(first, min(first + _AT_ONCE + 1, num_pictures))
        times = places / settings.frames_per_second
        frames_THWC = decode_at(path, times, settings.short_side, line=line)
        if len(frames_THWC) == 1:
            yield np.full((*frames_THWC.shape[1:3], 2), STILL, np.uint8)
        yield from map(to_levels, between(frames_THWC))


def _num_pictures(duration_seconds: float, settings: FlowSettings) -> int:
    """Return how many pictures of the rate lie inside a clip, at least one."""
    return max(1, int(np.ceil(duration_seconds * settings.frames_per_second - 1e-6)))


def _method(item: Item) -> Callable[[NDArray[np.uint8]], Iterator[Any]]:
    if item.settings.method is Method.TVL1:
        return TVL1().fields
    from models.flow.raft import loaded

    assert item.weights is not None, "the settings were made of them"
    return loaded(item.weights, item.device).fields
