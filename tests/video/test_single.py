"""One picture of a file is the same by its index and by reading it through."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.reading import single
from kinetics_builder.video.reading.indexed import NotIndexed
from kinetics_builder.video.reading.single import picture_at

MOMENTS = 0.0, 0.21, 0.5, 1e4


def shown(path: Path) -> list[bytes | None]:
    """Return the picture at each of the moments; None where nothing can be shown."""
    found: list[bytes | None] = []
    for seconds in MOMENTS:
        try:
            picture = picture_at(path, seconds).to_ndarray(format="gray")
        except ItemFailed:
            found.append(None)
        else:
            found.append(np.ascontiguousarray(picture).tobytes())
    return found


def test_the_index_and_reading_through_give_the_same_picture(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted((shared / "videos" / "odd").glob("*.m*"))
    quick = [shown(path) for path in files]

    def none(*_: object) -> Iterator[object]:
        raise NotIndexed

    monkeypatch.setattr(single, "pictures_at", none)
    assert quick == [shown(path) for path in files]
    assert sum(pictures[1] is not None for pictures in quick) > len(files) // 2


def test_of_a_plain_file_nothing_is_read_through(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_timeline(path: Path) -> None:
        raise AssertionError("read through")

    monkeypatch.setattr(single, "read_timeline", read_timeline)
    plain = shared / "videos" / "actions" / "basketball.mp4"
    assert picture_at(plain, 0.5).width > 0


def test_a_file_that_is_no_video_has_no_picture(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(ItemFailed):
        picture_at(tmp_path / "text.mp4", 0.0)
