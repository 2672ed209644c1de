"""What two splits of a release share, found by columns.

Shapes, as name suffixes: N clips, L clips that are where they should not be.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE
from pipelines.publishing.folders.findings import Finding

if TYPE_CHECKING:
    import pyarrow

Places = NDArray[np.int64]


def place_of(row: int) -> str:
    """Return the place of a clip of the manifest, counted from 0."""
    return f"{MANIFEST}:{row + 2}"


def videos_and_files(manifest: "pyarrow.Table") -> Iterator[Finding]:
    """Yield videos, and equal files, that are in two splits, in the order of the manifest."""
    found = [
        (row, at, sort, first)
        for at, (sort, name) in enumerate((("video", "youtube_id"), ("copy", "sha256")))
        for row, first in _torn(manifest, name)
    ]
    for row, _, sort, first in sorted(found):
        clip, known = _row(manifest, row), _row(manifest, first)
        same = clip["youtube_id"] if sort == "video" else f"the file {clip['file']}"
        where = f"{clip['split']}, and in {known['split']} in line {first + 2}"
        yield Finding(sort, place_of(row), f"{same} is in {where}")


def uploaders_and_groups(table: "pyarrow.Table") -> Iterator[Finding]:
    """Yield clips whose uploader, or group, is in another split, by their keyed hashes."""
    found = [(row, at, first) for at in (0, 1) for row, first in _torn(table, _HASHED[at])]
    for row, at, first in sorted(found):
        sort, clip, known = _HASHED[at], _row(table, row), _row(table, first)
        if clip[sort]:
            other = f"of the same {sort} is {known['file']} in {known['split']}"
            yield Finding(sort, TABLE, f"{clip['file']} is in {clip['split']}; {other}")


_HASHED = ("uploader", "group")


def _torn(table: "pyarrow.Table", name: str) -> Iterator[tuple[int, int]]:
    """Yield the clips that are in another split than the first clip of equal name, with that."""
    key_N, split_N = places_of(table[name]), places_of(table["split"])
    first = np.empty(key_N.max(initial=-1) + 1, np.int64)
    first[key_N[::-1]] = np.arange(len(key_N))[::-1]
    torn_L = np.flatnonzero(split_N[first[key_N]] != split_N)
    return zip(torn_L.tolist(), first[key_N[torn_L]].tolist(), strict=True)


def places_of(column: "pyarrow.ChunkedArray") -> Places:
    """Return the place of each value among those there are, by their first coming."""
    encoded: Any = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.from_dlpack(encoded.indices).astype(np.int64)  # to_numpy would load pandas


def _row(table: "pyarrow.Table", row: int) -> dict[str, Any]:
    found: dict[str, Any] = table.slice(row, 1).to_pylist()[0]
    return found
