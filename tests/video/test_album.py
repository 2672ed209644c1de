"""What larger pictures tell: drawn here, each with a known answer."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from kinetics_builder.config import FiltersConfig
from kinetics_builder.video.finding.album import MOST, Album
from kinetics_builder.video.finding.lettering import writing_share
from kinetics_builder.video.finding.overlays import overlay_share
from kinetics_builder.video.finding.screens import EVEN, FEW, SHARP, drawn_by_computer

HEIGHT, WIDTH = 240, 320
USUAL = FiltersConfig()
Paint = Callable[[np.ndarray], None]


def ground(seed: int) -> np.ndarray:
    """A soft texture, as of leaves."""
    noise = np.random.default_rng(seed).integers(0, 256, (HEIGHT * 2, WIDTH * 2, 3))
    soft = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 4)
    return np.clip((soft - 127) * 6 + 127, 0, 255).astype(np.uint8)


def moving(number: int) -> np.ndarray:
    """What a camera that moves sees: another part of a large picture each time."""
    across, down = 37 * number % WIDTH, 23 * number % HEIGHT
    return ground(3)[down : down + HEIGHT, across : across + WIDTH].copy()


def fixed(number: int) -> np.ndarray:
    """What a camera that stands sees: something large walks before a wall with edges."""
    wall = ground(4)[:HEIGHT, :WIDTH].copy()
    left = 20 * number % (WIDTH - 60)
    wall[60:, left : left + 60] = ground(100 + number)[60:HEIGHT, :60]
    return wall


def logo(picture: np.ndarray) -> None:
    cv2.putText(picture, "TV7", (236, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (250, 250, 250), 3)


def title(picture: np.ndarray) -> None:
    for row, text in enumerate(("HOW TO SWIM", "LESSON THREE")):
        where = (20, 100 + 60 * row)
        cv2.putText(picture, text, where, cv2.FONT_HERSHEY_SIMPLEX, 1.1, (255, 255, 255), 4)


def bars(picture: np.ndarray) -> None:
    picture[:30] = picture[-30:] = 0


def nothing(picture: np.ndarray) -> None:
    pass


def seen(pictures: list[np.ndarray], step: float = 0.5) -> dict[str, float]:
    album = Album()
    for number, picture in enumerate(pictures):
        album.take(number * step, VideoFrame.from_ndarray(picture, format="rgb24"))
    return album.scores()


def film(of: Callable[[int], np.ndarray], paint: Paint, count: int = 16) -> list[np.ndarray]:
    pictures = [of(number) for number in range(count)]
    for picture in pictures:
        paint(picture)
    return pictures


def screen(number: int) -> np.ndarray:
    """A window with a list, in which one line is marked after another."""
    picture = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
    picture[:20], picture[:, :70] = (40, 60, 90), (225, 228, 232)
    for line in range(9):
        top = 40 + 22 * line
        if line == number % 9:
            picture[top - 15 : top + 6, 72:] = (180, 210, 250)
        cv2.putText(picture, f"file {line}", (80, top), cv2.FONT_HERSHEY_PLAIN, 0.9, (20, 20, 20))
        cv2.putText(picture, "menu", (10, top), cv2.FONT_HERSHEY_PLAIN, 0.9, (60, 60, 60))
    return picture


def test_what_a_camera_films_is_nothing_of_it() -> None:
    found = seen(film(moving, nothing))
    assert found["screen"] < 0.1 and found["overlay"] == 0 and found["text"] < 0.005


def test_a_logo_over_moving_pictures_is_found_with_its_share() -> None:
    share = seen(film(moving, logo))["overlay"]
    assert USUAL.overlay < share < 0.05


def test_a_logo_that_lets_the_picture_through_is_found() -> None:
    def ghost(picture: np.ndarray) -> None:
        over = picture.copy()
        logo(over)
        picture[:] = cv2.addWeighted(picture, 0.4, over, 0.6, 0)

    assert seen(film(moving, ghost))["overlay"] > USUAL.overlay


def test_what_a_fixed_camera_shows_is_not_taken_for_an_overlay() -> None:
    assert "overlay" not in seen(film(fixed, nothing))


def test_bars_beside_the_picture_are_no_overlay() -> None:
    assert seen(film(moving, bars)).get("overlay", 0.0) == 0


def test_light_that_changes_makes_nothing_an_overlay() -> None:
    lit = [fixed(0) * (0.5 + 0.03 * n) for n in range(16)]
    assert "overlay" not in seen([picture.astype(np.uint8) for picture in lit])


def test_too_few_pictures_tell_nothing_of_what_stays() -> None:
    assert overlay_share(np.stack([moving(n)[..., 0].astype(np.float32) for n in range(4)])) is None


def test_a_title_is_large_writing_and_takes_its_share() -> None:
    assert 0.1 < seen(film(moving, title))["text"] < 0.4


@pytest.mark.parametrize("colours", [(10, 240), (240, 10)])
def test_writing_is_found_light_on_dark_and_dark_on_light(colours: tuple[int, int]) -> None:
    picture = np.full((HEIGHT, WIDTH), colours[0], np.uint8)
    where = 10, 120
    cv2.putText(picture, "read me now", where, cv2.FONT_HERSHEY_SIMPLEX, 1.2, colours[1:], 3)
    assert 0.05 < writing_share(picture) < 0.25


def test_a_row_of_posts_of_all_heights_is_no_writing() -> None:
    picture = np.full((HEIGHT, WIDTH), 200, np.uint8)
    for number in range(12):
        height = (20, 60, 35)[number % 3]
        picture[200 - height + 9 * (number % 4) : 200, 10 + 25 * number : 18 + 25 * number] = 30
    assert writing_share(picture) == 0


def test_a_recorded_screen_is_one() -> None:
    assert seen(film(screen, nothing))["screen"] > USUAL.screen


def test_a_cartoon_of_flat_colours_that_moves_is_no_screen() -> None:
    def drawn(number: int) -> np.ndarray:
        picture = np.full((HEIGHT, WIDTH, 3), (90, 180, 240), np.uint8)
        where = 30 + 17 * number % 250, 120
        cv2.circle(picture, where, 60, (240, 200, 40), -1)
        return cv2.GaussianBlur(picture, (0, 0), 1.5)

    assert seen(film(drawn, nothing))["screen"] < 0.25


@pytest.mark.long
def test_a_long_video_keeps_few_pictures_and_the_same_answer() -> None:
    album = Album()
    for number in range(600):
        picture = moving(number)
        logo(picture)
        album.take(number * 0.5, VideoFrame.from_ndarray(picture, format="rgb24"))
    assert len(album._kept) <= MOST
    assert USUAL.overlay < album.scores()["overlay"] < 0.05


def test_pictures_may_come_in_any_order() -> None:
    pictures = film(moving, logo)
    album = Album()
    for number in [*range(8, 16), *range(8)]:
        album.take(number * 0.5, VideoFrame.from_ndarray(pictures[number], format="rgb24"))
    assert album.scores()["overlay"] == pytest.approx(seen(pictures)["overlay"])


def test_nothing_seen_tells_nothing() -> None:
    assert Album().scores() == {}


@pytest.mark.parametrize("turned", [0, 1, 2])
@pytest.mark.parametrize("blur", [1, 7])
@pytest.mark.parametrize("most", [3, 40, 256])
def test_signs_of_a_screen_are_those_of_plain_arithmetic(most: int, blur: int, turned: int) -> None:
    noise = np.random.default_rng(most).integers(0, most, (37, 53, 3), np.uint8)
    rgb = np.rot90(cv2.GaussianBlur(noise, (blur, blur), 0), turned)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    lightness = grey.astype(float)
    beside = [np.abs(np.diff(lightness, axis=axis)) for axis in (0, 1)]
    steps = np.maximum(beside[0][:, :-1], beside[1][:-1])
    is_even, is_sharp = steps <= EVEN, steps > SHARP
    edges = is_sharp.mean() / max(1e-6, 1 - is_even.mean())
    _, counts = np.unique((rgb // 16).reshape(-1, 3), axis=0, return_counts=True)
    few = np.sort(counts)[-FEW:].sum() / grey.size
    assert drawn_by_computer(rgb, grey) == pytest.approx(np.sqrt(edges * is_even.mean()) * few)


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1)])
def test_a_picture_of_one_row_is_no_screen(shape: tuple[int, int]) -> None:
    assert drawn_by_computer(np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)) == 0
