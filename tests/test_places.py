"""Whether results will find a place, asked before hours go into them."""

from pathlib import Path

import pytest

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.places import require_place


def test_a_place_below_a_folder_is_one_and_nothing_is_made(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "new.csv", tmp_path / "new" / "folder"):
        require_place(path)
    require_place(Path("new"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["file", "file/below", "file/below/that"])
def test_what_lies_below_a_file_is_no_place(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    if name == "file":
        require_place(tmp_path / name)  # whoever writes there replaces it, or says what it is
        return
    with pytest.raises(WorkspaceError, match=r"file cannot be written: Not a directory"):
        require_place(tmp_path / name)
