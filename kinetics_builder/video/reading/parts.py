"""Which packets hold no picture of their own: they show the one before on, or are its other half.

Pure functions of packets' bytes; nothing is decoded here.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from av.stream import Stream

VOP = b"\x00\x00\x01\xb6"
"""Before each picture of MPEG-4 (ISO/IEC 14496-2, 6.2.5)."""

NOT_CODED_BYTES = 4
"""Behind `VOP`, at most, where no picture is coded and the one before is shown on."""

SLICES, RENEWAL, PARAMETERS = (1, 5), 5, 7
"""Types of H.264's units (ITU-T H.264, table 7-1): of a picture, of one behind which none before
it is needed, and of a sequence's parameters."""

HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Whose parameters say more of colours (ITU-T H.264, 7.3.2.1.1)."""


class Parts(Protocol):
    """Is asked about the packets of a stream, one after another."""

    def is_part(self, packet: bytes) -> bool:
        """Say whether the next packet belongs to the picture before."""


def parts_of(stream: Stream) -> Parts:
    """Return what knows the packets of `stream`."""
    codec = stream.codec_context
    if codec is not None and codec.name == "mpeg4":
        return _Mpeg4()
    if codec is not None and codec.name == "h264":
        return _H264(codec.extradata or b"")
    return _Whole()


def renewals_of(stream: Stream) -> Callable[[bytes], bool] | None:
    """Return what says of a packet whether it and all behind it need nothing before it.

    None for streams of which it cannot be said: they are no H.264 as MP4 holds it, or a picture
    of theirs may come as two fields.
    """
    codec = stream.codec_context
    if codec is None or codec.name != "h264":
        return None
    parts = _H264(codec.extradata or b"")
    if not parts.length_bytes or parts.parameters is None or parts.parameters.has_fields:
        return None
    return parts.is_renewal


class _Whole:
    def is_part(self, packet: bytes) -> bool:
        return False


class _Mpeg4:
    """An encoder says "the same once more" by a picture that is not coded.

    Where one packet holds two pictures (a "packed bitstream"), the empty one behind it stands
    for the second.
    """

    num_owed = 0

    def is_part(self, packet: bytes) -> bool:
        vops = packet.split(VOP)[1:]
        if not vops:
            return False
        num_coded = sum(len(vop) > NOT_CODED_BYTES for vop in vops)
        is_part = num_coded + self.num_owed == 0
        self.num_owed = max(0, self.num_owed + num_coded - 1)
        return is_part


class _Field(NamedTuple):
    frame: int
    is_bottom: bool


class _H264:
    """The two fields of an interlaced picture may come in a packet each (PAFF)."""

    def __init__(self, extradata: bytes) -> None:
        self.length_bytes = (extradata[4] & 3) + 1 if extradata[:1] == b"\x01" else 0
        self.parameters: _Parameters | None = None
        self.first: _Field | None = None
        for unit in [extradata[8:]] if self.length_bytes else _units(extradata, 0):
            self._learn(unit)

    def is_part(self, packet: bytes) -> bool:
        field = self._field(packet)
        is_second = field is not None and self.first == field._replace(
            is_bottom=not field.is_bottom
        )
        self.first = None if is_second else field
        return is_second

    def is_renewal(self, packet: bytes) -> bool:
        kinds = (unit[0] & 31 for unit in _units(packet, self.length_bytes) if unit)
        return next((kind for kind in kinds if kind in SLICES), None) == RENEWAL

    def _field(self, packet: bytes) -> _Field | None:
        """Return which field a packet begins with; None for a whole picture, and for a blank."""
        if not packet.strip(b"\0"):
            return None
        for unit in _units(packet, self.length_bytes):
            self._learn(unit)
            if unit[:1] and unit[0] & 31 in SLICES:
                return self.parameters.field(unit) if self.parameters else None
        return None

    def _learn(self, unit: bytes) -> None:
        if unit[:1] and unit[0] & 31 == PARAMETERS:
            self.parameters = _Parameters.read(_Bits(unit[1:]))


def _units(data: bytes, length_bytes: int) -> Iterator[bytes]:
    """Yield the units of an H.264 packet, cut short where only their begin is of interest."""
    if length_bytes:
        position = 0
        while position + length_bytes < len(data):
            begin = position + length_bytes
            position = begin + int.from_bytes(data[position:begin])
            yield data[begin : min(position, begin + _Bits.MOST_BYTES)]
        return
    begin = data.find(b"\x00\x00\x01")
    while begin >= 0:
        following = data.find(b"\x00\x00\x01", begin + 3)
        end = len(data) if following < 0 else following
        yield data[begin + 3 : min(end, begin + 3 + _Bits.MOST_BYTES)]
        begin = following


class _Parameters(NamedTuple):
    """What a sequence's parameters tell of how fields are marked."""

    has_planes: bool
    """Colours are coded as pictures of their own."""
    frame_bits: int
    """Of a picture's number."""
    has_fields: bool

    @classmethod
    def read(cls, bits: "_Bits") -> "_Parameters":
        profile, _, _ = bits.take(8), bits.take(16), bits.number()
        has_planes = profile in HIGH_PROFILES and _skip_colours(bits)
        frame_bits = bits.number() + 4
        _skip_order(bits)
        bits.number(), bits.take(1)  # references, gaps
        bits.number(), bits.number()  # width, height
        return cls(has_planes, frame_bits, not bits.take(1))

    def field(self, unit: bytes) -> _Field | None:
        """Return the field that a slice belongs to; None if it belongs to a whole picture."""
        if not self.has_fields:
            return None
        bits = _Bits(unit[1:])
        for _ in range(3):
            bits.number()
        bits.take(2 * self.has_planes)
        frame = bits.take(self.frame_bits)
        return _Field(frame, bool(bits.take(1))) if bits.take(1) else None


def _skip_colours(bits: "_Bits") -> bool:
    """Read on behind what is said of colours; return whether they are coded apart."""
    layout = bits.number()
    has_planes = layout == 3 and bool(bits.take(1))
    bits.number(), bits.number(), bits.take(1)
    if bits.take(1):
        for place in range(12 if layout == 3 else 8):
            if bits.take(1):
                _skip_scaling(bits, 16 if place < 6 else 64)
    return has_planes


def _skip_scaling(bits: "_Bits", size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order(bits: "_Bits") -> None:
    """Read on behind what is said of the order of pictures."""
    kind = bits.number()
    if kind == 0:
        bits.number()
    elif kind == 1:
        bits.take(1), bits.signed(), bits.signed()
        for _ in range(bits.number()):
            bits.signed()


class _Bits:
    """Reads the bits of an H.264 unit (ITU-T H.264, 7.2 and 9.1); behind its end come zeros."""

    MOST_BYTES = 512
    """So much of a unit is looked at."""

    def __init__(self, unit: bytes) -> None:
        data = unit[: self.MOST_BYTES].replace(b"\x00\x00\x03", b"\x00\x00")
        self.num_bits = len(data) * 8
        self.value = int.from_bytes(data)

    def take(self, count: int) -> int:
        """Return the next `count` bits as a number."""
        self.num_bits -= count
        shifted = self.value >> self.num_bits if self.num_bits >= 0 else 0
        return shifted & ((1 << count) - 1)

    def number(self) -> int:
        """Return the next number from 0, written by Exp-Golomb's code."""
        zeros = 0
        while self.num_bits > 0 and not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """Return the next number, likewise, of either sign."""
        code = self.number()
        return (code + 1) // 2 if code % 2 else -(code // 2)
