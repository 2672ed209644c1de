"""Releases that are drawn, not collected: clips of the demo's people, whose truth is known."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.locks import held
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawing.painter import HEIGHT, WIDTH
from pipelines.demo.encode import encode, hum
from pipelines.demo.film import Segment, frames, set_scene
from pipelines.demo.labels import NAMES
from pipelines.demo.workers import workers

SECONDS = 4.0
"""Of a clip."""
FRAMES = round(SECONDS * FRAMES_PER_SECOND)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A video to be drawn, and the clips that are taken of it."""

    name: str
    """Its id; its clips' files are named after it."""
    label: str
    """What the release says that it shows."""
    split: str
    seed: tuple[int, ...]
    """Of its person and scenery."""
    script: tuple[Segment, ...]
    """What it shows."""
    folder: str = "clips"
    """Of its clips, in the release."""
    stretches: tuple[tuple[int, int], ...] = ((0, FRAMES),)
    """Frames of each clip, half-open."""

    def files(self) -> list[str]:
        """Return the clips' paths in the release."""
        if len(self.stretches) == 1:
            return [f"{self.folder}/{self.name}.mp4"]
        return [f"{self.folder}/{self.name}_w{n}.mp4" for n in range(len(self.stretches))]


def actions(
    labels: Sequence[str], counts: Mapping[str, int], seed: int, first: int = 0
) -> list[Drawn]:
    """Return videos of one clip each, which show what they say: so many of each label and split.

    Equal seeds, labels and numbers give equal videos, whatever else a release holds.

    Args:
        labels: Of the demo's.
        counts: Clips of a label, by split, in the order in which they are numbered.
        seed: Of the world.
        first: The first number.

    """
    splits = [split for split, count in counts.items() for _ in range(count)]
    return [
        Drawn(
            name=f"{label.replace(' ', '_')}_{number}",
            label=label,
            split=split,
            seed=(seed, NAMES.index(label), number),
            script=(Segment(label, FRAMES),),
        )
        for label in labels
        for number, split in enumerate(splits, start=first)
    ]


def draw_release(
    folder: Path, labels: Sequence[str], videos: Iterable[Drawn], num_workers: int | None = None
) -> Path:
    """Write a release of these videos' clips; files that are there stay. Return its folder.

    Who comes while another process draws it waits for that.

    Args:
        folder: Of this release alone: it is named after all that decides what is drawn.
        labels: All that the release knows.
        videos: What is drawn.
        num_workers: Processes; one a core without it.

    """
    wanted = list(videos)
    for name in {video.folder for video in wanted}:
        (folder / name).mkdir(parents=True, exist_ok=True)
    with held(folder / ".lock", lambda who: None), workers(num_workers) as pool:
        drawn = pool.map(_draw, [folder] * len(wanted), wanted, chunksize=4)
        rows = [row for some in drawn for row in some]
        write_manifest(folder / MANIFEST, rows)
        (folder / "classes.txt").write_text("".join(f"{label}\n" for label in sorted(labels)))
    return folder


def _draw(folder: Path, video: Drawn) -> list[ManifestRow]:
    """Draw the clips of a video unless they are there, and return their rows."""
    paths = [folder / file for file in video.files()]
    if not all(path.is_file() for path in paths):
        scene = set_scene(np.random.default_rng(list(video.seed)))
        pictures = list(frames(scene, video.script))
        for path, (start, end) in zip(paths, video.stretches, strict=True):
            sound = hum(video.seed[-1], (end - start) / FRAMES_PER_SECOND)
            part = path.with_suffix(".part")
            encode(part, iter(pictures[start:end]), sound)
            part.replace(path)
    stretches = zip(video.files(), video.stretches, strict=True)
    return [_row(folder, video, file, stretch) for file, stretch in stretches]


def _row(folder: Path, video: Drawn, file: str, stretch: tuple[int, int]) -> ManifestRow:
    data = (folder / file).read_bytes()
    start, end = (frame / FRAMES_PER_SECOND for frame in stretch)
    return ManifestRow(
        label=video.label,
        youtube_id=video.name,
        time_start=int(start),
        time_end=max(int(start) + 1, round(end)),
        split=video.split,
        file=file,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        duration_seconds=end - start,
        width=WIDTH,
        height=HEIGHT,
        frames_per_second=float(FRAMES_PER_SECOND),
        num_frames=stretch[1] - stretch[0],
        whole_clip=True,
        licence="none",
    )
