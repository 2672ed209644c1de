from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.video.likeness import neighbours
from kinetics_builder.video.likeness.borders import Area, shown_area
from kinetics_builder.video.likeness.fingerprint import Fingerprint, fingerprint
from kinetics_builder.video.likeness.looks import looks_of, mirrored, stretches_of
from kinetics_builder.video.likeness.neighbours import Neighbours
from kinetics_builder.video.likeness.similarity import compare, compare_mirrored

RNG = np.random.default_rng(0)


def noise(rows: int = 64, columns: int = 64) -> np.ndarray:
    return RNG.uniform(40, 220, (8, rows, columns)).astype(np.float32)


def framed(area: Area, level: float = 0.0) -> np.ndarray:
    film = np.full((8, 64, 64), level, np.float32)
    top, bottom, left, right = area
    film[:, top:bottom, left:right] = noise(bottom - top, right - left)
    return film


@pytest.mark.parametrize(
    "area",
    [
        pytest.param(Area(0, 64, 0, 64), id="none"),
        pytest.param(Area(8, 56, 0, 64), id="letterboxed"),
        pytest.param(Area(0, 64, 12, 52), id="pillarboxed"),
        pytest.param(Area(6, 58, 6, 58), id="in a frame"),
    ],
)
@pytest.mark.parametrize("level", [0.0, 250.0])
def test_borders_are_left_out(area: Area, level: float) -> None:
    assert shown_area(framed(area, level)) == area


def test_what_looks_empty_is_no_border() -> None:
    wall = np.full((8, 64, 64), 90.0, np.float32)
    wall[:, 20:60, 24:40] = noise(40, 16)  # somebody before a wall: no straight edge
    bar = framed(Area(8, 64, 0, 64))  # on one side alone
    two = framed(Area(8, 56, 0, 64))
    two[:, 56:] = 200.0  # sky and street: of two colours
    for film in (wall, bar, two):
        assert shown_area(film) == Area(0, 64, 0, 64)


def test_the_look_of_a_mirrored_clip_is_the_mirrored_look(shared: Path) -> None:
    one = fingerprint(shared / "videos" / "actions" / "asl" / "book.mkv")
    looks_ND = looks_of([one, one.mirrored()])
    assert looks_ND.shape == (2, 128) and looks_ND.dtype == np.float32
    assert np.allclose(np.linalg.norm(looks_ND, axis=1), 1, atol=1e-4)
    assert np.allclose(mirrored(looks_ND[:1]), looks_ND[1:], atol=1e-4)
    assert compare_mirrored(one, one.mirrored()).similarity == 1.0
    assert compare_mirrored(one, one.mirrored()).is_mirrored


def test_shifts_are_told_in_seconds_and_turn_with_the_order(shared: Path) -> None:
    one = fingerprint(shared / "videos" / "actions" / "cutting_watermelon_demo.mp4")
    later = one.stretch(6, len(one.film_THW))
    assert compare(one, later).shift_seconds == pytest.approx(-1.5, abs=0.13)
    assert compare(later, one).shift_seconds == pytest.approx(1.5, abs=0.13)
    assert compare(one, later).similarity == compare(later, one).similarity >= 0.83


def test_a_clip_is_looked_for_in_stretches_of_longer_ones_alone() -> None:
    film = RNG.integers(0, 255, (40, 16, 16), dtype=np.uint8)
    one = Fingerprint(film, film[:1], film[0], film[:4, :4, :3]).stretch(0, 40)
    assert stretches_of(one, 40) == stretches_of(one, 30) == []
    assert [len(part.film_THW) for part in stretches_of(one, 16)] == [16] * 4


def test_many_are_searched_in_cells_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    centres = RNG.normal(size=(3000, 32)).astype(np.float32)
    vectors = np.concatenate([centres, centres + 0.1 * RNG.normal(size=centres.shape)])
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    flat = [set(map(int, near)) for near, _ in Neighbours(vectors).near(vectors[:50], 0.9)]
    assert all({n, n + 3000} <= near for n, near in enumerate(flat))
    monkeypatch.setattr(neighbours, "FEW", 1000)
    monkeypatch.setattr(neighbours, "NUM_CELLS", 64)
    cells = [set(map(int, near)) for near, _ in Neighbours(vectors).near(vectors[:50], 0.9)]
    assert sum(map(len, cells)) >= 0.98 * sum(map(len, flat))


def test_of_nothing_nothing_is_near() -> None:
    empty = np.zeros((0, 128), np.float32)
    assert list(Neighbours(empty).near(empty, 0.5)) == []
    assert [len(near) for near, _ in Neighbours(empty).near(np.eye(2, 128), 0.5)] == [0, 0]
