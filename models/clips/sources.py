"""Where frames come from: a decoded cache, or the files themselves. No torch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np

from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.formats.manifest import ManifestRow
from models.clips.cache import FrameCache
from models.clips.cropping import Choosing, decode_cut
from models.clips.decode import DecodeLimits, Frames, Times, decode_at
from models.clips.release import REMEDY, Release


class FrameSource(Protocol):
    """Gives a clip's frames at given times."""

    def frames(self, row: ManifestRow, times: Times) -> Frames:
        """Return uint8 (T, H, W, 3); raise ItemFailed for a clip that cannot be read."""


class CachedFrames:
    """Frames out of a cache: the grid moment nearest to each time."""

    def __init__(self, cache: FrameCache) -> None:
        self.cache = cache
        self.bytes = cache.map()

    def frames(self, row: ManifestRow, times: Times) -> Frames:
        """Return the clip's cached frames at `times`."""
        clip = self.cache.clips[row.file]
        size = int(np.prod(clip.shape))
        whole = self.bytes[clip.offset : clip.offset + size].reshape(clip.shape)
        places = np.rint(times / self.cache.grid.step_seconds).astype(np.int64)
        picked: Frames = whole[np.minimum(places, len(whole) - 1)]
        return picked


class DecodedFrames:
    """Frames decoded when they are asked for: for releases too large for a cache."""

    def __init__(self, release: Release, short_side: int) -> None:
        self.release, self.short_side, self.limits = release, short_side, DecodeLimits()
        self.marks: dict[str, FileMark] = {}

    def frames(self, row: ManifestRow, times: Times) -> Frames:
        """Return the clip's frames at `times`, decoded from its file."""
        with self._opened(row) as path:
            return decode_at(path, times, self.short_side, self.limits)

    def cut(self, row: ManifestRow, times: Times, size: int, choosing: Choosing) -> Frames:
        """Return a square of the clip's frames at `times`, as `decode_cut` does."""
        with self._opened(row) as path:
            return decode_cut(path, times, size, choosing, self.limits)

    @contextmanager
    def _opened(self, row: ManifestRow) -> Iterator[Path]:
        path = self.release.path(row)
        mark = self.marks.get(row.file) or FileMark(row.bytes, row.sha256)
        with as_marked(path, mark, REMEDY):
            if row.file not in self.marks:
                modified_ns = path.stat().st_mtime_ns
                self.marks[row.file] = FileMark(row.bytes, row.sha256, modified_ns)
            yield path
