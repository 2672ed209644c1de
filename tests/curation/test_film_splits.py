"""Films dealt out whole: each split has its share of every action, and a film stays."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.ava.settings import ReleaseConfig
from kinetics_builder.config import Config
from kinetics_builder.curation.film_splits import KEY_FRAMES, count_films, deal_films
from kinetics_builder.database.tables import Split
from kinetics_builder.errors import ConfigError

PAPER = ReleaseConfig()
actions = st.dictionaries(st.integers(1, 6), st.integers(1, 50), max_size=6)
films = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), actions, min_size=1, max_size=20)


def with_key_frames(found: dict[str, dict[int, int]]) -> dict[str, dict[int, int]]:
    return {name: {**counts, KEY_FRAMES: 10} for name, counts in found.items()}


@given(films, st.randoms())
def test_the_order_of_films_does_not_matter_and_each_has_one_split(found, random) -> None:
    listed = list(with_key_frames(found).items())
    dealt = deal_films(dict(listed), {}, PAPER)
    random.shuffle(listed)
    assert deal_films(dict(listed), {}, PAPER) == dealt
    assert dealt.keys() == found.keys()
    most = min(3, len(found))
    assert sum(number > 0 for number in count_films(dealt.values()).values()) == most


@given(films, films)
def test_films_that_were_dealt_stay_where_they_are(old, new) -> None:
    known = deal_films(with_key_frames(old), {}, PAPER)
    dealt = deal_films(with_key_frames({**new, **old}), known, PAPER)
    assert {name: dealt[name] for name in known} == known


def test_a_rare_action_is_in_all_three() -> None:
    """Six of a hundred films have it, in a dealing by chance it would often miss one."""
    for seed in range(20):
        config = ReleaseConfig(seed=seed)
        found = {
            f"film{n}": {1: 100, KEY_FRAMES: 100, **({2: 5} if n < 6 else {})} for n in range(100)
        }
        dealt = deal_films(found, {}, config)
        rare = Counter(dealt[f"film{n}"] for n in range(6))
        assert rare == {Split.TRAIN: 3, Split.VALIDATE: 1, Split.TEST: 2}
        assert count_films(dealt.values()) == {Split.TRAIN: 55, Split.VALIDATE: 15, Split.TEST: 30}


def test_each_split_has_its_share_of_every_action() -> None:
    found = {
        f"film{n}": {KEY_FRAMES: 897, **{a: 1 + (n * a * 7919) % (900 // a) for a in range(1, 21)}}
        for n in range(200)
    }
    dealt = deal_films(found, {}, PAPER)
    for action in range(1, 21):
        of = {
            split: sum(counts[action] for name, counts in found.items() if dealt[name] is split)
            for split in Split
        }
        total = sum(of.values())
        shares = {split: number / total for split, number in of.items()}
        assert shares[Split.TRAIN] == pytest.approx(0.55, abs=0.06)
        assert shares[Split.VALIDATE] == pytest.approx(0.15, abs=0.06)


def test_another_seed_deals_otherwise_and_a_split_without_a_share_gets_nothing() -> None:
    found = {f"film{n}": {KEY_FRAMES: 10} for n in range(12)}
    assert deal_films(found, {}, PAPER) != deal_films(found, {}, ReleaseConfig(seed=1))
    two = ReleaseConfig(test_share=0.0)
    assert count_films(deal_films(found, {}, two).values())[Split.TEST] == 0


@pytest.mark.parametrize(
    ("number", "filled"),
    [(1, {"train"}), (2, {"train", "validate"}), (3, {"train", "validate", "test"})],
)
def test_a_handful_of_films_is_first_learnt_from_then_measured_on(number, filled) -> None:
    found = {f"film{n}": {1: n + 1, KEY_FRAMES: 10} for n in range(number)}
    assert {split.value for split in deal_films(found, {}, PAPER).values()} == {*map(str, filled)}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"validate_share": 0.6, "test_share": 0.4}, "must leave films to train on"),
        ({"test_share": 1.5}, "between 0 and 1"),
        ({"min_validate_examples": -1}, "0 or more"),
    ],
)
def test_shares_that_leave_nothing_are_refused(settings, words) -> None:
    with pytest.raises(ConfigError, match=words):
        ReleaseConfig(**settings)
    assert Config().release == PAPER
