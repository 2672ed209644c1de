"""A small release decoded once: uint8 frames in one file that processes share. No torch.

The file's name is a hash of what it holds, so another release or another size is another
file. Frames lie on a regular grid of times; a process maps the file into memory, and the
system's page cache shares it with all others.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as LateError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pebble import ProcessExpired, ProcessPool

from kinetics_builder.children import fresh_children
from kinetics_builder.errors import ItemFailed
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.formats.manifest import ManifestRow
from models.clips.decode import DecodeLimits, Frames, decode_at, scaled_size
from models.clips.release import BrokenClip, Release, readable

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """What is kept of each clip."""

    step_seconds: float
    short_side: int

    def num_frames(self, duration: float) -> int:
        """Return how many grid moments lie inside a clip, at least one."""
        return max(1, int(np.ceil(duration / self.step_seconds - 1e-6)))

    def num_bytes(self, row: ManifestRow) -> int:
        """Return how much the clip takes."""
        width, height = scaled_size(row.width or 4, row.height or 3, self.short_side)
        return self.num_frames(row.duration_seconds) * width * height * 3


@dataclass(frozen=True, slots=True)
class CachedClip:
    """Where a clip's frames lie."""

    offset: int
    shape: tuple[int, int, int, int]


@dataclass(frozen=True)
class FrameCache:
    """Decoded frames of a release, by the clip's file name."""

    path: Path
    grid: Grid
    clips: dict[str, CachedClip]
    broken: tuple[BrokenClip, ...]

    def map(self) -> Frames:
        """Return the file's bytes, mapped read-only."""
        if not self.clips:
            return np.zeros(0, np.uint8)
        return np.memmap(self.path, dtype=np.uint8, mode="r")


def cache_size(release: Release, grid: Grid) -> int:
    """Return how many bytes the cache of `release` takes."""
    return sum(grid.num_bytes(row) for row in release.rows)


def open_cache(
    release: Release, folder: Path, grid: Grid, num_workers: int, progress: Progress
) -> FrameCache:
    """Return the cache of `release`, decoding it first if nobody has.

    Two processes that come at once share the work: the second waits for the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = f"{release.sha256}:{grid.step_seconds!r}:{grid.short_side}"
    path = folder / f"frames-{hashlib.sha256(key.encode()).hexdigest()[:16]}.u8"
    index = path.with_suffix(".json")
    with _locked(path.with_suffix(".lock")):
        if not index.is_file():
            progress(f"decoding {len(release.rows)} clips, {cache_size(release, grid) >> 20} MiB")
            _write(release, path, grid, num_workers)
    return _read(path, index, grid)


def _write(release: Release, path: Path, grid: Grid, num_workers: int) -> None:
    good, broken = readable(release, release.rows)
    clips: dict[str, CachedClip] = {}
    part = path.with_suffix(f".part{os.getpid()}")
    with part.open("wb") as file:
        rows = [release.rows[i] for i in good]
        for row, result in zip(rows, _decoded(release, rows, grid, num_workers), strict=True):
            if isinstance(result, BrokenClip):
                broken.append(result)
            else:
                clips[row.file] = CachedClip(file.tell(), result.shape)
                file.write(result.tobytes())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    index = {
        "clips": {name: [clip.offset, *clip.shape] for name, clip in clips.items()},
        "broken": sorted([clip.file, clip.reason] for clip in broken),
    }
    part.write_text(json.dumps(index), encoding="utf-8")
    part.replace(path.with_suffix(".json"))


def _decoded(
    release: Release, rows: list[ManifestRow], grid: Grid, num_workers: int
) -> Iterator[Frames | BrokenClip]:
    """Yield each row's frames, decoded in child processes with a time limit."""
    limits = DecodeLimits()
    workers = max(1, num_workers)
    with ProcessPool(max_workers=workers, context=fresh_children()) as pool:
        jobs = [
            pool.schedule(decode_grid, args=(release.path(row), row, grid), timeout=limits.seconds)
            for row in rows
        ]
        for row, job in zip(rows, jobs, strict=True):
            try:
                yield job.result()
            except ItemFailed as failure:
                yield BrokenClip(row.file, str(failure))
            except LateError:
                yield BrokenClip(row.file, f"timeout: decoding took over {limits.seconds:g} s")
            except ProcessExpired as death:
                yield BrokenClip(row.file, f"crashed: the decoder died ({death})")


def decode_grid(path: Path, row: ManifestRow, grid: Grid) -> Frames:
    """Return the clip's frames at every moment of the grid, uint8 (T, H, W, 3)."""
    times = grid.step_seconds * np.arange(grid.num_frames(row.duration_seconds))
    with as_marked(path, FileMark(row.bytes, row.sha256)):
        return decode_at(path, times, grid.short_side)


def _read(path: Path, index: Path, grid: Grid) -> FrameCache:
    data = json.loads(index.read_text(encoding="utf-8"))
    clips = {
        name: CachedClip(offset, (frames, height, width, channels))
        for name, (offset, frames, height, width, channels) in data["clips"].items()
    }
    return FrameCache(path, grid, clips, tuple(BrokenClip(*entry) for entry in data["broken"]))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
