"""Where packets of an MPEG transport stream are missing, by their counters.

Source: ISO/IEC 13818-1, 2.4.3. FFmpeg looks at the counters too, but says nothing
where whole pictures are missing.
Shapes: N packets.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SYNC = 0x47
"""First byte of each packet."""

SIZES = (188, 192, 204)
"""Bytes of a packet: plain, with a time in front (M2TS), with a checksum behind."""

NUM_SURE = 4
"""So many packets in a row are no accident."""

NULL = 0x1FFF
"""Packets of no stream, which are not counted."""

MOST_AT_ONCE = 1 << 16

HEAD_BYTES = 6

Bytes = NDArray[np.uint8]


def breaks(path: Path) -> list[int]:
    """Return the positions of the packets before which some are missing, sorted.

    Where 15 or 16 packets of a stream are missing, or such a multiple, its counter, which has
    four bits, does not show it; those of other streams may.
    """
    if path.stat().st_size < SIZES[0] * NUM_SURE:
        return []
    data: Bytes = np.memmap(path, np.uint8, "r")
    runs = list(_runs(data))
    found = [run[0] for before, run in pairwise(runs) if run[0] > before[0] + before[1] * before[2]]
    heads = [_heads(data, *run) for run in runs]
    if heads:
        positions = np.concatenate([np.arange(n) * size + begin for begin, n, size in runs])
        found += positions[_uncounted(np.concatenate(heads))].tolist()
    return sorted(set(found))


def _runs(data: Bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (begin, number of packets, size of each) where one stands behind another."""
    begin = 0
    while (found := _first(data, begin)) is not None:
        begin, size = found
        num = min((len(data) - begin) // size, MOST_AT_ONCE)
        wrong = np.flatnonzero(data[begin : begin + num * size : size] != SYNC)
        num = int(wrong[0]) if len(wrong) else num
        yield begin, num, size
        begin += num * size


def _first(data: Bytes, begin: int) -> tuple[int, int] | None:
    """Return (position, size) of the first packet from `begin` on; None if there is no more."""
    low, step = begin, 1 << 10
    while low < len(data):
        starts = np.flatnonzero(data[low : low + step] == SYNC) + low
        found = []
        for size in SIZES:
            sure = starts[starts + size * (NUM_SURE - 1) < len(data)]
            for number in range(1, NUM_SURE):
                sure = sure[data[sure + size * number] == SYNC]
            found += [(int(sure[0]), size)] if len(sure) else []
        if found:
            return min(found)
        low, step = low + step, min(2 * step, 1 << 20)
    return None


def _heads(data: Bytes, begin: int, num: int, size: int) -> Bytes:
    """Return the first bytes of each packet, (N, HEAD_BYTES)."""
    return np.stack(
        [data[begin + byte : begin + num * size : size][:num] for byte in range(HEAD_BYTES)], axis=1
    )


def _uncounted(heads_N6: Bytes) -> NDArray[np.intp]:
    """Return which packets do not follow the one before of their stream."""
    streams = (heads_N6[:, 1].astype(np.int32) & 0x1F) << 8 | heads_N6[:, 2]
    has_payload = (heads_N6[:, 3] & 0x10) > 0
    has_fields = (heads_N6[:, 3] & 0x20) > 0
    is_told = has_fields & (heads_N6[:, 4] > 0) & (heads_N6[:, 5] & 0x80 > 0)
    counted = np.flatnonzero(has_payload & (streams != NULL))
    counted = counted[np.argsort(streams[counted], kind="stable")]
    steps = np.diff(heads_N6[counted, 3].astype(np.int32) & 15) % 16
    is_same_stream = np.diff(streams[counted]) == 0
    later = counted[1:]
    missing: NDArray[np.intp] = later[is_same_stream & (steps > 1) & ~is_told[later]]
    return missing
