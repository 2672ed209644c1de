"""Whose box is whose: properties that hold for any boxes, and what people say."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.ava.boxes import Found, clipped, overlap, strongest
from kinetics_builder.ava.link_edits import Edit, edits_that_hold
from kinetics_builder.ava.linking import likeness, track_boxes
from kinetics_builder.ava.looks import LENGTH, likeness_of, look_of
from kinetics_builder.ava.settings import LinkConfig
from kinetics_builder.ava.tracks import Sighting, number_persons
from kinetics_builder.formats.boxes.pixels import Corners

PLAIN = LinkConfig(min_likeness=0.35)


def ids(tracks) -> list[list[int]]:
    return [[box.id for box in track] for track in tracks]


def box(number: int, frame: int, left: float, shot: int = 0, **more) -> Sighting:
    return Sighting(number, frame, shot, Corners(left, 0.2, left + 0.2, 0.8), **more)


@st.composite
def films(draw) -> list[Sighting]:
    """Return boxes of a film: some walk, some are noise, shots change."""
    cuts = sorted(draw(st.sets(st.integers(1, 9), max_size=2)))
    sightings = []
    for frame in range(10):
        shot = sum(frame >= cut for cut in cuts)
        for _ in range(draw(st.integers(0, 4))):
            left, top = draw(st.integers(0, 7)) / 10, draw(st.integers(0, 5)) / 10
            look = bytes(draw(st.sampled_from([0, 90, 255])) for _ in range(4))
            corners = Corners(left, top, left + 0.25, top + 0.4)
            sightings.append(Sighting(len(sightings), frame, shot, corners, look))
    return sightings


@st.composite
def edited_films(draw) -> tuple[list[Sighting], list[Edit]]:
    boxes = draw(films())
    if len(boxes) < 2:
        return boxes, []
    pairs = st.tuples(st.sampled_from(boxes), st.sampled_from(boxes), st.booleans())
    edits = [Edit(a.id, b.id, same) for a, b, same in draw(st.lists(pairs, max_size=6)) if a != b]
    return boxes, edits


@given(edited_films(), st.integers(0, 3), st.randoms())
def test_every_box_is_in_one_track_whose_key_frames_differ(film, gap, shuffler) -> None:
    boxes, edits = film
    config = LinkConfig(max_gap=gap)
    tracks = track_boxes(boxes, config, edits)
    assert sorted(number for track in ids(tracks) for number in track) == [b.id for b in boxes]
    for track in tracks:
        frames = [b.frame for b in track]
        assert frames == sorted(set(frames))
    shuffled = list(boxes)
    shuffler.shuffle(shuffled)
    assert ids(track_boxes(shuffled, config, edits)) == ids(tracks)


@given(films(), st.integers(0, 3))
def test_machine_links_cross_no_shot_and_no_longer_gap_and_are_alike(boxes, gap) -> None:
    config = LinkConfig(max_gap=gap)
    for track in track_boxes(boxes, config):
        assert len({b.shot for b in track}) == 1
        for one, other in pairwise(track):
            assert other.frame - one.frame <= gap + 1
            assert likeness(one, other, config) >= config.min_likeness - 1e-9


@given(edited_films())
def test_the_last_edit_holds(film) -> None:
    boxes, edits = film
    by_id = {b.id: b for b in boxes}
    for count in range(1, len(edits) + 1):
        last = edits[count - 1]
        is_possible = by_id[last.one].frame != by_id[last.other].frame
        tracks = track_boxes(boxes, PLAIN, edits[:count])
        together = any({last.one, last.other} <= set(track) for track in ids(tracks))
        assert together == (last.is_same and is_possible)


@given(edited_films(), st.randoms())
def test_numbers_are_each_persons_own_and_stay(film, shuffler) -> None:
    boxes, edits = film
    tracks = track_boxes(boxes, PLAIN)
    numbers = number_persons(tracks, {})
    assert numbers == list(range(len(tracks)))
    before = {b.id: n for track, n in zip(tracks, numbers, strict=True) for b in track}
    assert number_persons(tracks, before) == numbers
    edited = track_boxes(boxes, PLAIN, edits)
    after = number_persons(edited, before)
    assert len(set(after)) == len(after)
    for track, number in zip(edited, after, strict=True):
        if number in numbers:
            assert number in {before[b.id] for b in track}
        old = [t for t in tracks if {b.id for b in t} == {b.id for b in track}]
        if old:
            assert number == before[track[0].id]


def test_two_people_who_pass_each_other_keep_their_looks() -> None:
    red, blue = bytes([255, 0]), bytes([0, 255])
    boxes = []
    for frame in range(7):
        boxes.append(box(2 * frame, frame, 0.1 + 0.05 * frame, look=red))
        boxes.append(box(2 * frame + 1, frame, 0.4 - 0.05 * frame, look=blue))
    tracks = track_boxes(boxes, PLAIN)
    assert ids(tracks) == [list(range(0, 14, 2)), list(range(1, 14, 2))]
    places_alone = LinkConfig(overlap_weight=1.0)
    assert ids(track_boxes(boxes, places_alone)) != ids(tracks)


def test_the_best_pairs_together_win_and_not_the_best_first() -> None:
    """1 is most like 2, but then 0 and 3, who is like nobody else, would go without."""
    boxes = [box(0, 0, 0.30), box(1, 0, 0.18), box(2, 1, 0.22), box(3, 1, 0.08)]
    assert overlap(boxes[1].corners, boxes[2].corners) > overlap(boxes[0].corners, boxes[2].corners)
    assert ids(track_boxes(boxes, LinkConfig(min_likeness=0.3))) == [[1, 3], [0, 2]]


def test_what_is_too_little_for_a_link_is_in_no_ones_way() -> None:
    boxes = [box(0, 0, 0.30), box(1, 0, 0.12), box(2, 1, 0.23), box(3, 1, 0.42)]
    config = LinkConfig(min_likeness=0.45)
    assert overlap(boxes[0].corners, boxes[2].corners) > 0.45
    assert ids(track_boxes(boxes, config)) == [[1], [0, 2], [3]]


@pytest.mark.parametrize(
    ("gap", "found"),
    [(0, [[0], [1, 2]]), (1, [[0], [1, 2]]), (2, [[0, 1, 2]]), (5, [[0, 1, 2]])],
)
def test_gaps_are_bridged_as_far_as_asked(gap: int, found) -> None:
    boxes = [box(0, 0, 0.3), box(1, 3, 0.3), box(2, 4, 0.3)]
    assert ids(track_boxes(boxes, LinkConfig(max_gap=gap))) == found


def test_a_shot_ends_every_track_and_people_may_say_otherwise() -> None:
    boxes = [box(0, 0, 0.3), box(1, 1, 0.3, shot=1), box(2, 2, 0.3, shot=1)]
    assert ids(track_boxes(boxes, PLAIN)) == [[0], [1, 2]]
    assert ids(track_boxes(boxes, PLAIN, [Edit(0, 2, True)])) == [[0, 1, 2]]


def test_a_broken_match_gives_way_to_the_next_best() -> None:
    boxes = [box(0, 0, 0.30), box(1, 1, 0.30), box(2, 1, 0.36)]
    assert ids(track_boxes(boxes, PLAIN)) == [[0, 1], [2]]
    assert ids(track_boxes(boxes, PLAIN, [Edit(1, 0, False)])) == [[0, 2], [1]]


def test_joining_tracks_that_meet_ends_one_and_begins_the_other() -> None:
    """0 to 3 stand left, 10 to 13 right; somebody says that 1 goes on as 12."""
    boxes = [box(frame, frame, 0.1) for frame in range(4)]
    boxes += [box(10 + frame, frame, 0.6) for frame in range(4)]
    joined = track_boxes(boxes, PLAIN, [Edit(1, 12, True)])
    assert ids(joined) == [[0, 1, 12, 13], [10, 11], [2, 3]]
    back = track_boxes(boxes, PLAIN, [Edit(1, 12, True), Edit(12, 1, False), Edit(1, 2, True)])
    assert [0, 1, 2, 3] in ids(back)


def test_numbers_of_a_file_link_within_a_shot() -> None:
    boxes = [box(0, 0, 0.1, given=7), box(1, 4, 0.7, given=7), box(2, 5, 0.1, shot=1, given=7)]
    boxes.append(box(3, 4, 0.1, given=8))
    assert ids(track_boxes(boxes, PLAIN)) == [[0, 1], [3], [2]]


def test_a_person_keeps_the_number_that_most_boxes_had() -> None:
    boxes = [box(frame, frame, 0.1) for frame in range(5)]
    before = {0: 4, 1: 4, 2: 2, 3: 4, 9: 11}
    assert number_persons([boxes], before) == [4]
    assert number_persons([boxes[:2], boxes[2:]], before) == [4, 2]
    assert number_persons([boxes[:1], boxes[4:]], before) == [4, 12]


def picture(colour, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    picture = rng.integers(90, 150, (120, 160, 3)).astype(np.uint8)
    picture[20:110, 40:90] = np.clip(rng.normal(colour, 12, (90, 50, 3)), 0, 255)
    return picture


def test_looks_tell_clothes_apart_at_any_size() -> None:
    corners, red, blue = Corners(0.25, 0.16, 0.56, 0.92), (230, 20, 20), (20, 20, 230)
    one = look_of(picture(red, 1), corners)
    again = look_of(np.kron(picture(red, 2), np.ones((2, 2, 1), dtype=np.uint8)), corners)
    other = look_of(picture(blue, 3), corners)
    assert len(one) == LENGTH
    assert likeness_of(one, again) > 0.9 > 0.5 > likeness_of(one, other)
    assert likeness_of(one, one) == pytest.approx(1)


def test_a_look_is_measured_in_the_smallest_box() -> None:
    tiny = Corners(0.999, 0.9995, 1.0, 1.0)
    assert len(look_of(picture((9, 9, 9), 1), tiny)) == LENGTH


shares = st.floats(-0.2, 1.2)


@given(st.lists(st.tuples(shares, shares, shares, shares, st.floats(0, 1)), max_size=12))
@settings(max_examples=50)
def test_the_strongest_boxes_overlap_little_and_hide_none_without_cause(values) -> None:
    found = [Found(c, s) for *place, s in values if (c := clipped(place)) is not None]
    kept = strongest(found, 0.5)
    for place, one in enumerate(kept):
        assert all(overlap(one.corners, other.corners) <= 0.5 for other in kept[:place])
    for one in found:
        assert any(
            overlap(one.corners, k.corners) > 0.5 and k.score >= one.score for k in kept
        ) or (one in kept)
    assert strongest(random.Random(1).sample(found, len(found)), 0.5) == kept


def test_what_is_said_again_of_a_pair_counts_as_said_then() -> None:
    boxes = [box(n, frame, 0.1) for n, frame in enumerate((7, 8, 8, 9, 9))]
    edits = [Edit(0, 3, is_same=False), Edit(0, 4, is_same=True), Edit(0, 3, is_same=True)]
    tracks = ids(track_boxes(boxes, PLAIN, edits))
    assert any({0, 3} <= set(track) for track in tracks)
    assert not any({0, 4} <= set(track) for track in tracks)


@given(edited_films())
def test_all_edits_hold_that_hold_together(film) -> None:
    boxes, edits = film
    held, _ = edits_that_hold(edits, {b.id: b.frame for b in boxes})
    tracks = ids(track_boxes(boxes, PLAIN, edits))
    for edit in held:
        together = any({edit.one, edit.other} <= set(track) for track in tracks)
        assert together == edit.is_same
