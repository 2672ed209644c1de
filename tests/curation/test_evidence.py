"""What speaks for classes being one, or two."""

import numpy as np
import pytest

from kinetics_builder.curation.evidence import (
    Finding,
    crossed,
    neighbours,
    overlaps,
    rank_pairs,
    shared,
)
from kinetics_builder.curation.parts import two_parts


def test_pairs_are_ranked_by_all_kinds_together() -> None:
    found = rank_pairs(
        {
            "titles": {("a", "b"): Finding(0.5, "t"), ("c", "d"): Finding(0.5, "t")},
            "named": {("a", "b"): Finding(0.5, "n"), ("e", "f"): Finding(0.0, "nothing")},
        }
    )
    assert [(one.one, one.other) for one in found] == [("a", "b"), ("c", "d")]
    assert found[0].suspicion == pytest.approx(1 - 0.55 * 0.8)
    assert list(found[0].findings) == ["named", "titles"]


def test_what_two_classes_share_stands_beside_the_smaller() -> None:
    found = shared({"b": "xyz", "a": "x", "c": "q"}, "letters")
    assert found == {("a", "b"): Finding(1.0, "1 of 1 letters")}


def test_what_is_taken_for_another_counts_both_ways_and_strangers_do_not() -> None:
    given = [("a", "b"), ("b", "a"), ("a", "a"), ("a", "stranger")]
    assert crossed(given, {"a": 3, "b": 1}, "called") == {("a", "b"): Finding(0.5, "2 of 4 called")}


def test_classes_overlap_where_a_classifier_is_sure_of_the_other() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    scores = np.full((8, 3), 0.05)
    scores[np.arange(8), labels] = 0.9
    scores[0] = [0.05, 0.95, 0.0]
    scores[1] = [0.5, 0.4, 0.1]
    found = overlaps(scores, labels, ["a", "b", "c"])
    assert found == {("a", "b"): Finding(1 / 6, "1 of 6 clips surely the other")}


def test_neighbours_of_other_videos_tell_which_classes_look_alike() -> None:
    random = np.random.default_rng(0)
    centres = {"a": (0, 0), "b": (0, 0), "c": (9, 9)}
    names = list(centres)
    labels = np.repeat(np.arange(3), 20)
    numbers = np.array([centres[names[k]] for k in labels]) + random.normal(size=(60, 2))
    found = neighbours(numbers, labels, [f"v{n}" for n in range(60)], names)
    assert list(found) == [("a", "b")] and found["a", "b"].value > 0.1
    one_video = neighbours(numbers, labels, ["v"] * 60, names)
    assert one_video.keys() <= {("a", "b"), ("a", "c"), ("b", "c")}


def test_a_class_of_two_things_falls_apart_and_one_of_one_does_not() -> None:
    random = np.random.default_rng(0)
    one = random.normal(size=(12, 5))
    apart = np.concatenate([one, one[:6] + 20])
    found, whole = two_parts(apart), two_parts(one)
    assert found is not None and whole is not None
    assert found.parts_N.tolist() == [0] * 12 + [1] * 6
    assert found.silhouette > 0.7 > 0.4 > whole.silhouette
    again = two_parts(apart)
    assert again is not None and (again.parts_N == found.parts_N).all()


@pytest.mark.parametrize("numbers", [np.zeros((3, 2)), np.zeros((9, 2))], ids=["few", "equal"])
def test_few_clips_and_equal_ones_are_left_whole(numbers: np.ndarray) -> None:
    assert two_parts(numbers) is None
