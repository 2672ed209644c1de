"""Counters of a transport stream's packets."""

from pathlib import Path

import pytest

from kinetics_builder.video.reading.transport import breaks

SIZE = 188


def packet(stream: int, counter: int, *, is_told: bool = False, payload: bool = True) -> bytes:
    """Return a packet; `is_told` says in it that the counter jumps."""
    fields = bytes([1, 0x80]) if is_told else bytes([0]) if not payload else b""
    flags = (0x10 if payload else 0) | (0x20 if fields else 0) | counter % 16
    head = bytes([0x47, stream >> 8, stream & 255, flags]) + fields
    return head + b"\xaa" * (SIZE - len(head))


def pair(num: int) -> list[bytes]:
    """Return packets of two streams by turns."""
    return [packet(256 + i % 2, i // 2) for i in range(num)]


@pytest.mark.parametrize(("head", "tail"), [(0, 0), (4, 0), (0, 16)], ids=["188", "192", "204"])
@pytest.mark.parametrize("num_lost", [1, 2, 3, 17, 40])
def test_lost_packets_are_found(tmp_path: Path, head: int, tail: int, num_lost: int) -> None:
    packets = [bytes(head) + p + bytes(tail) for p in pair(100)]
    (tmp_path / "v.ts").write_bytes(b"".join(packets[:40] + packets[40 + num_lost :]))
    first, *others = breaks(tmp_path / "v.ts")
    assert first in {head + place * (SIZE + head + tail) for place in (40, 41)}
    assert len(others) <= 1


def test_zeros_and_odd_bytes_are_found(tmp_path: Path) -> None:
    packets = pair(100)
    (tmp_path / "v.ts").write_bytes(b"".join([*packets[:40], bytes(5 * SIZE), *packets[45:]]))
    assert 45 * SIZE in breaks(tmp_path / "v.ts")
    whole = b"".join(packets)
    (tmp_path / "v.ts").write_bytes(whole[: 40 * SIZE] + whole[40 * SIZE + 50 :])
    assert breaks(tmp_path / "v.ts")[0] == 41 * SIZE - 50


def test_what_a_stream_may_do_is_no_break(tmp_path: Path) -> None:
    packets = pair(40)
    packets[20:20] = [packets[19]]  # sent twice
    packets[10:10] = [packet(0x1FFF, 0), packet(256, 4, payload=False), packet(0x1FFF, 9)]
    packets += [packet(256, 3, is_told=True), packet(256, 4)]
    (tmp_path / "v.ts").write_bytes(b"".join(packets))
    assert breaks(tmp_path / "v.ts") == []


@pytest.mark.parametrize("content", [b"", b"G", b"G" * 50, bytes(5000), b"no stream" * 999])
def test_what_is_no_stream_has_no_breaks(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.ts").write_bytes(content)
    assert breaks(tmp_path / "v.ts") == []
