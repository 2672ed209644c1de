"""Cuts among pictures a fifth of a second apart are told from what looks like one."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from kinetics_builder.video.finding.cuts import CutFinder, moved_newness, newness

STEP = 0.2
WIDTH, HEIGHT = 144, 108


def scene(seed: int) -> np.ndarray:
    """Return a large picture of coarse texture in colours of its own."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (24, 60, 3), dtype=np.uint8)
    smooth = cv2.resize(coarse, (6 * WIDTH, 3 * HEIGHT), interpolation=cv2.INTER_CUBIC)
    tint = rng.integers(40, 200, 3)
    return (smooth * 0.5 + tint * 0.5).astype(np.uint8)


def shot(seed: int, count: int = 10, step: float = 2.0) -> list[np.ndarray]:
    """Return a window that moves over a scene by `step` pixels a picture."""
    large, top = scene(seed), HEIGHT
    lefts = [round(WIDTH + n * step) for n in range(count)]
    return [large[top : top + HEIGHT, left : left + WIDTH].copy() for left in lefts]


def cuts(pictures: list[np.ndarray]) -> list[int]:
    """Return the numbers of the pictures that begin a shot."""
    finder = CutFinder()
    for number, picture in enumerate(pictures):
        finder.take(number * STEP, picture)
    return [round(cut / STEP) for cut in finder.cuts()]


def with_door(picture: np.ndarray) -> np.ndarray:
    """Return the picture with something large before it."""
    found = picture.copy()
    found[:, 40:115] = (30, 200, 240)
    return found


def with_bars(picture: np.ndarray, share: float) -> np.ndarray:
    """Return the picture between black bars at its sides."""
    found, edge = np.zeros_like(picture), round(WIDTH * share / 2)
    found[:, edge : WIDTH - edge] = picture[:, edge : WIDTH - edge]
    return found


@pytest.mark.parametrize("step", [0.0, 2.0, 6.0])
def test_each_cut_between_shots_is_found(step: float) -> None:
    pictures = [p for seed in range(4) for p in shot(seed, 10, step)]
    assert cuts(pictures) == [10, 20, 30]


@pytest.mark.parametrize("place", [1, 2, 9, 10, 11])
def test_a_cut_near_an_end_is_found(place: int) -> None:
    assert cuts([*shot(1, place), *shot(2, 12 - place)]) == [place]


@pytest.mark.parametrize("share", [0.3, 0.44, 0.68])
def test_bars_hide_no_cut(share: float) -> None:
    pictures = [with_bars(p, share) for p in (*shot(1), *shot(2))]
    assert cuts(pictures) == [10]


def test_what_comes_and_goes_before_the_camera_is_no_cut() -> None:
    pictures = shot(3, 40, 0.5)
    assert cuts([with_door(p) if 10 <= n < 25 else p for n, p in enumerate(pictures)]) == []


@pytest.mark.parametrize("length", [1, 2])
def test_a_flash_is_no_cut(length: int) -> None:
    pictures = shot(4, 20)
    for place in range(9, 9 + length):
        pictures[place] = cv2.addWeighted(
            pictures[place], 0.2, np.full_like(pictures[0], 255), 0.8, 0
        )
    assert cuts(pictures) == []


def test_what_comes_back_after_a_whole_shot_is_two_cuts() -> None:
    one, two = shot(5, 20, 0.0), shot(6, 10, 0.0)
    assert cuts([*one[:8], *two, *one[8:]]) == [8, 18]


def test_a_fade_through_black_ends_in_a_shot() -> None:
    out = [(p * s).astype(np.uint8) for p, s in zip(shot(6, 4), (0.8, 0.5, 0.2, 0.02), strict=True)]
    into = [(p * s).astype(np.uint8) for p, s in zip(shot(7, 4), (0.2, 0.5, 0.8, 1), strict=True)]
    assert cuts([*shot(6), *out, *into, *shot(7)]) == [14]


def test_a_fast_pan_is_no_cut() -> None:
    large = scene(7)
    lefts = [*[0] * 8, *range(60, 600, 60), *[600] * 8]
    assert cuts([large[HEIGHT : 2 * HEIGHT, x : x + WIDTH].copy() for x in lefts]) == []


def test_a_shaking_camera_neither_hides_a_cut_nor_is_one() -> None:
    rng = np.random.default_rng(8)

    def shaken(seed: int) -> list[np.ndarray]:
        large, places = scene(seed), rng.integers(-5, 6, (12, 2))
        return [
            large[HEIGHT + y : 2 * HEIGHT + y, WIDTH + x : 2 * WIDTH + x].copy() for x, y in places
        ]

    assert cuts([*shaken(8), *shaken(9)]) == [12]


def test_pictures_that_are_held_are_compared_once() -> None:
    drawn = [p for p in shot(10, 12, 4.0) for _ in range(2)]
    assert cuts(drawn) == []
    assert cuts([p for p in shot(11, 3, 0.0) for _ in range(9)]) == []


@pytest.mark.parametrize("level", [0, 128, 255])
def test_pictures_without_anything_are_the_same(level: int) -> None:
    blank = np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint8)
    assert newness(blank, blank) == 0.0
    assert cuts([blank] * 12) == []


def test_a_picture_that_moved_is_little_new() -> None:
    for one, two in pairwise(shot(12, 6, 5.0)):
        assert moved_newness(one, two) < newness(one, two) / 2
