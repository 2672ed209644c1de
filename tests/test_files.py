"""Whether a file is still the one that was written down."""

import os
from pathlib import Path

import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark, Keeping, as_marked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"first film")
    return path


def at_its_old_time(path: Path, content: bytes) -> None:
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_an_untouched_file_is_the_same_without_being_read(file: Path, monkeypatch) -> None:
    mark = FileMark.of(file)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("was read"))
    assert mark.keeping(file) is Keeping.SAME


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"other film", Keeping.CHANGED, id="another film of the same size"),
        pytest.param(b"first film, longer", Keeping.CHANGED, id="another size"),
        pytest.param(b"first film", Keeping.SAME, id="the same bytes, written again"),
    ],
)
def test_what_was_written_over_is_looked_into(
    file: Path, content: bytes, expected: Keeping
) -> None:
    mark = FileMark.of(file)
    file.write_bytes(content)
    os.utime(file, ns=(0, 0))
    assert mark.keeping(file) is expected


def test_a_mark_without_a_time_reads_the_content(file: Path) -> None:
    mark = FileMark.of(file)
    at_its_old_time(file, b"other film")
    assert FileMark(mark.bytes, mark.sha256).keeping(file) is Keeping.CHANGED


def test_a_file_that_is_gone_is_missing(file: Path) -> None:
    mark = FileMark.of(file)
    file.unlink()
    assert mark.keeping(file) is Keeping.MISSING
    with pytest.raises(ItemFailed, match="not there any more") as failed, as_marked(file, mark):
        pytest.fail("was let in")
    assert failed.value.reason is Reason.MISSING


def test_another_content_is_not_let_in(file: Path) -> None:
    mark = FileMark.of(file)
    file.write_bytes(b"a film of another size")
    told = r"expected 10 bytes .* found 22 bytes"
    with pytest.raises(ItemFailed, match=told) as failed, as_marked(file, mark):
        pytest.fail("was let in")
    assert failed.value.reason is Reason.CHANGED


@pytest.mark.parametrize("what", ["write", "replace", "remove"])
def test_what_changes_while_it_is_read_is_told(file: Path, what: str) -> None:
    mark = FileMark.of(file)
    other = file.with_name("new")
    other.write_bytes(b"first film")
    with pytest.raises(ItemFailed, match="while it was being read"), as_marked(file, mark):
        if what == "write":
            file.write_bytes(b"other film, longer")
        elif what == "replace":
            other.replace(file)
        else:
            file.unlink()
