"""Small films of pictures that were drawn."""

import io

import av
import numpy as np
import pytest

from kinetics_builder.video.cutting.drawn_film import drawn_film


def gradient(num: int, height: int, width: int) -> np.ndarray:
    pictures = np.zeros((num, height, width, 3), np.uint8)
    pictures[..., 0] = np.linspace(0, 255, width).astype(np.uint8)
    pictures[..., 1] = np.linspace(40, 200, num).astype(np.uint8)[:, None, None]
    return pictures


def test_a_film_shows_the_pictures_that_went_in() -> None:
    pictures = gradient(6, 33, 47)
    with av.open(io.BytesIO(drawn_film(pictures, 12, crf=10))) as container:
        stream = container.streams.video[0]
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert stream.average_rate == 12
    assert len(shown) == 6 and shown[0].shape == (34, 48, 3)
    apart = np.abs(np.stack(shown)[:, :33, :47].astype(int) - pictures)
    assert apart.mean() < 4


def test_equal_pictures_give_equal_bytes() -> None:
    pictures = gradient(4, 32, 32)
    assert drawn_film(pictures, 8.0) == drawn_film(pictures.copy(), 8.0)


def test_a_film_needs_a_picture() -> None:
    with pytest.raises(ValueError, match="needs a picture"):
        drawn_film(gradient(0, 8, 8), 8.0)
