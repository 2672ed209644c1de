"""Lines made of pyarrow's columns: the bytes that lists of values give."""

import pyarrow
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.formats.column_lines import as_lines, csv_texts
from kinetics_builder.formats.output import csv_rows

ROWS = st.lists(
    st.tuples(
        st.none() | st.text('ab", ', max_size=4),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.booleans(),
        st.none() | st.floats(allow_nan=False).filter(bool),
    ),
    max_size=8,
)
KINDS = {"text": "string", "number": "int64", "truth": "bool", "share": "double"}


@given(ROWS, st.integers(0, 3))
def test_lines_are_those_of_lists_whatever_part_of_a_column_is_taken(
    rows: list[tuple[object, ...]], first: int
) -> None:
    kinds = (pyarrow.type_for_alias(kind) for kind in KINDS.values())
    columns = [
        pyarrow.array([row[at] for row in rows], kind)[first:] for at, kind in enumerate(kinds)
    ]
    wanted = csv_rows([[row[at] for row in rows[first:]] for at in range(len(KINDS))])
    assert as_lines(csv_texts(columns)).decode() == "".join(f"{line}\n" for line in wanted)
