"""Edits applied to clips."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.curation.edits import (
    Drop,
    Edit,
    Filter,
    Merge,
    Move,
    Rename,
    SplitLabel,
    Undo,
)
from kinetics_builder.curation.judged import JudgedClip
from kinetics_builder.curation.replay import apply, majority_name, replay

LABELS = "ABCD"
label = st.sampled_from(LABELS)
clips = st.lists(
    st.builds(
        JudgedClip,
        key=st.just(0),
        video=st.sampled_from(["v1", "v2", "v3"]),
        label=label,
        is_accepted=st.booleans(),
        num_yes=st.integers(0, 3),
        num_votes=st.integers(3, 5),
        better_name=st.sampled_from([None, "x", "y", "a"]),
    ),
    max_size=20,
).map(lambda drawn: [replace(clip, key=n) for n, clip in enumerate(drawn)])
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        Merge,
        st.lists(label, min_size=2, max_size=3, unique=True).map(tuple),
        st.sampled_from("AE"),
    ),
    st.builds(SplitLabel, label, st.sampled_from([(), ("X", "Y")])),
    st.builds(Rename, label, st.sampled_from("EF")),
    st.builds(Drop, label),
    st.builds(Move, label, st.just("group")),
    st.builds(Filter, st.integers(0, 4), st.sampled_from([0.0, 0.5])),
)


def clip(key: int, name: str, **columns: object) -> JudgedClip:
    values = {"video": f"video{key}", "is_accepted": True, "num_yes": 3, "num_votes": 3} | columns
    return JudgedClip(key=key, label=name, **values)  # type: ignore[arg-type]


def labels_of(found: Sequence[JudgedClip]) -> list[str]:
    return [c.label for c in found]


def test_without_edits_the_accepted_clips_are_left_as_they_are() -> None:
    rejected = clip(2, "A", is_accepted=False)
    assert apply([], [clip(1, "A"), rejected, clip(3, "B")]) == [clip(1, "A"), clip(3, "B")]


def test_merge_rename_and_drop_follow_one_another() -> None:
    story = [Merge(("A", "B"), "C"), Rename("C", "D"), Drop("E")]
    assert labels_of(apply(story, [clip(1, "A"), clip(2, "B"), clip(3, "E")])) == ["D", "D"]


def test_a_split_follows_the_annotators_and_leaves_the_rest() -> None:
    known = [
        clip(1, "A", better_name="trimming trees"),
        clip(2, "A", better_name="something else"),
        clip(3, "A"),
        clip(4, "B", better_name="trimming trees"),
        clip(5, "A", better_name="trimming trees", is_accepted=False),
    ]
    named = SplitLabel("A", ("Trimming Trees", "watering"))
    assert labels_of(apply([named], known)) == ["Trimming Trees", "A", "A", "B"]
    assert labels_of(apply([named, Drop("A")], known)) == ["Trimming Trees", "B"]
    by_answers = apply([SplitLabel("A", ())], known)
    assert labels_of(by_answers) == ["trimming trees", "something else", "A", "B"]


def test_a_filter_counts_accepted_clips_of_different_videos() -> None:
    known = [clip(1, "A"), clip(2, "A", video="video1"), clip(3, "A", is_accepted=False)]
    assert apply([Filter(min_clips=2)], known) == []
    assert len(apply([Filter(min_clips=2)], known, max_per_video=2)) == 2


def test_a_doubtful_class_is_filtered_by_its_rejected_clips() -> None:
    rejected = clip(2, "A", is_accepted=False, num_yes=0, num_votes=4)
    known = [clip(1, "A"), rejected, clip(3, "B")]
    assert labels_of(apply([Filter(min_yes_rate=0.5)], known)) == ["B"]


def test_a_rejected_clip_does_not_make_the_new_label_doubtful() -> None:
    known = [clip(1, "A", better_name="x")]
    known += [
        clip(n, "A", better_name="x", is_accepted=False, num_yes=0, num_votes=3) for n in (2, 3)
    ]
    story = [SplitLabel("A", ("x",)), Filter(min_yes_rate=0.9)]
    assert labels_of(apply(story, known)) == ["x"]


@settings(max_examples=150, deadline=None)
@given(clips, st.lists(edits, max_size=5), edits)
def test_an_edit_undone_leaves_nothing_behind(
    known: list[JudgedClip], before: list[Edit], edit: Edit
) -> None:
    number = len(before) + 1
    undone = [*before, edit, Undo(number)]
    assert apply(undone, known) == apply(before, known)
    assert apply([*undone, Undo(number + 1)], known) == apply([*before, edit], known)


@settings(max_examples=100, deadline=None)
@given(clips, st.lists(edits, max_size=5))
def test_a_replay_gives_the_same_and_never_invents_a_clip(
    known: list[JudgedClip], story: list[Edit]
) -> None:
    first = apply(story, known)
    assert apply(story, known) == first
    assert apply(story, known[::-1]) == first[::-1], "the order of clips does not matter"
    originals = {c.key: c for c in known}
    assert len({c.key for c in first}) == len(first)
    assert all(
        c.is_accepted and replace(c, label=originals[c.key].label) == originals[c.key]
        for c in first
    )


def test_clips_of_a_split_are_asked_about_where_the_answers_name_none_of_its_parts() -> None:
    known = [
        clip(1, "A", better_name="x"),
        clip(2, "A"),
        clip(3, "A", better_name="z"),
        clip(4, "B"),
    ]

    def open_after(*story: Edit) -> list[int]:
        return [one.clip.key for one in replay(story, known).unsettled]  # type: ignore[misc]

    assert open_after(SplitLabel("A", ("X", "Y"))) == [2, 3]
    assert open_after(SplitLabel("A", ("X", "Y")), SplitLabel("A", ("Z", "W"))) == [2]
    assert open_after(SplitLabel("A", ("X", "A"))) == [], "the rest may stay what it is"
    assert open_after(SplitLabel("A", ())) == []
    assert open_after(SplitLabel("A", ("X", "Y")), Drop("A")) == []


@pytest.mark.parametrize(
    ("names", "majority"),
    [
        ([], None),
        (["Surfing"], "surfing"),
        (["Surfing", "swimming", "surfing!"], "surfing"),
        (["surfing", "swimming"], None),
        (["?", "surfing"], "surfing"),
        (["\ufb03" * 40, "surfing"], "surfing"),
        (["\ufb03" * 40], None),
    ],
)
def test_the_name_given_most_often_wins_and_a_tie_gives_none(
    names: list[str], majority: str | None
) -> None:
    assert majority_name(names) == majority
