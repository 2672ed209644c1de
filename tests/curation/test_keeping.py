"""What thresholds keep, and how much of that is right."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.curation.keeping import keeping_curve

items = st.lists(st.tuples(st.floats(0, 1), st.sampled_from([True, False, None])))


@given(items, st.lists(st.floats(0, 1), min_size=1))
def test_each_threshold_keeps_what_scores_at_least_that(pairs, thresholds) -> None:
    scores, rights = [s for s, _ in pairs], [r for _, r in pairs]
    for point in keeping_curve(scores, rights, thresholds):
        kept = [right for score, right in pairs if score >= point.threshold]
        known = [right for right in kept if right is not None]
        assert (point.num_kept, point.num_known) == (len(kept), len(known))
        assert point.precision == (sum(known) / len(known) if known else None)


@given(items)
def test_a_higher_threshold_keeps_no_more_and_recalls_no_more(pairs) -> None:
    curve = keeping_curve([s for s, _ in pairs], [r for _, r in pairs])
    for one, following in pairwise(curve):
        assert following.num_kept <= one.num_kept
        assert (following.recall or 0) <= (one.recall or 0)


@given(items, st.randoms())
def test_the_order_of_items_does_not_matter(pairs, random) -> None:
    shuffled = random.sample(pairs, len(pairs))
    curves = [keeping_curve([s for s, _ in p], [r for _, r in p]) for p in (pairs, shuffled)]
    assert curves[0] == curves[1]


def test_nothing_is_said_of_nothing() -> None:
    [point] = keeping_curve([], [], [0.5])
    assert (point.num_kept, point.share_kept, point.precision, point.recall) == (0, 0.0, None, None)


def test_scores_and_truths_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        keeping_curve([0.5], [], [0.5])
