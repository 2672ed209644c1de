from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.video.likeness import movements, neighbours, seen
from kinetics_builder.video.likeness.borders import Area, shown_area
from kinetics_builder.video.likeness.fingerprint import Fingerprint, fingerprint, fingerprint_of
from kinetics_builder.video.likeness.looks import looks_of, mirrored, stretches_of
from kinetics_builder.video.likeness.movements import series_of, together
from kinetics_builder.video.likeness.neighbours import Neighbours
from kinetics_builder.video.likeness.seen import Seeing
from kinetics_builder.video.likeness.shifts import shared_stretches
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
    later = one.stretch(12, len(one.film_THW))
    assert compare(one, later).shift_seconds == pytest.approx(-1.5, abs=0.13)
    assert compare(later, one).shift_seconds == pytest.approx(1.5, abs=0.13)
    assert compare(one, later).similarity == compare(later, one).similarity >= 0.83


def test_a_clip_is_looked_for_in_stretches_of_longer_ones_alone() -> None:
    film = RNG.integers(0, 255, (40, 16, 16), dtype=np.uint8)
    one = Fingerprint(film, film[:1], film[0], film[:4, :4, :3]).stretch(0, 40)
    assert stretches_of(one, 40) == stretches_of(one, 30) == []
    assert [len(part.film_THW) for part in stretches_of(one, 16)] == [16] * 4


def test_near_looks_are_found_mirrored_or_not_among_the_first_ones() -> None:
    looks = RNG.normal(size=(300, 128)).astype(np.float32)
    looks[100:200] = looks[:100] + 0.3 * RNG.normal(size=(100, 128))
    looks[200:] = mirrored(looks[:100]) + 0.3 * RNG.normal(size=(100, 128))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    expected = {}
    for query, place in np.argwhere(np.maximum(looks @ looks.T, mirrored(looks) @ looks.T) >= 0.8):
        if place < 250:
            one, other = looks[query], looks[place]
            expected[int(query), int(place)] = one @ other, mirrored(one) @ other
    found = {
        (int(query), int(place)): (straight, turned)
        for query, place, straight, turned in zip(
            *Neighbours(looks).near(looks, 0.8, 250), strict=True
        )
    }
    assert found.keys() == expected.keys() and len(found) > 600
    assert all(found[pair] == pytest.approx(expected[pair], abs=1e-4) for pair in found)


@pytest.mark.parametrize("most_alone", [0.0, 1.0])
@pytest.mark.parametrize("num_directions", [6, 30, 128])
def test_few_directions_hide_no_near_look(monkeypatch, num_directions: int, most_alone) -> None:
    monkeypatch.setattr(neighbours, "_LOOKS_AT_ONCE", 70)
    monkeypatch.setattr(neighbours, "_MOST_ALONE", most_alone)
    rng = np.random.default_rng(num_directions)
    looks = rng.normal(size=(400, num_directions)) @ rng.normal(size=(num_directions, 128))
    looks = (looks + 0.5 * rng.normal(size=(400, 128))).astype(np.float32)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    queries, least = looks[150:250], 0.3
    cosines = np.stack([queries @ looks[:333].T, mirrored(queries) @ looks[:333].T])
    near = Neighbours(looks).near(queries, least, 333)
    places = list(zip(near.query.tolist(), near.place.tolist(), strict=True))
    told = np.abs(cosines.max(0) - least) > 1e-5
    assert {at for at in places if told[at]} == {
        tuple(at) for at in np.argwhere(told & (cosines.max(0) >= least)).tolist()
    }
    assert len(set(places)) == len(places) > 100
    found = np.stack([near.straight, near.mirrored])
    assert np.allclose(found, cosines[:, near.query, near.place], atol=1e-5)


def test_among_nothing_nothing_is_near() -> None:
    empty = np.zeros((0, 128), np.float32)
    for queries in (empty, np.eye(2, 128, dtype=np.float32)):
        assert not any(map(len, Neighbours(empty).near(queries, 0.5, 0)))
    assert list(Seeing(32).seen().pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))) == []


def moving(num_bins: int = 40, seed: int = 0) -> Fingerprint:
    """Return a picture whose cells go up and down, each as it likes."""
    rng = np.random.default_rng(seed)
    series = np.cumsum(rng.normal(0, 6, (num_bins, 8, 8)), axis=0)
    series += rng.normal(0, 30, (8, 8)) - series.mean(0)
    film = np.clip(128 + np.kron(series, np.ones((1, 8, 8))), 0, 255).astype(np.float32)
    return fingerprint_of(film, np.full((64, 64, 3), 128, np.float32))


@pytest.mark.parametrize("later", [0, 7, 20])
def test_movements_go_together_at_the_shift_at_which_both_show_the_same(later: int) -> None:
    one, other = moving(60), moving(60, seed=1)
    pairs = [one.stretch(later, 60), one.mirrored().stretch(later, 60), other, one.stretch(0, 15)]
    found = together(series_of([one] * 4), series_of(pairs))
    assert found.straight[[0, 3]] == pytest.approx([1, 1], abs=0.03)
    assert found.mirrored[1] == pytest.approx(1, abs=0.03)
    assert max(found.straight[2], found.mirrored[2], found.straight[1]) < 0.7
    turned_round = together(series_of(pairs), series_of([one] * 4))
    assert np.allclose(found, turned_round, atol=1e-3)


def test_movements_of_many_pairs_are_as_alike_as_those_of_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    films = [moving(length, seed) for seed, length in enumerate((30, 40, 40, 9, 1, 30, 40))]
    ones, others = series_of(films), series_of(films[::-1])
    each = [np.stack(together([a], [b]))[:, 0] for a, b in zip(ones, others, strict=True)]
    monkeypatch.setattr(movements, "_PRODUCTS_AT_ONCE", 2000)
    assert np.allclose(np.stack(together(ones, others)).T, each, atol=1e-4)


def test_clips_that_look_alike_are_worth_comparing_if_they_move_alike() -> None:
    one, still = moving(), moving(1)
    same_look = Fingerprint(
        one.film_THW[::-1].copy(), one.stills_NHW, one.movement_HW, one.colours_HWC
    )
    clips = [one, same_look, one.mirrored(), one.stretch(8, 40), still, still, one]
    seeing = Seeing(40)
    seeing.add(clips)
    videos = np.array([0, 1, 2, 3, 4, 5, 0])  # the last is of the first one's video
    found = set(seeing.seen().pairs(np.arange(len(clips)), videos))
    assert {(2, 0, True), (3, 0, False), (3, 2, True), (5, 4, False), (6, 2, True)} <= found
    assert not [pair for pair in found if 1 in pair[:2]]
    assert (6, 0) not in {pair[:2] for pair in found}
    later = set(seeing.seen().pairs(np.array([3, 5]), videos))
    assert later == {pair for pair in found if pair.place in (3, 5)}


def test_a_caption_that_changes_the_look_of_a_clip_does_not_hide_it(monkeypatch) -> None:
    series = np.random.default_rng(3).normal(0, 6, (40, 8, 8)).cumsum(0)
    series += np.linspace(-20, 20, 8) - series.mean(0)
    film = np.clip(128 + np.kron(series, np.ones((1, 8, 8))), 0, 255).astype(np.float32)
    captioned = film.copy()
    captioned[:, 50:62, 4:50] = 250
    grey = np.full((64, 64, 3), 128, np.float32)
    one, other = fingerprint_of(film, grey), fingerprint_of(captioned, grey)
    clips = [one, moving(seed=1), moving(seed=2), other, other.mirrored()]
    looks = looks_of([one, other])
    assert looks[0] @ looks[1] < seen.LIKE_LOOKS
    found = {(3, 0, False), (4, 0, True), (4, 3, True)}
    assert pairs_among(clips) == found
    monkeypatch.setattr(seen, "LIKE_MIDDLES", 2.0)
    assert pairs_among(clips) == {(4, 3, True)}


def pairs_among(clips: list[Fingerprint]) -> set:
    seeing = Seeing(40)
    seeing.add(clips)
    return set(seeing.seen().pairs(np.arange(len(clips)), np.arange(len(clips))))


def test_of_many_candidates_the_nearest_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST_EACH", 2)
    one = moving()
    seeing = Seeing(40)
    seeing.add([one.stretch(start, 40) for start in (4, 12, 2, 1, 0)])
    found = list(seeing.seen().pairs(np.arange(5), np.arange(5)))
    assert [pair.earlier for pair in found if pair.place == 4 and not pair.is_mirrored] == [3, 2]


@pytest.mark.parametrize(("num_one", "num_other"), [(1, 1), (8, 8), (9, 5), (4, 30), (300, 260)])
def test_shared_stretches_average_what_two_films_have_in_common(num_one, num_other) -> None:
    one, other = np.arange(num_one) ** 1.5, np.sqrt(np.arange(num_other) + 3)
    shared = shared_stretches(num_one, num_other)
    least = max(1, -(-min(num_one, num_other) // 2))
    assert list(shared.shifts) == [*range(least - num_one, num_other - least + 1)]
    for at, shift in enumerate(shared.shifts):
        pairs = [(i, i + shift) for i in range(num_one) if 0 <= i + shift < num_other]
        mine, theirs = map(list, zip(*pairs, strict=True))
        assert shared.num_S[at] == len(pairs) >= least
        assert shared.of_one_ST[at] @ one == pytest.approx(one[mine].mean(), rel=1e-4)
        assert shared.of_other_ST[at] @ other == pytest.approx(other[theirs].mean(), rel=1e-4)


def test_pairs_of_one_clip_beside_each_other_go_together_as_alone() -> None:
    rng = np.random.default_rng(5)
    clips = [rng.normal(0, 20, (16, length)).cumsum(1) for length in (40, 40, 40, 55, 40)]
    ones = [clips[at] for at in (0, 0, 0, 1, 1, 0, 3, 3)]
    others = [clips[at] for at in (1, 2, 4, 2, 3, 3, 0, 4)]
    each = [np.stack(together([a], [b]))[:, 0] for a, b in zip(ones, others, strict=True)]
    assert np.allclose(np.stack(together(ones, others)).T, each, atol=1e-5)
