"""A release and what a teacher has looked at of the web, as one release of clips.

Its folders are its sources: `target` for the release's clips, and the kinds of the web. A picture
becomes a clip of one frame, which is shown as long as it is asked for (arXiv:2003.13042).
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed, ModelError
from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.training.omnisource.items import WebRow, read_items
from kinetics_builder.intervals import Interval
from kinetics_builder.locks import held
from kinetics_builder.video.cutting.clip_file import read_back
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.cutting.drawn_film import drawn_film
from pipelines.demo.workers import workers

if TYPE_CHECKING:
    from models.clips.release import Release

TARGET = "target"
"""The folder of the release's own clips."""
LEFT_OUT = "left_out.csv"
_SECONDS = 1 / 25
"""Of a picture's one frame."""
_SIDE = 256
"""Pixels of the shorter side: what networks look at."""


@dataclass(frozen=True)
class Joint:
    """A joint release, and what a teacher says of its web clips: the probability of their label."""

    release: Path
    scores: dict[str, float]
    """By file."""


def join(target: Path, items: Path, media: Path, folder: Path) -> Joint:
    """Write the clips of a release and of a file of items into `folder` as one release.

    What is there stays; what cannot be read is left out, with its reason in `left_out.csv`.

    Args:
        target: A release: all of its splits are kept.
        items: What `kbuild omni write` has written; best with a threshold of 0.
        media: What its paths are relative to.
        folder: Of this joint release alone.

    Raises:
        ModelError: It is no release, or an item's label is not in it.
        FormatError: The items cannot be read.

    """
    from models.clips.release import read_release

    release, web = read_release(target), list(read_items(items))
    for row in web:
        if row.label not in release.labels:
            raise ModelError(
                f"{items}: {row.file} is of {row.label!r}, which is not in {target}/classes.txt."
            )
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder / ".lock", lambda who: None):
        return _join(release, web, media, folder)


def _join(release: "Release", web: Sequence[WebRow], media: Path, folder: Path) -> Joint:
    _link(folder / TARGET, release.folder)
    rows = [replace(row, file=f"{TARGET}/{row.file}") for row in release.rows]
    with workers() as pool:
        made = list(pool.map(_made, web, repeat(media), repeat(folder), chunksize=4))
    kept = [(row, one) for row, one in zip(web, made, strict=True) if isinstance(one, ManifestRow)]
    write_manifest(folder / MANIFEST, [*rows, *(one for _, one in kept)])
    (folder / "classes.txt").write_text("".join(f"{label}\n" for label in release.labels))
    _write_left_out(folder / LEFT_OUT, web, made)
    return Joint(folder, {one.file: row.score for row, one in kept})


def _link(path: Path, target: Path) -> None:
    if not path.is_symlink():
        path.symlink_to(target.resolve(), target_is_directory=True)


def _made(row: WebRow, media: Path, folder: Path) -> ManifestRow | str:
    """Return the row of an item's clip, or why there is none."""
    words = f"{row.file}\n{row.start_seconds}\n{row.end_seconds}"
    name = hashlib.sha256(words.encode()).hexdigest()[:20]
    path = folder / row.kind / f"{name}.mp4"
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(row, media / row.file, path)
        return _manifest_row(row, path, f"{row.kind}/{name}.mp4", name)
    except ItemFailed as failure:
        return str(failure)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f"cannot be read: {error}"


def _write(row: WebRow, source: Path, path: Path) -> None:
    if row.kind == "images":
        with Image.open(source) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((4 * _SIDE, 4 * _SIDE))
            film = drawn_film(np.asarray(upright)[np.newaxis], 1 / _SECONDS, crf=18)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(film)
        part.replace(path)
        return
    end = row.end_seconds if row.end_seconds is not None else float("inf")
    settings = CutConfig(short_side=_SIDE, keep_audio=False)
    cut_clip(source, path, Interval(row.start_seconds or 0.0, end), settings=settings)


def _manifest_row(row: WebRow, path: Path, file: str, name: str) -> ManifestRow:
    data, held = path.read_bytes(), read_back(path)
    start = int(row.start_seconds or 0)
    return ManifestRow(
        label=row.label,
        youtube_id=name,
        time_start=start,
        time_end=start + max(1, round(held.duration_seconds)),
        split="train",
        file=file,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        duration_seconds=held.duration_seconds,
        width=held.width,
        height=held.height,
        frames_per_second=held.frames_per_second,
        num_frames=held.num_frames,
        whole_clip=True,
        licence=row.licence,
    )


def _write_left_out(path: Path, web: Sequence[WebRow], made: Iterable[ManifestRow | str]) -> None:
    with writing_text(path) as file:
        file.write(csv_line(["kind", "file", "reason"]))
        for row, one in zip(web, made, strict=True):
            if isinstance(one, str):
                file.write(csv_line([row.kind, row.file, one]))
