"""What a clip looks like and how it moves, small enough to keep beside its row.

A fingerprint is a film of 16 by 16 grey pixels at eight frames a second, a larger still for
each 2.5 seconds, and a coarse picture of the clip's colours; borders around the picture are left
out. At four frames a second a waving hand was not found again in a copy that begins half a second
later. Hashes of single frames were tried first and given up: the same room filmed twice was nearer
by them (64-bit DCT hashes: 0.95 of the bits) than a re-upload with a caption and a crop (0.66),
since a frame says nothing of how things move. The stills say in which of two like rooms it was.
Shapes: T time, N stills, H height, W width, C = 3 colours.
"""

from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from kinetics_builder.video.finding.motion import LUMA
from kinetics_builder.video.likeness.borders import Area, Floats, shown_area
from kinetics_builder.video.reading.frames import FrameReader, Scaler

METHOD = 3
"""Counted up when a file would no longer give the fingerprint that it gave before. What an older
kbuild made can still be compared."""

READ_SIDE = 64
"""Pixels across and down of the pictures that a fingerprint is made of."""

SIDE = 16
"""Pixels across and down of the film."""

STILL_SIDE = 32
"""Pixels across and down of a still."""

COLOUR_SIDE = 4
"""Cells across and down of the picture of colours."""

BIN_SECONDS = 0.125
"""Time between two pictures of the film. Each averages what is shown around its moment, for as
long as it is shown and what is nearer more: so a film may be interpolated, wherever frames lie."""

OLDER_BIN_SECONDS = 0.25
"""The same in fingerprints that an older kbuild made."""

STEP_SECONDS = 0.06
"""A picture of a clip that is being cut counts if it comes at least so long after the last that
did: more change the mean by less than the encoder does."""

STILL_BINS = 20
"""Pictures of the film that one still averages over, about."""

MAX_BINS = 2400
"""Five minutes: what comes later is not looked at."""

MOVEMENT_SCALE = 4.0
"""By which movement is multiplied, so that little of it is told in whole numbers."""

_COLOUR_SHAPE = (COLOUR_SIDE, COLOUR_SIDE, 3)
_NUM_COLOURS = COLOUR_SIDE * COLOUR_SIDE * 3


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A clip's tiny film, its stills and its colours."""

    film_THW: NDArray[np.uint8]
    """Mean grey of each 16 by 16 cell around the middle of each eighth of a second."""

    stills_NHW: NDArray[np.uint8]
    """Mean grey of each 32 by 32 cell in each 2.5 seconds."""

    movement_HW: NDArray[np.uint8]
    """How much each 32 by 32 cell changes over the clip: four times the standard deviation."""

    colours_HWC: NDArray[np.uint8]
    """Mean colour of each 4 by 4 cell over the whole clip."""

    is_coarse: bool = False
    """Whether the film had four frames a second only."""

    def to_bytes(self) -> bytes:
        """Return the fingerprint as bytes; equal means equal bytes.

        A zero, the number of stills, the colours, the movement, the stills, the film.
        """
        parts = self.colours_HWC, self.movement_HW, self.stills_NHW, self.film_THW
        return bytes([0, len(self.stills_NHW)]) + b"".join(part.tobytes() for part in parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the fingerprint that `to_bytes` wrote, or that of an older kbuild.

        Those had four frames a second, and began with the number of stills; the first of them were
        films and colours alone, of pictures with their borders.
        """
        values = np.frombuffer(data, dtype=np.uint8)
        if len(data) % SIDE**2 == _NUM_COLOURS:
            colours_HWC = values[:_NUM_COLOURS].reshape(_COLOUR_SHAPE)
            film_THW = _doubled(values[_NUM_COLOURS:].reshape(-1, SIDE, SIDE))
            return cls(film_THW, *_enlarged(film_THW), colours_HWC, is_coarse=True)
        is_older = bool(values[0])
        head = 1 if is_older else 2
        sizes = head, _NUM_COLOURS, STILL_SIDE**2, int(values[head - 1]) * STILL_SIDE**2
        colours, movement, stills, film = accumulate(sizes)
        film_THW = values[film:].reshape(-1, SIDE, SIDE)
        return cls(
            film_THW=_doubled(film_THW) if is_older else film_THW,
            stills_NHW=values[stills:film].reshape(-1, STILL_SIDE, STILL_SIDE),
            movement_HW=values[movement:stills].reshape(STILL_SIDE, STILL_SIDE),
            colours_HWC=values[colours:movement].reshape(_COLOUR_SHAPE),
            is_coarse=is_older,
        )

    def stretch(self, start: int, end: int) -> "Fingerprint":
        """Return about the fingerprint of a stretch of the clip, by pictures of the film."""
        film_THW = self.film_THW[start:end]
        return Fingerprint(film_THW, *_enlarged(film_THW), self.colours_HWC, self.is_coarse)

    def coarser(self) -> "Fingerprint":
        """Return the fingerprint as an older kbuild would have made it."""
        even = self.film_THW[: len(self.film_THW) // 2 * 2].astype(np.float32)
        film_THW = self.film_THW.copy()
        if len(even):
            film_THW[: len(even)] = _doubled(_to_uint8((even[::2] + even[1::2]) / 2))
        return replace(self, film_THW=film_THW, is_coarse=True)

    def mirrored(self) -> "Fingerprint":
        """Return the fingerprint of the clip with left and right exchanged."""
        return Fingerprint(
            self.film_THW[:, :, ::-1],
            self.stills_NHW[:, :, ::-1],
            self.movement_HW[:, ::-1],
            self.colours_HWC[:, ::-1],
            self.is_coarse,
        )


def _doubled(film_THW: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a film of four frames a second as one of eight, interpolated."""
    times = int(OLDER_BIN_SECONDS / BIN_SECONDS)
    moments = (np.arange(times * len(film_THW)) + 0.5) / times - 0.5
    moments = np.clip(moments, 0, len(film_THW) - 1)
    low = np.minimum(moments.astype(int), max(0, len(film_THW) - 2))
    weight = (moments - low).astype(np.float32)[:, None, None]
    after = np.minimum(low + 1, len(film_THW) - 1)
    return _to_uint8(film_THW[low] * (1 - weight) + film_THW[after] * weight)


def _enlarged(film_THW: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return one still and the movement of a film, as far as its small pictures tell."""
    larger = np.repeat(np.eye(SIDE, dtype=np.float32), STILL_SIDE // SIDE, axis=0)
    still_HW = larger @ film_THW.mean(0, dtype=np.float32) @ larger.T
    movement_HW = larger @ film_THW.std(0, dtype=np.float32) @ larger.T
    return _to_uint8(still_HW)[None], _to_uint8(MOVEMENT_SCALE * movement_HW)


class Summary:
    """Takes a clip's pictures, one after the other, for its fingerprint."""

    def __init__(self) -> None:
        self._sums: list[Floats] = []
        self._weights: list[float] = []
        self._num_pictures = 0
        self._colours_HWC = np.zeros((READ_SIDE, READ_SIDE, 3), np.float32)
        self._scaler = Scaler((READ_SIDE, READ_SIDE), 0)
        self._shown: tuple[float, Floats] | None = None
        self._latest = -STEP_SECONDS
        self._step = BIN_SECONDS

    def add(self, seconds: float, frame: VideoFrame) -> None:
        """Take a picture as decoded, and when it is shown; past five minutes none is taken."""
        is_due = seconds - self._latest >= STEP_SECONDS
        if is_due and int(seconds / BIN_SECONDS) < MAX_BINS:
            self._latest = seconds
            self.add_small(seconds, self._scaler.upright(frame))

    def add_small(self, seconds: float, rgb_HWC: NDArray[np.uint8]) -> None:
        """Take a picture of `READ_SIDE` by `READ_SIDE` pixels."""
        if self._shown:
            self._step = seconds - self._shown[0]
            self._show_until(seconds)
        self._shown = seconds, rgb_HWC @ LUMA
        self._colours_HWC += rgb_HWC
        self._num_pictures += 1

    def _show_until(self, end: float) -> None:
        """Take that the latest picture is shown until then."""
        if self._shown is None:
            return
        start, grey_HW = self._shown
        first, last = max(0, int(start / BIN_SECONDS) - 1), int(end / BIN_SECONDS) + 1
        middles = np.arange(first, last + 1) + 0.5
        weights = np.diff(_ramp(np.array([[start], [end]]) / BIN_SECONDS - middles), axis=0)[0]
        while len(self._sums) <= last:
            self._sums.append(np.zeros((READ_SIDE, READ_SIDE), np.float32))
            self._weights.append(0.0)
        for index, weight in enumerate(weights.tolist(), first):
            if weight:
                self._sums[index] += np.float32(weight) * grey_HW
                self._weights[index] += weight

    def made(self) -> Fingerprint:
        """Return the fingerprint of all that was taken, of one picture at least."""
        start = self._shown[0] if self._shown else 0.0
        self._show_until(start + self._step)
        num_bins = int(start / BIN_SECONDS) + 1
        film_THW: Floats = np.stack(self._sums[:num_bins])
        film_THW /= np.array(self._weights[:num_bins], np.float32)[:, None, None]
        return fingerprint_of(film_THW, self._colours_HWC / self._num_pictures)


def _ramp(places: Floats) -> Floats:
    """Return how much of a picture's weight lies before a place, by its distance in bins."""
    near = np.clip(places, -1, 1)
    share: Floats = np.where(near < 0, (1 + near) ** 2 / 2, 1 - (1 - near) ** 2 / 2)
    return share


def fingerprint(path: Path) -> Fingerprint:
    """Return the fingerprint of a clip, decoding all of it (up to five minutes).

    Raises ItemFailed(BROKEN) and ItemFailed(NO_VIDEO) as `FrameReader` does.
    """
    summary = Summary()
    for frame in FrameReader(path, size=(READ_SIDE, READ_SIDE)):
        if frame.time_seconds >= MAX_BINS * BIN_SECONDS:
            break
        summary.add_small(*frame)
    return summary.made()


def fingerprint_of(film_THW: Floats, colours_HWC: Floats) -> Fingerprint:
    """Return the fingerprint of a film of 64 by 64 grey pixels and the mean of its colours."""
    area = shown_area(film_THW)
    num_stills = max(1, round(len(film_THW) / STILL_BINS))
    larger_THW = _within(film_THW, area, STILL_SIDE)
    parts = np.array_split(larger_THW, num_stills)
    rows, columns = _shrinking(area.top, area.bottom, 4), _shrinking(area.left, area.right, 4)
    return Fingerprint(
        film_THW=_to_uint8(_within(film_THW, area, SIDE)),
        stills_NHW=_to_uint8(np.stack([part.mean(0) for part in parts])),
        movement_HW=_to_uint8(MOVEMENT_SCALE * larger_THW.std(0)),
        colours_HWC=_to_uint8(np.einsum("ij,jkc,lk->ilc", rows, colours_HWC, columns)),
    )


def _within(film_THW: Floats, area: Area, side: int) -> Floats:
    """Return the part of the pictures that is shown, shrunk to so many pixels a side."""
    rows = _shrinking(area.top, area.bottom, side)
    small: Floats = rows @ film_THW @ _shrinking(area.left, area.right, side).T
    return small


def _shrinking(start: int, end: int, num_cells: int) -> Floats:
    """Return the matrix that averages the pixels from `start` to `end` into so many cells."""
    edges = np.linspace(start, end, num_cells + 1)
    pixels = np.arange(READ_SIDE)
    shares = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares = np.maximum(shares, 0)
    matrix: Floats = (shares / shares.sum(1, keepdims=True)).astype(np.float32)
    return matrix


def _to_uint8(values: Floats) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
