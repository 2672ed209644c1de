"""How clips move, in numbers and words."""

import numpy as np

from kinetics_builder.video.likeness.fingerprint import Fingerprint
from kinetics_builder.video.likeness.motion_numbers import motion_numbers
from kinetics_builder.video.likeness.motion_words import MotionWords


def moving(row: int, *, length: int = 40, backwards: bool = False) -> Fingerprint:
    """Return the fingerprint of a bar that goes from left to right."""
    film = np.full((length, 16, 16), 90, np.uint8)
    for time in range(length):
        place = round(15 * time / (length - 1))
        film[time, row : row + 4, place] = 220
    if backwards:
        film = film[::-1]
    stills, colours = np.zeros((1, 32, 32), np.uint8), np.zeros((4, 4, 3), np.uint8)
    return Fingerprint(film, stills, np.zeros((32, 32), np.uint8), colours)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other) / (np.linalg.norm(one) + 1e-9))


def test_equal_clips_have_equal_numbers_and_words() -> None:
    words = MotionWords.learnt_from([moving(2), moving(8)])
    again = MotionWords.learnt_from([moving(2), moving(8)])
    assert (words.told(moving(2)) == again.told(moving(2))).all()
    assert (motion_numbers(moving(2)) == motion_numbers(moving(2))).all()


def test_the_number_of_numbers_does_not_depend_on_the_length() -> None:
    words = MotionWords.learnt_from([moving(2)])
    for length in (1, 7, 300):
        print_ = moving(2, length=max(2, length))
        assert motion_numbers(print_).shape == (1241,)
        assert words.told(print_).shape == words.told(moving(2)).shape


def test_the_way_counts_more_than_the_place() -> None:
    words = MotionWords.learnt_from([moving(2), moving(8), moving(2, backwards=True)])
    for told in (motion_numbers, words.told):
        one, elsewhere, back = (
            told(print_) for print_ in (moving(3), moving(7), moving(3, backwards=True))
        )
        assert apart(one, elsewhere) < apart(one, back)


def test_a_clip_in_which_nothing_moves_has_numbers_too() -> None:
    still = Fingerprint(
        np.full((16, 16, 16), 7, np.uint8),
        np.zeros((1, 32, 32), np.uint8),
        np.zeros((32, 32), np.uint8),
        np.zeros((4, 4, 3), np.uint8),
    )
    assert np.isfinite(motion_numbers(still)).all()
    assert np.isfinite(MotionWords.learnt_from([still]).told(still)).all()
