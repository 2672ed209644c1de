"""What words alone say of a class's new name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.curation.history import wording
from kinetics_builder.curation.history.wording import Reason, compare

NAMES = st.sampled_from(
    ["hugging", "hugging baby", "dying hair", "balloon blowing", "vault", "making the bed"]
)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("making bed", "making the bed", wording.SAME),
        ("passing American football", "passing american football", wording.SAME),
        ("changing wheel", "changing wheel (not on bike)", wording.BRACKETS),
        ("shooting goal (soccer)", "shooting goal (hockey)", wording.BRACKETS),
        ("balloon blowing", "blowing balloons", wording.REORDERED),
        ("opening bottle", "opening wine bottle", wording.COMPLEMENT),
        ("garbage collecting", "person collecting garbage", wording.WITH_PERSON),
        ("dying hair", "dyeing hair", wording.SPELT),
        ("tying tie", "tying necktie", wording.COMPOUND),
        ("dying hair", "dyeing eyebrows", wording.ALONE),
        ("digging", "clam digging", wording.NARROWER),
        ("baby waking up", "waking up", wording.WIDER),
        ("cleaning floor", "vacuuming floor", wording.SAME_OBJECT),
        ("picking fruit", "picking apples", wording.SAME_VERB),
        # no reason at all
        ("making cake", "baking bread", None),
        ("baby waking up", "moon walking", None),
        ("sawing wood", "sewing", None),
        ("drinking", "vault", None),
        ("eating cake", "beating drum", None),
        ("taking a shower", "talking on cell phone", None),
    ],
)
def test_the_best_reason_is_given(old: str, new: str, reason: Reason | None) -> None:
    came = [new, "opening bottle (not wine)", "dyeing hair"]
    assert compare(old, new, came, ["picking lock", "walking the dog"]) == reason


def test_one_letter_in_place_of_another_makes_another_verb() -> None:
    reason = compare("making cake", "baking cake", ["baking cake"], [])
    assert reason == wording.SAME_OBJECT


def test_a_part_is_a_complement_only_of_a_name_that_came() -> None:
    alone = compare("opening bottle", "opening wine bottle", ["opening wine bottle"], [])
    assert alone == wording.NARROWER


@given(NAMES, NAMES)
def test_beliefs_are_shares(old: str, new: str) -> None:
    reason = compare(old, new, [new], [])
    assert reason is None or 0 < reason.belief < 1
    if old == new:
        assert reason == wording.SAME
