"""Which edits stand."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.curation.edits import (
    Drop,
    Edit,
    Filter,
    Merge,
    Rename,
    Restore,
    SplitLabel,
    Undo,
)
from kinetics_builder.curation.log import last_about, live_edits, resolved

A, B = Drop("A"), Drop("B")
names = st.sampled_from("ABC")
edits = st.one_of(
    st.builds(Drop, names),
    st.builds(Restore, names),
    st.builds(Undo, st.integers(1, 6)),
    st.builds(Merge, st.just(("A", "B")), names),
)


@pytest.mark.parametrize(
    ("edits", "live"),
    [
        pytest.param([A, Undo(1)], [], id="an undo undoes"),
        pytest.param([A, Undo(1), Undo(2)], [1], id="an undone undo does not"),
        pytest.param([A, Undo(1), Undo(2), Undo(3)], [], id="nor is it brought back by none"),
        pytest.param([A, B, Restore("A")], [2], id="a restore undoes the last edit of a name"),
        pytest.param([A, Restore("A"), Undo(2)], [1], id="a restore is undone like an undo"),
        pytest.param([A, Restore("A"), A], [3], id="what was restored may be dropped again"),
        pytest.param([A, Restore("A"), A, Restore("A")], [], id="and be restored again"),
        pytest.param(
            [SplitLabel("A", ("X",)), A, Restore("A")], [1], id="one restore, one edit back"
        ),
        pytest.param([Merge(("A", "B"), "C"), Restore("B")], [], id="a merge goes as a whole"),
        pytest.param([Filter(3), Restore("A")], [1], id="a filter takes nothing from a name"),
    ],
)
def test_what_stands(edits: Sequence[Edit], live: list[int]) -> None:
    assert [number for number, _ in live_edits(edits)] == live


@settings(max_examples=200, deadline=None)
@given(st.lists(edits, max_size=7), edits)
def test_a_later_edit_changes_no_meaning_of_an_earlier_restore(
    story: list[Edit], later: Edit
) -> None:
    assert resolved([*story, later])[: len(story)] == resolved(story)


def test_the_last_edit_about_a_name_is_one_that_stands() -> None:
    assert last_about([A, Rename("A", "B"), Undo(2)], "A") == 1
    assert last_about([A, Undo(1)], "A") is None
