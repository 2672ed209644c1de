"""What is asked for many rows at once."""

from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.database.bulk import listed


@given(st.lists(st.integers(0, 50)))
def test_a_list_asks_for_the_same_in_few_lengths(values: list[int]) -> None:
    found = listed(values)
    assert set(found) == set(values)
    assert found == sorted(found)
    assert len(found) in (0, 1, 2, 4, 8, 16, 32, 64)
