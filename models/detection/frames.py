"""Frames of films around key frames: out of a cache, the film's file, or a folder of pictures.

Shapes, as name suffixes: T frames, H height, W width, C channels. No torch.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from pebble import ProcessExpired, ProcessPool
from PIL import Image

from kinetics_builder.children import fresh_children
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.video.reading.probe import VideoInfo, probe
from kinetics_builder.video.reading.timeline import Timeline, read_timeline
from models.clips.cache import Grid, cache_size, open_cache
from models.clips.decode import DecodeLimits, Frames, Times, decode_at, scaled_size
from models.clips.opening import CachePolicy
from models.clips.release import BrokenClip, Release
from models.clips.sources import CachedFrames
from models.detection.films import PICTURES, Film, Films
from models.spec import Sampling


def times_around(seconds: float, sampling: Sampling) -> Times:
    """Return the moments of a clip: as many before the key frame as from it on.

    So PySlowFast takes them: the key frame is the first of the second half.

    >>> four = Sampling(num_frames=4, step_seconds=0.5, crop_size=8, short_side=8)
    >>> times_around(902.0, four).tolist()
    [901.0, 901.5, 902.0, 902.5]
    """
    steps = np.arange(sampling.num_frames) - sampling.num_frames // 2
    times: Times = seconds + sampling.step_seconds * steps
    return times


class FilmSource(Protocol):
    """Gives a film's frames at given moments of the file's own time."""

    def duration(self, film: Film) -> float:
        """Return how long the file is, seconds; raise ItemFailed where that cannot be read."""

    def frames(self, film: Film, times: Times) -> Frames:
        """Return uint8 (T, H, W, 3); raise ItemFailed where they cannot be read."""


@dataclass(frozen=True)
class OpenFilms:
    """Where frames come from, and the films that are known to be broken."""

    videos: FilmSource
    pictures: "PictureFolders"
    broken: dict[str, BrokenClip]
    """By the film's file."""
    is_cached: bool

    def around(self, film: Film, seconds: float, sampling: Sampling) -> Frames:
        """Return the clip around a moment of the film's own time line.

        Beyond the file's ends stands its first or last picture, but the key frame itself must
        lie inside. Raises ItemFailed.
        """
        if (known := self.broken.get(film.file)) is not None:
            raise ItemFailed(Reason.BROKEN, known.reason)
        source = self.pictures if self.pictures.has(film) else self.videos
        duration, moment = source.duration(film), seconds - film.start_seconds
        if moment > duration:
            raise ItemFailed(
                Reason.BROKEN,
                f"the key frame would lie at {moment:g} s of {film.file}, which is "
                f"{duration:g} s long and begins at {film.start_seconds:g} s of the film",
            )
        return source.frames(film, np.clip(times_around(moment, sampling), 0.0, duration))


def open_films(
    folder: Path,
    films: Films,
    sampling: Sampling,
    policy: CachePolicy,
    progress: Callable[[str], None],
) -> OpenFilms:
    """Return the frames of all `films` at the size and rate that `sampling` needs.

    Videos that fit into the cache are decoded once. Others are decoded when they are asked for,
    and read through no earlier. Folders of pictures are read as they are.
    """
    listed = sorted({film.file: film for parts in films.values() for film in parts}.items())
    videos = [film for _, film in listed if not (folder / film.file).is_dir()]
    there = [film for film in videos if (folder / film.file).is_file()]
    missing = {
        film.file: BrokenClip(film.file, "is not there") for film in videos if film not in there
    }
    pictures = PictureFolders(folder, sampling.short_side)
    decoded = DecodedFilms(folder, sampling.short_side)
    if sum((folder / film.file).stat().st_size for film in there) > policy.max_bytes:
        return OpenFilms(decoded, pictures, missing, is_cached=False)
    infos, broken = _probed(folder, there, policy.num_workers)
    broken |= missing
    grid = Grid(step_seconds=sampling.step_seconds / 2, short_side=sampling.short_side)
    release = Release(folder, (), tuple(_row(folder, film, info) for film, info in infos), "")
    if not infos or cache_size(release, grid) > policy.max_bytes:
        return OpenFilms(decoded, pictures, broken, is_cached=False)
    cache = open_cache(_marked(release), policy.folder, grid, policy.num_workers, progress)
    found = {clip.file: clip for clip in cache.broken}
    rows = {row.file: row for row in release.rows}
    cached = CachedFilms(CachedFrames(cache), rows)
    return OpenFilms(cached, pictures, broken | found, is_cached=True)


def _probed(
    folder: Path, films: list[Film], num_workers: int
) -> tuple[list[tuple[Film, VideoInfo]], dict[str, BrokenClip]]:
    """Return what each file holds, and those that cannot be read, asked in child processes."""
    found: list[tuple[Film, VideoInfo]] = []
    broken: dict[str, BrokenClip] = {}
    limit = DecodeLimits().seconds
    with ProcessPool(max_workers=max(1, num_workers), context=fresh_children()) as pool:
        jobs = [pool.schedule(probe, args=(folder / film.file,), timeout=limit) for film in films]
        for film, job in zip(films, jobs, strict=True):
            try:
                found.append((film, job.result()))
            except ItemFailed as failure:
                broken[film.file] = BrokenClip(film.file, str(failure))
            except (LateError, ProcessExpired) as failure:
                broken[film.file] = BrokenClip(film.file, f"cannot be opened: {failure!r}")
    return found, broken


def _row(folder: Path, film: Film, info: VideoInfo) -> ManifestRow:
    """Return the film as the cache knows clips."""
    return ManifestRow(
        label="",
        youtube_id=film.video_id,
        time_start=0,
        time_end=0,
        split="train",
        file=film.file,
        bytes=(folder / film.file).stat().st_size,
        sha256="",
        duration_seconds=info.duration_seconds,
        width=info.width,
        height=info.height,
        frames_per_second=info.frames_per_second,
        num_frames=info.num_frames,
        whole_clip=False,
        licence="",
    )


def _marked(release: Release) -> Release:
    """Return the release with the hash of each file, and of them all."""
    rows = [replace(row, sha256=FileMark.of(release.path(row)).sha256) for row in release.rows]
    text = "".join(f"{row.file}\0{row.sha256}\0" for row in rows)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Release(release.folder, (), tuple(rows), sha256)


@dataclass(frozen=True)
class CachedFilms:
    """Frames out of the cache."""

    cached: CachedFrames
    rows: dict[str, ManifestRow]

    def duration(self, film: Film) -> float:
        """Return how long the file is, seconds."""
        return self.rows[film.file].duration_seconds

    def frames(self, film: Film, times: Times) -> Frames:
        """Return the cached frames nearest to `times`."""
        return self.cached.frames(self.rows[film.file], times)


@dataclass
class DecodedFilms:
    """Frames decoded when they are asked for: for films too large for a cache."""

    folder: Path
    short_side: int
    lines: dict[str, Timeline] = field(default_factory=dict)
    """Of the files that were read through so far."""

    def duration(self, film: Film) -> float:
        """Return how long the file is, seconds."""
        return self._line(film).end_seconds()

    def frames(self, film: Film, times: Times) -> Frames:
        """Return the frames shown at `times`."""
        line = self._line(film)
        return decode_at(self.folder / film.file, times, self.short_side, line=line)

    def _line(self, film: Film) -> Timeline:
        if film.file not in self.lines:
            self.lines[film.file] = read_timeline(self.folder / film.file)
        return self.lines[film.file]


@dataclass
class PictureFolders:
    """Frames that lie as pictures, named in their order."""

    folder: Path
    short_side: int
    names: dict[str, list[str]] = field(default_factory=dict)
    """Of the folders that were listed so far."""

    def has(self, film: Film) -> bool:
        """Tell whether the film is a folder of pictures."""
        return film.file in self.names or (self.folder / film.file).is_dir()

    def duration(self, film: Film) -> float:
        """Return how long the pictures last, seconds; raise ItemFailed where there is none."""
        return len(self._names(film)) / film.frames_per_second

    def frames(self, film: Film, times: Times) -> Frames:
        """Return the pictures shown at `times`, scaled to the short side of the first."""
        names = self._names(film)
        places = np.floor(times * film.frames_per_second + 1e-6).astype(np.int64)
        places = np.minimum(places, len(names) - 1)
        size: tuple[int, int] | None = None
        pictures: dict[int, Frames] = {}
        for place in np.unique(places).tolist():
            try:
                with Image.open(self.folder / film.file / names[place]) as picture:
                    size = size or scaled_size(*picture.size, self.short_side)
                    small = picture.convert("RGB").resize(size, Image.Resampling.BOX)
            except OSError as error:
                name = f"{film.file}/{names[place]}"
                raise ItemFailed(Reason.BROKEN, f"{name} cannot be read: {error}") from error
            pictures[place] = np.asarray(small)
        return np.stack([pictures[place] for place in places.tolist()])

    def _names(self, film: Film) -> list[str]:
        if film.file not in self.names:
            found = (self.folder / film.file).iterdir()
            self.names[film.file] = sorted(p.name for p in found if p.suffix.lower() in PICTURES)
        if not self.names[film.file]:
            raise ItemFailed(Reason.BROKEN, f"{film.file} holds no picture ({' '.join(PICTURES)})")
        return self.names[film.file]
