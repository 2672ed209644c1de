"""A workspace with many made fingerprints, among them planted copies, for `duplicates.py`.

A made clip shows two real ones through each other, each cut out at a random place, begun at a
random moment, slowed or hastened, turned by quarters, mirrored, played backwards and made its
negative at random: so there are as many different ones as wanted, that look and move much as real
ones do. A planted copy is one of them cropped by up to 8 % of a side, begun up to two seconds
later, brighter or darker, with noise, one in five mirrored, one in five with a caption.
"""

from collections.abc import Iterator, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import Any

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
MARGIN = 8
"""Pictures more than a clip's, so that a copy may begin later."""
COPIES = 0.05
"""Share of the clips that are planted copies."""
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
    _films.extend(films)


def made(number_and_copy: tuple[int, int]) -> bytes:
    """Return the fingerprint of the clip of a number, or of a copy of it."""
    number, copy = number_and_copy
    rng = np.random.default_rng([number, 1])
    film_THW = sum(share * _cutout(rng) for share in _shares(rng))
    start = 0
    if copy:
        film_THW, start = _copied(film_THW, np.random.default_rng([number, 2, copy]))
    film_THW = np.clip(film_THW[start : start + NUM_BINS], 0, 255)
    stills = np.stack([part.mean(0) for part in np.array_split(film_THW, NUM_BINS // STILL_BINS)])
    half = film_THW.reshape(NUM_BINS, SIDE, 2, SIDE, 2).mean((2, 4))
    movement = np.clip(MOVEMENT_SCALE * film_THW.std(0), 0, 255)
    parts = (part.astype(np.uint8) for part in (half, stills, movement))
    return Fingerprint(*parts, np.full((4, 4, 3), 128, np.uint8)).to_bytes()


def _shares(rng: np.random.Generator) -> tuple[float, float]:
    share = float(rng.uniform(0.4, 0.6))
    return share, 1 - share


def _cutout(rng: np.random.Generator) -> Floats:
    film = _played(_films[int(rng.integers(len(_films)))], rng)
    size, (top, left) = rng.uniform(0.35, 0.8), rng.random(2)
    rows, columns = (_stretch(at * (1 - size), size) for at in (top, left))
    part = rows @ film @ columns.T
    part = np.rot90(part, int(rng.integers(4)), (1, 2))
    part = part[:, :, ::-1] if rng.random() < 0.5 else part
    return 255 - part if rng.random() < 0.5 else part


def _played(film_THW: Floats, rng: np.random.Generator) -> Floats:
    """Return a stretch of a film, at its own speed or another, forwards or backwards."""
    wanted = NUM_BINS + MARGIN
    speed = min(float(rng.uniform(0.4, 1.6)), (len(film_THW) - 1) / wanted)
    start = float(rng.uniform(0, len(film_THW) - 1 - speed * (wanted - 1)))
    moments = start + speed * np.arange(wanted)
    low = moments.astype(int)
    weight = (moments - low).astype(np.float32)[:, None, None]
    part: Floats = film_THW[low] * (1 - weight) + film_THW[low + 1] * weight
    return part[::-1] if rng.random() < 0.5 else part


def _stretch(start: float, size: float) -> Floats:
    """Return the matrix that stretches a part of a side, from `start` on, over all of it."""
    places = (start + size * (np.arange(STILL_SIDE) + 0.5) / STILL_SIDE) * STILL_SIDE - 0.5
    places = np.clip(places, 0, STILL_SIDE - 1)
    low = np.minimum(places.astype(int), STILL_SIDE - 2)
    matrix = np.zeros((STILL_SIDE, STILL_SIDE), np.float32)
    matrix[np.arange(STILL_SIDE), low] = 1 - (places - low)
    matrix[np.arange(STILL_SIDE), low + 1] += places - low
    return matrix


def _copied(film_THW: Floats, rng: np.random.Generator) -> tuple[Floats, int]:
    size, (top, left) = rng.uniform(0.92, 1), rng.random(2)
    rows, columns = (_stretch(at * (1 - size), size) for at in (top, left))
    film_THW = (rows @ film_THW @ columns.T) * rng.uniform(0.85, 1.15) + rng.uniform(-15, 15)
    film_THW = film_THW + rng.normal(0, 2, film_THW.shape).astype(np.float32)
    if rng.random() < 0.2:
        film_THW[:, 24:28, 2:20] = 240
    if rng.random() < 0.2:
        film_THW = film_THW[:, :, ::-1]
    return film_THW, int(rng.integers(MARGIN + 1))


def fill(workspace: Workspace, films: list[Floats], num_clips: int) -> list[tuple[int, int]]:
    """Write rows of so many clips, each of a video of its own; return the planted pairs."""
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
    row_of = {what: row for row, what in enumerate(numbered, 1)}
    return [(row_of[number, 0], row_of[number, 1]) for number in range(num_copies)]


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
