"""The classes and groups that edits leave."""

from collections.abc import Sequence

import pytest

from kinetics_builder.curation.classes_after import (
    Classes,
    check_new,
    classes_after,
    labels_after,
)
from kinetics_builder.curation.edits import (
    Drop,
    Edit,
    Filter,
    Merge,
    Move,
    Rename,
    Restore,
    SplitLabel,
    Undo,
)

TREE = Classes(
    labels=frozenset({"salto", "splits", "yoga"}),
    groups={"salto": ("floor",), "splits": ("floor", "stretching"), "yoga": ()},
    parents={"gymnastics": None, "floor": "gymnastics", "stretching": None},
)


@pytest.mark.parametrize(
    ("edit", "labels"),
    [
        (Merge(("A", "B"), "C"), {"C"}),
        (Merge(("A", "B"), "A"), {"A"}),
        (SplitLabel("A", ("X", "B")), {"A", "B", "X"}),
        (SplitLabel("A", ()), {"A", "B", "given name"}),
        (Rename("A", "C"), {"B", "C"}),
        (Drop("A"), {"B"}),
        (Filter(min_clips=3), {"A", "B"}),
    ],
)
def test_labels_after_an_edit(edit: Edit, labels: set[str]) -> None:
    assert labels_after(edit, {"A", "B"}, {"given name"}) == labels


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Drop("wavin"), "no label 'wavin' here. Near it: 'waving'"),
        (Drop("zzz"), "no label 'zzz' here. There are: 'jumping', 'running', 'waving'"),
        (Rename("waving", "jumping"), r"Write `merge waving \+ jumping -> jumping`"),
        (Merge(("waving", "running"), "jumping"), r"merge waving \+ running \+ jumping -> jumping"),
        (SplitLabel("waiving", ()), "Near it: 'waving'"),
    ],
)
def test_a_wrong_name_comes_with_a_remedy(edit: Edit, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        labels_after(edit, {"waving", "jumping", "running"}, ())


def test_groups_follow_their_classes() -> None:
    story = [
        Merge(("salto", "splits"), "floor work"),
        Rename("yoga", "doing yoga"),
        Move("doing yoga", "stretching"),
        SplitLabel("floor work", ("rolling",)),
        Move("stretching", "gymnastics"),
    ]
    found = classes_after(story, TREE, ())
    assert found.groups == {
        "floor work": ("floor", "stretching"),
        "rolling": ("floor", "stretching"),
        "doing yoga": ("stretching",),
    }
    assert found.parents == {"gymnastics": None, "floor": "gymnastics", "stretching": "gymnastics"}


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([Move("gymnastics", "floor")], "'gymnastics' would be in itself: gymnastics in floor in"),
        (
            [Move("gymnastics", "stretching"), Move("stretching", "floor")],
            "stretching in floor in gymnastics in stretching. Move 'floor' out of it first",
        ),
        ([Move("salto", "flor")], "there is no group 'flor' here. Near it: 'floor'"),
        ([Move("salta", "floor")], "there is no label 'salta' here. Near it: 'salto'"),
        (
            [Drop("salto"), Move("salto", "floor")],
            r"edit 1 \(`drop salto`\) took it away. Write `restore salto` before it",
        ),
        (
            [Merge(("salto", "splits"), "x"), Drop("splits")],
            r"edit 1 \(`merge .*`\) took it away. Write 'x' in its place, or `restore splits`",
        ),
        (
            [Rename("salto", "x"), Drop("x"), Undo(1)],
            r"edit 2 \(`drop x`\) would not fit any more: there is no label 'x'",
        ),
    ],
)
def test_an_edit_that_does_not_fit_comes_with_a_remedy(edits: Sequence[Edit], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        classes_after(edits, TREE, ())


@pytest.mark.parametrize(
    ("edits", "edit", "message"),
    [
        (
            [Rename("A", "B")],
            Rename("B", "C"),
            "chain of renames. Write `restore A` and `rename A -> C` instead",
        ),
        ([Rename("A", "B")], Rename("B", "A"), "circle of renames. Write `restore A` instead"),
        ([Drop("A"), Undo(1)], Restore("A"), "no edit that stands took anything from 'A'"),
        ([Drop("A")], Undo(2), "there is no edit 2, only 1 are recorded"),
        ([Drop("A"), Restore("A")], Undo(1), r"edit 1 \(`drop A`\) is undone already"),
    ],
)
def test_chains_and_undos_of_nothing_are_refused(
    edits: Sequence[Edit], edit: Edit, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_new(edits, edit)


def test_the_remedy_of_a_chain_is_taken() -> None:
    story: list[Edit] = [Rename("salto", "b")]
    for edit in (Restore("salto"), Rename("salto", "c")):
        check_new(story, edit)
        story.append(edit)
    assert "c" in classes_after(story, TREE, ()).labels
