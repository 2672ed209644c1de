from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.video.likeness import similarity as judging
from kinetics_builder.video.likeness.fingerprint import Fingerprint, fingerprint_of
from kinetics_builder.video.likeness.pictures import Parts, pictures_alike
from kinetics_builder.video.likeness.placings import (
    distances,
    may_be_crops,
    none_cropped,
    overlays,
    turned_round,
)
from kinetics_builder.video.likeness.registration import fit
from kinetics_builder.video.likeness.shifts import best_shifts
from kinetics_builder.video.likeness.similarity import compare_all


def scene(seed: int, num_bins: int) -> np.ndarray:
    """Return a wall of soft patches before which something goes its way."""
    rng = np.random.default_rng(seed)
    patches = np.kron(rng.uniform(60, 160, (6, 6)), np.ones((12, 12)))
    film = np.repeat(patches[None, :64, :64], num_bins, axis=0)
    ways = 24 + np.cumsum(rng.normal(0, 2, (num_bins, 2)), axis=0)
    for picture, (top, left) in zip(film, np.clip(ways, 0, 44).astype(int), strict=True):
        picture[top : top + 20, left : left + 12] = 230
    return film.astype(np.float32)


@cache
def films() -> list[Fingerprint]:
    """Return clips and copies of them: cropped, begun later, captioned, longer, grey, older."""
    films = []
    colours = np.random.default_rng(0).uniform(0, 255, (64, 64, 3)).astype(np.float32)
    for seed in range(3):
        film = scene(seed, 96)
        cropped = np.kron(film[4:60, :56, :56], np.ones((1, 8, 8))).reshape(56, 64, 7, 64, 7)
        captioned = film[:64].copy()
        captioned[:, 50:58, 4:40] = 250
        made = film[:64], cropped.mean((2, 4), dtype=np.float32), captioned, film, film[20:52]
        films += [fingerprint_of(one, colours) for one in made]
    films.append(fingerprint_of(scene(0, 64), np.full((64, 64, 3), 128, np.float32)))
    films.append(films[0].coarser())
    films.append(films[0].stretch(0, 1))
    return films


def one_by_one(pairs: list) -> np.ndarray:
    return np.array([judging.compare_all([pair])[0] for pair in pairs])


pairs = st.tuples(st.integers(0, 17), st.integers(0, 17), st.booleans())


@settings(max_examples=12, deadline=None)
@given(st.lists(pairs, max_size=10), st.integers(1, 14))
def test_many_pairs_are_as_alike_as_each_alone_in_whatever_order(numbers, at_once: int) -> None:
    many = [(films()[one], films()[other], is_mirrored) for one, other, is_mirrored in numbers]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "_AT_ONCE", at_once)
        found = compare_all(many)
    assert np.allclose(np.array(found).reshape(-1, 3), one_by_one(many).reshape(-1, 3), atol=2e-4)
    back = compare_all([(other, one, turned) for one, other, turned in many][::-1])[::-1]
    assert np.allclose([one[0] for one in back], [one[0] for one in found], atol=2e-4)
    is_itself = [one == other for one, other, _ in numbers]
    shifts = [(one[1], other[1]) for one, other in zip(found, back, strict=True)]
    assert all(
        own or forth == -later for own, (forth, later) in zip(is_itself, shifts, strict=True)
    )


def test_of_many_pairs_copies_alone_are_alike() -> None:
    copies = [(films()[seed * 5], films()[seed * 5 + copy]) for seed in range(3) for copy in (1, 2)]
    others = [(films()[seed * 5], films()[(seed * 5 + 6) % 15]) for seed in range(3)]
    found = compare_all([(*pair, False) for pair in (*copies, *others)])
    assert min(found[:6]).similarity >= 0.83
    assert max(found[6:]).similarity < 0.5
    assert compare_all([]) == []


def test_what_both_show_lies_on_the_other_as_a_placing_says() -> None:
    ramp = np.tile(np.arange(32, dtype=np.float32), (32, 1))
    placings = np.array([[1, 0, 1, 0], [0.9, 0, 0.8, 0.1], [1, 0.14, 1, -0.1]])
    shown = overlays(placings, 32).of_ones(np.stack([ramp] * 3)[:, None])[:, 0]
    middles = (np.arange(32) + 0.5) / 32 - 0.5
    for (_, _, scale, shift), picture in zip(placings, shown, strict=True):
        expected = np.clip((middles * scale + 0.5 + shift) * 32 - 0.5, 0, 31)
        assert np.allclose(picture, expected, atol=1e-3)
    assert overlays(placings, 32).within_PHW.mean((1, 2)).tolist() == pytest.approx(
        [1, 30 / 32, 27 / 32 * 28 / 32], abs=0.07
    )
    assert np.allclose(turned_round(turned_round(placings)), placings)


@pytest.mark.parametrize(
    ("placing", "is_crop", "distance"),
    [
        pytest.param((1, 0, 1, 0), True, 0, id="nothing was cropped"),
        pytest.param((0.85, 0.05, 0.9, 0), True, 0.15, id="the other is a crop"),
        pytest.param((1.1, 0.02, 1.2, 0), True, 0.2, id="the one is a crop"),
        pytest.param((0.9, 0, 1.1, 0), False, 0.1, id="each is wider than the other"),
        pytest.param((0.9, 0.1, 0.9, 0), False, 0.2, id="it lies outside"),
        pytest.param((0.7, 0, 1, 0), False, 0.3, id="too little is left"),
    ],
)
def test_crops_are_told_from_what_lies_otherwise(placing, is_crop, distance) -> None:
    placings = np.array([placing, (1, 0, 1, 0)])
    assert may_be_crops(placings).tolist() == [is_crop, True]
    assert distances(placings) == pytest.approx([distance, 0])


def test_pictures_that_fit_are_laid_on_each_other_each_at_its_own_place() -> None:
    rng, waves = np.random.default_rng(3), np.cos(np.outer(np.arange(5), np.linspace(0, 3, 32)))
    views = (waves.T @ rng.normal(0, 30, (4, 1, 5, 5)) @ waves).astype(np.float32)
    wanted = np.array([[0.96, 0.02, 0.92, 0.0], [1, 0, 1, 0], [0.95, -0.02, 1, 0], [0.9, 0, 1, 0]])
    others = overlays(wanted, 32).of_ones(views)
    found = fit(views, 1.2 * others + 10, none_cropped(4))
    assert np.allclose(found, wanted, atol=0.01)


def test_what_is_outside_of_the_common_part_says_nothing() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.uniform(0, 255, (2, 6, 2, 256)).astype(np.float32)
    within = rng.random((6, 16, 16)) < rng.uniform(0.1, 1, (6, 1, 1))
    found = pictures_alike(one, other, Parts(within))
    for at, mask in enumerate(within.reshape(6, -1)):
        alone = pictures_alike(
            one[at : at + 1, :, mask],
            other[at : at + 1, :, mask],
            Parts(np.ones((1, 1, mask.sum()), np.bool_)),
        )
        assert np.allclose(found[at], alone[0], atol=1e-5)


def test_shifts_near_to_some_are_the_best_ones_if_those_lie_there() -> None:
    rng = np.random.default_rng(1)
    long = rng.normal(0, 20, (5, 90, 40)).cumsum(1).astype(np.float32)
    later = [0, 3, 9, 14, 20]
    ones, others = (
        np.stack([f[k : k + 60] for f, k in zip(long, ks, strict=True)]) for ks in ([0] * 5, later)
    )
    cells = np.full(5, 40.0, np.float32)
    everywhere = best_shifts(ones, others, cells)
    near = best_shifts(ones, others, cells, near_P=-np.array(later) + [0, 2, -3, 1, -1.0])
    assert everywhere.shifts_P.tolist() == near.shifts_P.tolist() == [-k for k in later]
    assert np.allclose(everywhere.fits_P, near.fits_P, atol=1e-5)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 17), min_size=2, max_size=2, unique=True))
def test_whichever_of_two_is_mirrored_they_are_as_alike(numbers: list[int]) -> None:
    a, b = (films()[number] for number in numbers)
    forth, back = judging.compare_mirrored(a, b), judging.compare_mirrored(b, a)
    assert back == forth._replace(shift_seconds=-forth.shift_seconds)
