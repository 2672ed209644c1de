"""Lists of a release that is rewritten: what stays of them, and what cannot be read."""

from pathlib import Path

import pytest

from kinetics_builder.errors import FormatError
from pipelines.publishing.folders.replacing import keep_rows


def test_rows_that_stay_stay_as_they_were(tmp_path: Path) -> None:
    (path := tmp_path / "clips.csv").write_text('id,label\na,"knot, tied"\nb,yoga\n')
    assert keep_rows(path, lambda cells: cells[0] == "a") == 1
    assert path.read_text() == 'id,label\na,"knot, tied"\n'
    assert keep_rows(tmp_path / "none.csv", lambda _: True) == 0


def test_a_list_with_a_row_that_cannot_be_read_stays_as_it_was(tmp_path: Path) -> None:
    text = f'id,label\na,"{"yoga" * 50_000}\nb,yoga\n'
    (path := tmp_path / "clips.csv").write_text(text)
    with pytest.raises(FormatError, match=r"clips.csv:2: quotes that do not fit"):
        keep_rows(path, lambda cells: cells[0] == "b")
    assert path.read_text() == text
