"""Open a release's frames: from the cache if they fit into it, else from the files; with flow."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.manifest import ManifestRow
from models.clips.cache import Grid, cache_size, open_cache
from models.clips.flow import BothFrames, FlowFrames, read_flow
from models.clips.flow_places import flow_place
from models.clips.places import clip_place
from models.clips.release import BrokenClip, Release, read_release, readable
from models.clips.sources import CachedFrames, DecodedFrames, FrameSource
from models.spec import Sampling


@dataclass(frozen=True, kw_only=True)
class CachePolicy:
    """Where decoded frames are kept, and up to which size."""

    folder: Path
    max_bytes: int = 4 << 30
    num_workers: int = 1
    """Processes that decode."""
    clips: str = ""
    """Where the release's clips lie, as `clip_place` takes it; empty: in its folder."""
    flow: str = ""
    """Where their flow lies, as `flow_place` takes it; empty: beside them."""

    @property
    def copies(self) -> Path:
        """Return the folder of this machine's copies of what lies elsewhere."""
        return self.folder / "copies"


@dataclass(frozen=True)
class OpenFrames:
    """A source of frames, and the clips known to be broken."""

    source: FrameSource
    broken: dict[str, BrokenClip]
    is_cached: bool

    def usable(self, rows: tuple[ManifestRow, ...]) -> list[ManifestRow]:
        """Return the rows that are not known to be broken."""
        return [row for row in rows if row.file not in self.broken]

    def broken_of(self, rows: tuple[ManifestRow, ...]) -> list[BrokenClip]:
        """Return the broken clips among `rows`."""
        return [self.broken[row.file] for row in rows if row.file in self.broken]


def open_frames(
    release: Release, sampling: Sampling, policy: CachePolicy, progress: Callable[[str], None]
) -> OpenFrames:
    """Return the frames of `release` at the size and rate that `sampling` needs.

    Flow is what `kbuild flow` keeps, read when it is asked for. Raises ModelError where it is not
    there, or no clip can be read.
    """
    release = replace(release, place=clip_place(policy.clips, policy.copies))
    if sampling.modality == "rgb":
        return _checked(release, _open_pictures(release, sampling, policy, progress))
    place = flow_place(release.folder, policy.flow, policy.copies, policy.clips)
    flow = FlowFrames(read_flow(release, sampling, place), sampling.short_side)
    without = flow.flow.broken()
    if sampling.modality == "flow":
        return _checked(release, OpenFrames(flow, without, False))
    pictures = _open_pictures(release, sampling, policy, progress)
    both = BothFrames(pictures.source, flow)
    return _checked(release, OpenFrames(both, pictures.broken | without, False))


def _open_pictures(
    release: Release, sampling: Sampling, policy: CachePolicy, progress: Callable[[str], None]
) -> OpenFrames:
    """Return the pictures alone.

    The cache keeps two grid moments for each step of the network, so that random starts
    still differ by less than a step.
    """
    grid = Grid(step_seconds=sampling.step_seconds / 2, short_side=sampling.short_side)
    if cache_size(release, grid) > policy.max_bytes:
        _, broken = readable(release, release.rows)
        source: FrameSource = DecodedFrames(release, sampling.short_side)
        return OpenFrames(source, {clip.file: clip for clip in broken}, False)
    cache = open_cache(release, policy.folder, grid, policy.num_workers, progress)
    found = {clip.file: clip for clip in cache.broken}
    return OpenFrames(CachedFrames(cache), found, True)


def open_files(release: Release, sampling: Sampling, policy: CachePolicy) -> FrameSource:
    """Return the frames of a release straight from its files, for a look at a few clips.

    Raises ModelError where a network eats flow that is not there.
    """
    release = replace(release, place=clip_place(policy.clips, policy.copies))
    pictures = DecodedFrames(release, sampling.short_side)
    if sampling.modality == "rgb":
        return pictures
    place = flow_place(release.folder, policy.flow, policy.copies, policy.clips)
    flow = FlowFrames(read_flow(release, sampling, place), sampling.short_side)
    return flow if sampling.modality == "flow" else BothFrames(pictures, flow)


def _checked(release: Release, frames: OpenFrames) -> OpenFrames:
    if len(frames.broken) == len({row.file for row in release.rows}):
        first = next(iter(frames.broken.values()))
        raise ModelError(
            f"{release.folder} has no readable clip: all {len(frames.broken)} are broken, "
            f"for instance {first.file}: {first.reason}. Run `kbuild release` again."
        )
    return frames


def prepare_clips(
    folder: Path, sampling: Sampling, policy: CachePolicy, progress: Callable[[str], None]
) -> OpenFrames:
    """Decode the release in `folder` into the cache, ahead of the runs that will share it."""
    return open_frames(read_release(folder), sampling, policy, progress)
