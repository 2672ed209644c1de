"""Pictures of key frames with the boxes that people drew on them. No torch.

Shapes: H height, W width, N boxes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kinetics_builder.ava.key_frames import still_name
from kinetics_builder.errors import ItemFailed, ModelError
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.media import VIDEO_SUFFIXES, files_below, told_by_name
from kinetics_builder.video.reading.timeline import read_timeline
from kinetics_builder.video.sandbox import Limits, run_limited
from models.clips.decode import DecodeLimits, decode_at
from models.clips.release import BrokenClip
from models.detection.people.pictures import packed, unpacked

Drawn = Mapping[str, Mapping[float, Sequence[Corners]]]
"""By film and second, the boxes of a key frame; one without persons has none."""

_SECONDS = 1800.0
"""For decoding one film."""
_AT_ONCE = 200
"""Pictures of a film that are in memory before they are compressed."""


@dataclass(frozen=True, slots=True)
class Example:
    """A key frame's picture, small, with its boxes."""

    film: str
    seconds: float
    jpeg: bytes
    """Compressed, so that a hundred thousand fit into memory."""
    boxes: tuple[Corners, ...]

    def picture(self) -> NDArray[np.uint8]:
        """Return the picture, (H, W, 3)."""
        return unpacked(self.jpeg)


@dataclass(frozen=True, slots=True)
class Examples:
    """What can be learnt from, and what cannot be read."""

    all: tuple[Example, ...]
    broken: tuple[BrokenClip, ...]
    """Films and stills, each with the reason."""


def read_examples(drawn: Drawn, folder: Path, long_side: int) -> Examples:
    """Return the key frames of `drawn`, from films or stills in `folder`.

    Stills lie as `ava keyframes` writes them, FILM/0902.jpg; films are video files whose name
    tells the film's id. Films are decoded in child processes.

    Raises:
        ModelError: `folder` holds neither for any film; with what was looked for.

    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder. Expected films, or stills as FILM/0902.jpg.")
    films = _films_below(folder, drawn)
    found: list[Example] = []
    broken: list[BrokenClip] = []
    for film in sorted(drawn):
        moments = drawn[film]
        if (folder / film).is_dir():
            found += _of_stills(folder / film, film, moments, long_side, broken)
        elif film in films:
            found += _of_film(films[film], film, moments, long_side, broken)
        else:
            broken.append(BrokenClip(film, f"neither a film nor stills of it in {folder}"))
    if not found:
        reasons = "; ".join(f"{one.file}: {one.reason}" for one in broken[:3])
        raise ModelError(
            f"{folder}: not one picture for the {len(drawn)} films of boxes: {reasons}."
        )
    return Examples(tuple(found), tuple(broken))


def _films_below(folder: Path, drawn: Drawn) -> dict[str, Path]:
    """Return the video files of films; ModelError where two are of one film."""
    files: dict[str, list[Path]] = defaultdict(list)
    for path in files_below(folder):
        if path.suffix.lower() in VIDEO_SUFFIXES:
            named = path.stem if path.stem in drawn else told_by_name(path.name)[0]
            files[named].append(path)
    for film, paths in files.items():
        if film in drawn and len(paths) > 1:
            raise ModelError(
                f"{paths[0]} and {paths[1]} are both called {film}: the boxes are of one film. "
                "Move one of them elsewhere."
            )
    return {film: paths[0] for film, paths in files.items()}


def _of_stills(
    folder: Path,
    film: str,
    moments: Mapping[float, Sequence[Corners]],
    long_side: int,
    broken: list[BrokenClip],
) -> Iterator[Example]:
    missing = []
    for seconds, boxes in sorted(moments.items()):
        path = folder / still_name(seconds)
        try:
            with Image.open(path) as picture:
                rgb_HWC = np.asarray(picture.convert("RGB"))
        except FileNotFoundError:
            missing.append(path.name)
            continue
        except OSError as error:
            broken.append(BrokenClip(str(path), str(error.strerror or error)))
            continue
        yield Example(film, seconds, packed(rgb_HWC, long_side), tuple(boxes))
    if missing:
        reason = f"no still for {len(missing)} of {len(moments)} moments with boxes: {missing[0]}"
        broken.append(BrokenClip(str(folder), f"{reason}{', ...' if missing[1:] else ''}"))


def _of_film(
    path: Path,
    film: str,
    moments: Mapping[float, Sequence[Corners]],
    long_side: int,
    broken: list[BrokenClip],
) -> Iterator[Example]:
    times = sorted(moments)
    try:
        jpegs, end = run_limited(decoded, path, times, long_side, limits=Limits(seconds=_SECONDS))
    except ItemFailed as failure:
        broken.append(BrokenClip(str(path), str(failure)))
        return
    if late := times[len(jpegs) :]:
        listed = ", ".join(f"{seconds:g}" for seconds in late[:3])
        more = f" and {len(late) - 3} more" if len(late) > 3 else ""
        reason = f"ends at {end:g} s: boxes at {listed}{more} s lie behind it"
        broken.append(BrokenClip(str(path), reason))
    for seconds, jpeg in zip(times, jpegs, strict=False):
        yield Example(film, seconds, jpeg, tuple(moments[seconds]))


def decoded(path: Path, times: Sequence[float], long_side: int) -> tuple[list[bytes], float]:
    """Return a film's pictures at `times`, small and compressed, and when the film ends.

    Times are sorted; those behind the end have no picture. Runs in a child process.
    """
    line = read_timeline(path)
    end = line.end_seconds()
    seen = [seconds for seconds in times if seconds < end]
    limits = DecodeLimits(seconds=_SECONDS)
    jpegs: list[bytes] = []
    for start in range(0, len(seen), _AT_ONCE):
        some = np.array(seen[start : start + _AT_ONCE])
        frames_THWC = decode_at(path, some, long_side, limits, line=line)
        jpegs += [packed(rgb_HWC, long_side) for rgb_HWC in frames_THWC]
    return jpegs, end
