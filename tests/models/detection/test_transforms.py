"""Boxes stay where their person is, whatever becomes of the picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.clips.transforms import Augmentation, Cut
from models.detection.transforms import cut_with_a_box, in_pixels, moved, seen

HEIGHT, WIDTH = 60, 100


def drawn(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    frames = np.zeros((2, HEIGHT, WIDTH, 3), np.uint8)
    frames[:, y1:y2, x1:x2] = 255
    return frames


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_box_moves_as_what_is_drawn_in_it(data: st.DataObject) -> None:
    x1, y1 = data.draw(st.integers(0, WIDTH - 10)), data.draw(st.integers(0, HEIGHT - 10))
    x2, y2 = data.draw(st.integers(x1 + 8, WIDTH)), data.draw(st.integers(y1 + 8, HEIGHT))
    side = data.draw(st.integers(20, HEIGHT))
    cut = Cut(
        top=data.draw(st.integers(0, HEIGHT - side)),
        left=data.draw(st.integers(0, WIDTH - side)),
        side=side,
        is_mirrored=data.draw(st.booleans()),
    )
    shares = np.array([[x1 / WIDTH, y1 / HEIGHT, x2 / WIDTH, y2 / HEIGHT]])
    box = moved(in_pixels(shares, HEIGHT, WIDTH), cut, side)
    picture = cut.of(drawn(x1, y1, x2, y2), side).numpy()[1, :, :, 0]
    rows, columns = np.nonzero(picture.any(axis=1))[0], np.nonzero(picture.any(axis=0))[0]
    if not len(rows):
        assert not seen(box).any()
        return
    found = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    np.testing.assert_allclose(box[0], found, atol=1e-6)


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_a_box_grows_with_its_cut(is_mirrored) -> None:
    cut = Cut(top=10, left=20, side=30, is_mirrored=is_mirrored)
    box = moved(np.array([[26.0, 16.0, 38.0, 28.0]]), cut, 60)
    across = [24.0, 48.0] if is_mirrored else [12.0, 36.0]
    np.testing.assert_allclose(box, [[across[0], 12.0, across[1], 36.0]])
    picture = cut.of(drawn(26, 16, 38, 28), 60).numpy()[0, :, :, 0] > 127
    columns = np.nonzero(picture.any(axis=0))[0]
    assert [columns[0], columns[-1] + 1] == across


def test_boxes_are_cut_to_the_picture_and_those_without_an_area_are_not_seen() -> None:
    boxes = in_pixels(np.array([[-0.2, 0.5, 0.3, 1.4], [0.5, 0.5, 0.5, 0.9]]), HEIGHT, WIDTH)
    assert boxes.tolist() == [[0.0, 30.0, 30.0, 60.0], [50.0, 30.0, 50.0, 54.0]]
    assert seen(boxes).tolist() == [True, False]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, WIDTH - 4), st.integers(0, HEIGHT - 4))
def test_every_cut_for_learning_shows_somebody(seed, x, y) -> None:
    augmentation = Augmentation(short_sides=(64, 200), crop_size=32, flip_probability=0.5)
    box = np.array([[x, y, x + 4, y + 4]], np.float64)
    cut = cut_with_a_box(
        box, (HEIGHT, WIDTH), augmentation, flip=True, random=np.random.default_rng(seed)
    )
    assert seen(moved(box, cut, 32)).any()
    assert 0 <= cut.top <= HEIGHT - cut.side and 0 <= cut.left <= WIDTH - cut.side
