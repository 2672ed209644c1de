"""What small pictures tell: drawn here, each with a known answer."""

import numpy as np
import pytest

from kinetics_builder.video.finding.impressions import Impressions


def impressions(pictures, step: float = 0.5) -> dict[str, float]:
    found = Impressions()
    for number, picture in enumerate(pictures):
        found.take(number * step, picture)
    return found.scores()


def filmed(number: int, brightness: float = 1.0) -> np.ndarray:
    """A textured picture of which a small part moves, under grain."""
    rng = np.random.default_rng(number)
    ground = np.random.default_rng(99).integers(0, 255, (48, 64, 3))
    ground[10:20, number % 50 : number % 50 + 8] = 250
    return np.clip((ground + rng.normal(0, 6, ground.shape)) * brightness, 0, 255).astype(np.uint8)


def test_filmed_pictures_are_nothing_of_it() -> None:
    found = impressions([filmed(n) for n in range(40)])
    assert found["still"] == 0 and found["dark"] == 0 and found["cartoon"] < 0.28


@pytest.mark.parametrize("grain", [0, 2])
def test_a_picture_that_is_held_is_a_still_whatever_its_coding_does(grain: int) -> None:
    rng = np.random.default_rng(0)
    noisy = [
        np.clip(filmed(1) + rng.integers(-grain, grain + 1, (48, 64, 3)), 0, 255) for _ in range(20)
    ]
    assert impressions([picture.astype(np.uint8) for picture in noisy])["still"] == 1.0


def test_a_slide_show_is_one_for_most_of_its_time() -> None:
    slides = [filmed(7 * (second // 5)) for second in range(60)]
    assert impressions(slides, step=1.0)["still"] == pytest.approx(48 / 59, abs=1e-3)


def test_what_is_not_seen_is_not_taken_for_a_still() -> None:
    """Key frames of a still lie far apart: what is between was not looked at."""
    assert "still" not in impressions([filmed(1)] * 20, step=5.0)


def test_a_dark_video_is_dark_and_lights_in_the_dark_are_not() -> None:
    assert impressions([filmed(n, 0.1) for n in range(20)])["dark"] > 0.6
    lights = np.full((48, 64, 3), 10, np.uint8)
    lights[::8, ::8] = 220
    assert impressions([lights] * 20)["dark"] == 0


def test_bright_areas_without_texture_are_drawn() -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :32], picture[:, 32:] = (250, 20, 20), (20, 240, 30)
    assert impressions([picture] * 10)["cartoon"] > 0.9


def test_nothing_seen_tells_nothing() -> None:
    assert impressions([]) == {}
