"""Clips -> train, validate, test."""

import random
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.config import CurateConfig
from kinetics_builder.curation.components import Link, join, join_parts, told, way_between
from kinetics_builder.curation.splits import (
    Missed,
    Placement,
    SplitItem,
    Torn,
    split_clips,
    targets,
)
from kinetics_builder.database.tables import Split

SMALL = CurateConfig(num_validate=2, num_test=4, max_held_out_share=0.5)
worlds = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from("abc")), max_size=60, unique=True
).map(lambda pairs: [SplitItem(n, f"video{v}", label) for n, (v, label) in enumerate(pairs)])


def one_class(num: int) -> list[SplitItem]:
    return [SplitItem(f"video{n}", f"video{n}", "waving") for n in range(num)]


def test_a_large_class_has_fifty_for_validation_and_a_hundred_for_the_test() -> None:
    split = split_clips(one_class(600), CurateConfig()).splits
    assert Counter(split.values()) == {Split.TRAIN: 450, Split.VALIDATE: 50, Split.TEST: 100}


@pytest.mark.parametrize(
    ("num_clips", "expected"),
    [(0, (0, 0)), (2, (0, 0)), (3, (1, 0)), (10, (3, 1)), (375, (100, 50)), (374, (99, 50))],
)
def test_a_small_class_gives_the_same_share_to_both(
    num_clips: int, expected: tuple[int, int]
) -> None:
    found = targets(num_clips, CurateConfig())
    assert (found[Split.TEST], found[Split.VALIDATE]) == expected


def test_nothing_is_held_out_when_nothing_is_asked_for() -> None:
    config = CurateConfig(num_validate=0, num_test=0)
    assert set(split_clips(one_class(9), config).splits.values()) == {Split.TRAIN}


@settings(max_examples=60, deadline=None)
@given(worlds, st.integers(0, 3))
def test_a_video_is_never_torn_apart_and_order_does_not_matter(
    items: list[SplitItem], seed: int
) -> None:
    config = CurateConfig(num_validate=2, num_test=4, max_held_out_share=0.5, seed=seed)
    split = split_clips(items, config).splits
    assert split.keys() == {item.key for item in items}
    by_video = defaultdict(set)
    for item in items:
        by_video[item.video].add(split[item.key])
    assert all(len(found) == 1 for found in by_video.values())
    shuffled = random.Random(seed).sample(items, len(items))
    assert split_clips(shuffled, config).splits == split


@settings(max_examples=60, deadline=None)
@given(worlds)
def test_no_class_gets_more_than_its_target(items: list[SplitItem]) -> None:
    dealt = split_clips(items, SMALL).splits
    counts = Counter((item.label, dealt[item.key]) for item in items)
    for label, size in Counter(item.label for item in items).items():
        for split, target in targets(size, SMALL).items():
            assert counts[label, split] <= target


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 1000))
def test_a_class_of_its_own_videos_meets_its_targets_exactly(num: int, seed: int) -> None:
    config = CurateConfig(num_validate=2, num_test=4, max_held_out_share=0.5, seed=seed)
    counts = Counter(split_clips(one_class(num), config).splits.values())
    assert {split: counts[split] for split in targets(num, config)} == targets(num, config)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.text("xyz", min_size=1, max_size=5))
def test_a_new_video_moves_at_most_two_others(num: int, new: str) -> None:
    before = split_clips(one_class(num), SMALL).splits
    after = split_clips([*one_class(num), SplitItem(new, new, "waving")], SMALL).splits
    assert sum(after[key] is not before[key] for key in before) <= 2


def test_shared_videos_leave_the_counts_near_their_targets() -> None:
    generator = random.Random(0)
    labels = [f"label{n}" for n in range(20)]
    pairs = {
        (v, label)
        for v in range(1500)
        for label in generator.sample(labels, generator.choice([1, 1, 1, 2]))
    }
    items = [SplitItem(pair, f"video{pair[0]}", pair[1]) for pair in sorted(pairs)]
    config = CurateConfig(num_validate=10, num_test=20)
    split = split_clips(items, config).splits
    counts = Counter((item.label, split[item.key]) for item in items)
    for label in labels:
        assert counts[label, Split.TEST] == 20
        assert counts[label, Split.VALIDATE] == 10


def test_another_seed_deals_otherwise() -> None:
    first, second = (split_clips(one_class(40), CurateConfig(seed=seed)).splits for seed in (0, 1))
    assert first != second


@pytest.mark.parametrize(
    ("num_clips", "expected"),
    [(20, (4, 2, 2)), (19, (3, 2, 2)), (16, (3, 2, 1)), (5, (1, 1, 0)), (2, (0, 0, 0))],
)
def test_held_out_clips_take_their_share_too(
    num_clips: int, expected: tuple[int, int, int]
) -> None:
    config = CurateConfig(num_test=4, num_held_out=2, num_validate=2, max_held_out_share=0.4)
    assert tuple(targets(num_clips, config).values()) == expected


grouped = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12), st.sampled_from("abc")),
    max_size=60,
    unique_by=lambda row: (row[0], row[2]),
).map(
    lambda rows: [
        SplitItem(n, f"video{v}", label, f"group{dict((r[0], r[1]) for r in rows)[v]}")
        for n, (v, _, label) in enumerate(rows)
    ]
)


@settings(max_examples=80, deadline=None)
@given(grouped, st.integers(0, 60), st.booleans())
def test_what_was_placed_never_moves_when_data_grows(
    items: list[SplitItem], num_first: int, is_fixed: bool
) -> None:
    config = CurateConfig(num_validate=2, num_test=3, num_held_out=2, max_held_out_share=0.5)
    before = split_clips(items[:num_first], config).splits
    placed = {item.video: Placement(before[item.key], is_fixed) for item in items[:num_first]}
    after = split_clips(items, config, placed)
    assert not after.torn
    assert {key: after.splits[key] for key in before} == before
    by_group = defaultdict(set)
    for item in items:
        by_group[item.whole].add(after.splits[item.key])
    assert all(len(found) == 1 for found in by_group.values())


@pytest.mark.parametrize(
    ("placed", "home", "moved", "left_out"),
    [
        pytest.param({"a": "train", "b": "test"}, "test", ["a"], [], id="test first of equals"),
        pytest.param(
            {"a": "train", "b": "test", "c": "train"}, "train", ["b"], [], id="most clips"
        ),
        pytest.param({"a": "train*", "b": "test", "c": "test"}, "train", ["b", "c"], [], id="out"),
        pytest.param({"a": "train*", "b": "test*"}, "test", [], ["a"], id="both are out"),
        pytest.param(
            {"a": "train*", "b": "train*", "c": "test*", "d": "test"},
            "train",
            ["d"],
            ["c"],
            id="most of those that are out",
        ),
        pytest.param({"a": "validate", "b": "train"}, "validate", ["b"], [], id="validation"),
    ],
)
def test_a_group_between_two_splits_goes_where_the_rule_says(
    placed: dict[str, str], home: str, moved: list[str], left_out: list[str]
) -> None:
    items = [SplitItem(video, video, "waving", "a") for video in placed]
    where = {
        video: Placement(Split(split.rstrip("*")), split.endswith("*"))
        for video, split in placed.items()
    }
    dealt = split_clips(items, CurateConfig(), where)
    assert dealt.torn == (Torn("a", Split(home), tuple(moved), tuple(left_out)),)
    assert dealt.splits == {video: Split(home) for video in placed if video not in left_out}


def test_a_quota_that_a_giant_makes_impossible_is_said() -> None:
    items = [SplitItem(n, f"v{n}", "waving", "giant" if n < 9 else None) for n in range(10)]
    dealt = split_clips(items, SMALL)
    assert Counter(dealt.splits.values()) == {Split.TRAIN: 9, Split.TEST: 1}
    assert dealt.missed == (
        Missed("waving", Split.TEST, 3, 1, 9),
        Missed("waving", Split.VALIDATE, 2, 0, 9),
    )


def test_the_shortest_way_says_why_two_belong_together() -> None:
    links = [Link("a", "b", "1"), Link("b", "c", "2"), Link("a", "d", "3"), Link("d", "c", "4")]
    links.append(Link("c", "e", "5"))
    assert told(way_between(links, "a", "e")) == "1; 2; 5"
    assert way_between(links, "a", "nowhere") == []


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3)),
    st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("abcdefghij"))),
)
def test_parts_are_joined_as_their_pairs_would_be(
    part_of: dict[str, int], pairs: list[tuple[str, str]]
) -> None:
    parts = [{name for name, at in part_of.items() if at == part} for part in range(4)]
    parts = [part for part in parts if len(part) > 1]
    of_parts = [(one, other) for part in parts for one in part for other in part]
    assert join_parts(parts, pairs) == join([*of_parts, *pairs])
