"""How a clip moves, as numbers that a simple classifier can learn from, out of its fingerprint.

Where in the picture somebody stands says little of what is done: what moves is brought to the
middle first. Each part is scaled to length 1, so that none drowns the others.
Shapes, as name suffixes: T = 32 times, H and W = 16 cells, D numbers.
"""

import numpy as np

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import SIDE, Fingerprint

TIMES = 32
"""Of the film that is looked at, however long the clip is."""
_STRETCHES = 4
"""Of the clip, one after the other, of which it is said where something moves."""
_POSES = 8
"""Moments of which it is said what differs from the background."""
_RHYTHMS = slice(1, 12)
"""Of the frequencies: how often in a clip something comes again."""


def motion_numbers(print_: Fingerprint) -> Floats:
    """Return the numbers of a clip, the same number for each; of D = 1241."""
    film_THW = resampled(print_.film_THW.astype(float), TIMES)
    apart_THW = film_THW - np.median(film_THW, 0)
    change_THW = np.abs(np.diff(film_THW, axis=0))
    shift = _to_the_middle(change_THW.sum(0))
    moved_THW = np.roll(change_THW, shift, (1, 2))
    stretches = np.stack([part.mean(0) for part in np.array_split(moved_THW, _STRETCHES)])
    rows_TH = moved_THW.reshape(TIMES - 1, 8, 2, SIDE).mean((2, 3))
    poses = resampled(np.roll(apart_THW, shift, (1, 2)), _POSES)
    movement = print_.movement_HW.reshape(SIDE, 2, SIDE, 2).mean((1, 3))
    parts = [
        _halved(stretches).ravel(),
        _rhythm(rows_TH).ravel(),
        *_courses(np.abs(apart_THW)),
        np.roll(movement, shift, (0, 1)).ravel(),
        _halved(poses).ravel(),
    ]
    return np.concatenate([_levelled(part) for part in parts])


def _courses(seen_THW: Floats) -> list[Floats]:
    """Return how what is no background rises, goes sideways and grows, and in which rhythm."""
    total_T = seen_THW.sum((1, 2))
    cells = np.arange(SIDE)
    down_T = (seen_THW.sum(2) * cells).sum(1) / (total_T + 1e-9)
    across_T = (seen_THW.sum(1) * cells).sum(1) / (total_T + 1e-9)
    courses = [course - course.mean() for course in (down_T, across_T, total_T)]
    return [part for course in courses for part in (course, _rhythm(course))]


def _rhythm(series: Floats) -> Floats:
    turns: Floats = np.abs(np.fft.rfft(series - series.mean(0), axis=0))[_RHYTHMS]
    return turns


def _to_the_middle(change_HW: Floats) -> tuple[int, int]:
    """Return by how many cells down and across what moves comes to the middle."""
    cells, total = np.arange(SIDE), change_HW.sum() + 1e-9
    middle = (SIDE - 1) / 2
    down, across = (change_HW.sum(axis) @ cells / total for axis in (1, 0))
    return round(middle - down), round(middle - across)


def resampled(film_THW: Floats, num_times: int) -> Floats:
    """Return a film of so many pictures, interpolated."""
    places = np.linspace(0, len(film_THW) - 1, num_times)
    low = places.astype(int)
    weight = (places - low)[:, None, None]
    after = np.minimum(low + 1, len(film_THW) - 1)
    film: Floats = film_THW[low] * (1 - weight) + film_THW[after] * weight
    return film


def _halved(film_THW: Floats) -> Floats:
    half: Floats = film_THW.reshape(len(film_THW), SIDE // 2, 2, SIDE // 2, 2).mean((2, 4))
    return half


def _levelled(part: Floats) -> Floats:
    """Return the roots of a part's numbers, scaled to length 1."""
    roots = np.sign(part) * np.sqrt(np.abs(part))
    length = np.linalg.norm(roots)
    levelled: Floats = roots / length if length else roots
    return levelled
