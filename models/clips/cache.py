"""A small release decoded once: uint8 frames in one file that processes share. No torch.

The file's name is a hash of what it holds, so another release or another size is another
file. Frames lie on a regular grid of times; a process maps the file into memory, and the
system's page cache shares it with all others.
"""

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from pebble import ProcessExpired, ProcessPool

from kinetics_builder.children import fresh_children
from kinetics_builder.errors import ItemFailed
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.locks import HeldElsewhere, held
from models.checkpoints.files import write_json, write_whole
from models.clips.decode import DecodeLimits, Frames, decode_at, scaled_size
from models.clips.release import REMEDY, BrokenClip, Release, readable

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
    crc32: int


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

    Two processes that come at once share the work: the second waits for the first. A cache
    that is cut off or damaged is decoded again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    key = f"{release.sha256}:{grid.step_seconds!r}:{grid.short_side}"
    path = folder / f"frames-{hashlib.sha256(key.encode()).hexdigest()[:16]}.u8"
    index = path.with_suffix(".json")
    with held(path.with_suffix(".lock"), lambda who: progress(f"waiting for the clips of {who}")):
        try:
            return _read(path, index, grid)
        except FileNotFoundError:
            pass
        except DamagedCache as damage:
            progress(f"{damage}: decoding it again")
        progress(f"decoding {len(release.rows)} clips, {cache_size(release, grid) >> 20} MiB")
        _write(release, path, grid, num_workers)
        return _read(path, index, grid)


def _sweep(folder: Path) -> None:
    """Remove the unfinished caches, of any release, of those who died while they made them."""
    unfinished: dict[str, list[Path]] = defaultdict(list)
    for path in folder.glob("*frames-*"):
        stem, _, rest = path.name.removeprefix(".").partition(".")
        is_alone = rest == "u8" and not path.with_suffix(".json").exists()
        if is_alone or "part" in rest:
            unfinished[stem].append(path)
    for stem, paths in unfinished.items():
        with suppress(HeldElsewhere), held(folder / f"{stem}.lock"):
            for path in paths:
                if path.suffix != ".u8" or not path.with_suffix(".json").exists():
                    path.unlink(missing_ok=True)


def forget_caches(folder: Path, is_gone: Callable[[str], bool]) -> int:
    """Remove the caches of any release that hold a clip which is gone; return how many there were.

    A cache of what is left is made when it is asked for.

    Args:
        folder: Where caches are.
        is_gone: Says it of the name of a clip's file.

    """
    num_removed = 0
    for index in folder.glob("frames-*.json"):
        try:
            names = json.loads(index.read_text(encoding="utf-8"))["clips"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # whoever opens it next makes it anew
        if any(map(is_gone, names)):
            index.unlink(missing_ok=True)
            index.with_suffix(".u8").unlink(missing_ok=True)
            num_removed += 1
    return num_removed


class DamagedCache(Exception):
    """A cache that does not hold what its index says."""


def _write(release: Release, path: Path, grid: Grid, num_workers: int) -> None:
    good, broken = readable(release, release.rows)
    clips: dict[str, CachedClip] = {}
    index = path.with_suffix(".json")
    index.unlink(missing_ok=True)

    def write(part: Path) -> None:
        rows = [release.rows[i] for i in good]
        with part.open("wb") as file:
            for row, result in zip(rows, _decoded(release, rows, grid, num_workers), strict=True):
                if isinstance(result, BrokenClip):
                    broken.append(result)
                    continue
                data = result.tobytes()
                clips[row.file] = CachedClip(file.tell(), result.shape, zlib.crc32(data))
                file.write(data)

    write_whole(path, write)
    write_json(
        index,
        {
            "clips": {name: astuple(clip) for name, clip in clips.items()},
            "broken": sorted([clip.file, clip.reason] for clip in broken),
        },
    )


def _decoded(
    release: Release, rows: list[ManifestRow], grid: Grid, num_workers: int
) -> Iterator[Frames | BrokenClip]:
    """Yield each row's frames, decoded in child processes with a time limit."""
    limits = DecodeLimits()
    workers = max(1, num_workers)
    with ProcessPool(max_workers=workers, context=fresh_children()) as pool:

        def scheduled(row: ManifestRow) -> Future[Frames] | BrokenClip:
            try:
                args = release.path(row), row, grid
            except ItemFailed as failure:
                return BrokenClip(row.file, str(failure))
            job: Future[Frames] = pool.schedule(decode_grid, args=args, timeout=limits.seconds)
            return job

        jobs = [scheduled(row) for row in rows]
        for row, job in zip(rows, jobs, strict=True):
            try:
                yield job if isinstance(job, BrokenClip) else job.result()
            except ItemFailed as failure:
                yield BrokenClip(row.file, str(failure))
            except LateError:
                yield BrokenClip(row.file, f"timeout: decoding took over {limits.seconds:g} s")
            except ProcessExpired as death:
                yield BrokenClip(row.file, f"crashed: the decoder died ({death})")


def decode_grid(path: Path, row: ManifestRow, grid: Grid) -> Frames:
    """Return the clip's frames at every moment of the grid, uint8 (T, H, W, 3)."""
    times = grid.step_seconds * np.arange(grid.num_frames(row.duration_seconds))
    with as_marked(path, FileMark(row.bytes, row.sha256), REMEDY):
        return decode_at(path, times, grid.short_side)


def _read(path: Path, index: Path, grid: Grid) -> FrameCache:
    """Return what is there. Raises FileNotFoundError without an index, DamagedCache."""
    text = index.read_text(encoding="utf-8")
    try:
        data = json.loads(text)
        clips = {
            name: CachedClip(offset, (frames, height, width, channels), crc32)
            for name, (offset, (frames, height, width, channels), crc32) in data["clips"].items()
        }
        broken = tuple(BrokenClip(*entry) for entry in data["broken"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedCache(f"{index} is damaged ({error!r})") from error
    cache = FrameCache(path, grid, clips, broken)
    _check(cache)
    return cache


def _check(cache: FrameCache) -> None:
    """Raise DamagedCache unless every clip has its checksum."""
    try:
        frames = cache.map()
    except (FileNotFoundError, ValueError) as error:
        raise DamagedCache(f"{cache.path} cannot be read ({error})") from error
    for name, clip in cache.clips.items():
        found = frames[clip.offset : clip.offset + int(np.prod(clip.shape))]
        if zlib.crc32(found.data) != clip.crc32:
            raise DamagedCache(f"{cache.path} is damaged, from the frames of {name} on")
