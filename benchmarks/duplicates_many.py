"""A workspace with many made fingerprints, among them planted copies, for `duplicates.py`.

A made clip shows two real ones through each other, each cut out at a random place, begun at a
random moment, slowed or hastened, turned by quarters, mirrored, played backwards and made its
negative at random: so there are as many different ones as wanted, that look and move much as real
ones do. A planted copy is one of them cropped by up to 8 % of a side, begun up to two seconds
later, brighter or darker, with noise, one in five mirrored, one in five with a caption.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import insert

from kinetics_builder.database.bulk import batches
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Clip, ClipFile, Label, Media, Method, Video
from kinetics_builder.video.finding.motion import LUMA
from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import (
    BIN_SECONDS,
    MOVEMENT_SCALE,
    SIDE,
    STILL_BINS,
    STILL_SIDE,
    Fingerprint,
)
from kinetics_builder.video.reading.frames import FrameReader
from kinetics_builder.workspace import Workspace

SECONDS = 8
NUM_BINS = int(SECONDS / BIN_SECONDS)
MARGIN = int(2 / BIN_SECONDS)
"""Pictures more than a clip's, so that a copy may begin later."""
COPIES = 0.05
"""Share of the clips that are planted copies."""
SPECIAL = 0.2
"""Share of the copies that are captioned, and of those that are mirrored."""
NUM_LABELS = 100

_films: list[Floats] = []


def read_films(paths: Sequence[Path]) -> list[Floats]:
    """Return the real clips that are long enough, as films of 32 by 32 grey pixels."""
    films = [_film(path) for path in paths]
    return [film for film in films if len(film) >= NUM_BINS + MARGIN]


def _film(path: Path) -> Floats:
    bins: dict[int, list[Floats]] = {}
    for frame in FrameReader(path, size=(STILL_SIDE, STILL_SIDE)):
        bins.setdefault(int(frame.time_seconds / BIN_SECONDS), []).append(frame.rgb_HWC @ LUMA)
    return np.stack([np.mean(bins[index], axis=0) for index in sorted(bins)]).astype(np.float32)


def _begin(films: list[Floats]) -> None:
    _films[:] = films


def made(number_and_copy: tuple[int, int]) -> bytes:
    """Return the fingerprint of the clip of a number, or of a copy of it."""
    number, copy = number_and_copy
    share, (one, other) = recipe(number)
    film_THW = share * _cut(one) + (1 - share) * _cut(other)
    start = 0
    if copy:
        film_THW, start = _copied(film_THW, number)
    film_THW = np.clip(film_THW[start : start + NUM_BINS], 0, 255)
    stills = np.stack([part.mean(0) for part in np.array_split(film_THW, NUM_BINS // STILL_BINS)])
    half = film_THW.reshape(NUM_BINS, SIDE, 2, SIDE, 2).mean((2, 4))
    movement = np.clip(MOVEMENT_SCALE * film_THW.std(0), 0, 255)
    parts = (part.astype(np.uint8) for part in (half, stills, movement))
    return Fingerprint(*parts, np.full((4, 4, 3), 128, np.uint8)).to_bytes()


class Cutout(NamedTuple):
    """What is taken of a real clip, and what is done to it."""

    film: int
    num_turns: int
    is_mirrored: bool
    is_negative: bool
    is_backwards: bool
    start: float
    """Where it begins among where it may, in [0, 1)."""
    speed: float
    size: float
    """Share of a side."""
    top: float
    left: float
    """Where it lies among where it may, in [0, 1)."""

    @property
    def kind(self) -> tuple[int | bool, ...]:
        """Return what two that resemble each other have in common."""
        return self[:5]

    def mirrored(self) -> "Cutout":
        """Return what it is in the mirrored clip."""
        return self._replace(is_mirrored=not self.is_mirrored)


def recipe(number: int) -> tuple[float, list[Cutout]]:
    """Return the share of the first of two cutouts that the clip of a number shows, and both."""
    rng = np.random.default_rng([number, 1])
    return float(rng.uniform(0.4, 0.6)), [_drawn(rng), _drawn(rng)]


def _drawn(rng: np.random.Generator) -> Cutout:
    film, num_turns = int(rng.integers(len(_films))), int(rng.integers(4))
    flags = [bool(flag) for flag in rng.random(3) < 0.5]
    values = rng.random(), rng.uniform(0.4, 1.6), rng.uniform(0.35, 0.8), rng.random(), rng.random()
    return Cutout(film, num_turns, *flags, *map(float, values))


def _cut(cutout: Cutout) -> Floats:
    film = _played(cutout)
    rows, columns = (
        _stretch(at * (1 - cutout.size), cutout.size) for at in (cutout.top, cutout.left)
    )
    part: Floats = np.rot90(rows @ film @ columns.T, cutout.num_turns, (1, 2))
    part = part[:, :, ::-1] if cutout.is_mirrored else part
    return 255 - part if cutout.is_negative else part


def _played(cutout: Cutout) -> Floats:
    """Return a stretch of a film, at its own speed or another, forwards or backwards."""
    film_THW, wanted = _films[cutout.film], NUM_BINS + MARGIN
    speed = min(cutout.speed, (len(film_THW) - 1) / wanted)
    start = cutout.start * (len(film_THW) - 1 - speed * (wanted - 1))
    moments = start + speed * np.arange(wanted)
    low = moments.astype(int)
    weight = (moments - low).astype(np.float32)[:, None, None]
    part: Floats = film_THW[low] * (1 - weight) + film_THW[low + 1] * weight
    return part[::-1] if cutout.is_backwards else part


def _stretch(start: float, size: float) -> Floats:
    """Return the matrix that stretches a part of a side, from `start` on, over all of it."""
    places = (start + size * (np.arange(STILL_SIDE) + 0.5) / STILL_SIDE) * STILL_SIDE - 0.5
    places = np.clip(places, 0, STILL_SIDE - 1)
    low = np.minimum(places.astype(int), STILL_SIDE - 2)
    matrix = np.zeros((STILL_SIDE, STILL_SIDE), np.float32)
    matrix[np.arange(STILL_SIDE), low] = 1 - (places - low)
    matrix[np.arange(STILL_SIDE), low + 1] += places - low
    return matrix


def what_was_done(number: int) -> str:
    """Return what was done to the copy of the clip of a number, beside cropping and the like."""
    has_caption, is_mirrored = np.random.default_rng([number, 2]).random(2) < SPECIAL
    what = ["captioned"] * bool(has_caption) + ["mirrored"] * bool(is_mirrored)
    return " and ".join(what) or "neither captioned nor mirrored"


def _copied(film_THW: Floats, number: int) -> tuple[Floats, int]:
    rng = np.random.default_rng([number, 2])
    has_caption, is_mirrored = rng.random(2) < SPECIAL
    size, (top, left) = rng.uniform(0.92, 1), rng.random(2)
    rows, columns = (_stretch(at * (1 - size), size) for at in (top, left))
    film_THW = (rows @ film_THW @ columns.T) * rng.uniform(0.85, 1.15) + rng.uniform(-15, 15)
    film_THW = film_THW + rng.normal(0, 2, film_THW.shape).astype(np.float32)
    if has_caption:
        film_THW[:, 24:28, 2:20] = 240
    if is_mirrored:
        film_THW = film_THW[:, :, ::-1]
    return film_THW, int(rng.integers(MARGIN + 1))


@dataclass(frozen=True)
class Planted:
    """What is known of a workspace's made clips."""

    numbered: list[tuple[int, int]]
    """Number and copy of the clip of each row, from 1 on."""

    def is_copy(self, pair: frozenset[int]) -> bool:
        """Return whether one of two rows is the copy of the other."""
        return len({self.numbered[row - 1][0] for row in pair}) == 1

    def num_in_common(self, pair: frozenset[int]) -> int:
        """Return how many of their two real clips two rows share, turned alike: 0, 1 or 2.

        Turned, negative and backwards as well, one row mirrored or not. Many are made of few, so
        such pairs come about by chance, and they do show one recording: the same stretch of a
        strong real clip, with another that is faint laid over it, is a copy drawn over. Two rows
        without a real clip in common that are called copies are mistaken.
        """
        one, other = (recipe(self.numbered[row - 1][0])[1] for row in pair)
        wanted = Counter(cutout.kind for cutout in one)
        shown = (other, [cutout.mirrored() for cutout in other])
        return max((wanted & Counter(cutout.kind for cutout in some)).total() for some in shown)

    def copies(self) -> dict[frozenset[int], str]:
        """Return the planted pairs, and what was done to each."""
        row_of = {what: row for row, what in enumerate(self.numbered, 1)}
        return {
            frozenset((row, row_of[number, 0])): what_was_done(number)
            for (number, copy), row in row_of.items()
            if copy
        }


def fill(workspace: Workspace, films: list[Floats], num_clips: int) -> Planted:
    """Write rows of so many clips, each of a video of its own; return what is known of them."""
    num_copies = int(COPIES * num_clips)
    num_own = num_clips - num_copies
    wanted = [(number, 0) for number in range(num_own)] + [(n, 1) for n in range(num_copies)]
    order = np.random.default_rng(0).permutation(num_clips)
    numbered = [wanted[place] for place in order]
    with Pool(initializer=_begin, initargs=(films,)) as pool:
        prints = pool.imap(made, numbered, chunksize=100)
        for some in batches(enumerate(zip(numbered, prints, strict=True), 1), 2000):
            with writing(workspace.engine) as session:
                for table, rows in _rows(some):
                    session.execute(insert(table), rows)
    _begin(films)
    return Planted(numbered)


def _rows(some: list[Any]) -> Iterator[tuple[type, list[dict[str, Any]]]]:
    """Yield the rows of clips, table by table; a copy is of its original's class."""
    if some[0][0] == 1:
        yield Label, [{"id": n + 1, "name": f"class {n:03d}"} for n in range(NUM_LABELS)]
    size = {"bytes": 1, "width": 320, "height": 240, "frames_per_second": 25.0}
    size["duration_seconds"] = float(SECONDS)
    yield (
        Video,
        [
            {"id": row, "video_id": f"{row:011d}", "source": "", "url": "", "title": ""}
            for row, _ in some
        ],
    )
    named = [(row, f"{row:064d}", what, data) for row, (what, data) in some]
    yield (
        Media,
        [
            {
                "video_id": row,
                "file": f"{row}",
                "sha256": sha,
                "has_audio": False,
                "codec": "",
                **size,
            }
            for row, sha, _, _ in named
        ],
    )
    yield (
        Clip,
        [
            {
                "id": row,
                "video_id": row,
                "label_id": what[0] % NUM_LABELS + 1,
                "start_seconds": 0.0,
                "end_seconds": float(SECONDS),
                "method": Method.MOTION,
                "score": 1.0,
                "rank": 0,
            }
            for row, _, what, _ in named
        ],
    )
    yield (
        ClipFile,
        [
            {
                "clip_id": row,
                "file": f"clips/{row:011d}_000000_000008.mp4",
                "sha256": sha,
                "num_frames": 250,
                "fingerprint": data,
                **size,
            }
            for row, sha, _, data in named
        ],
    )
