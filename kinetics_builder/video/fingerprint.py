"""What a clip looks like and how it moves, small enough to keep beside its row.

A fingerprint is a film of 16 by 16 grey pixels at four frames a second and a coarse picture
of the clip's colours. Hashes of single frames were tried first and given up: the same room
filmed twice was nearer by them (64-bit DCT hashes: 0.95 of the bits) than a re-upload with a
caption and a crop (0.66), since a frame says nothing of how things move.
Shapes: T time, H height, W width, C = 3 colours.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from kinetics_builder.video.frames import FrameReader, Scaler
from kinetics_builder.video.motion import LUMA

SIDE = 16
"""Pixels across and down of the film."""

COLOUR_SIDE = 4
"""Cells across and down of the picture of colours."""

BIN_SECONDS = 0.25
"""Time that one picture of the film averages over."""

STEP_SECONDS = 0.06
"""A picture of a clip that is being cut counts if it comes at least so long after the last that
did: more in a quarter of a second change its mean by less than the encoder does."""

MAX_BINS = 1200
"""Five minutes: what comes later is not looked at."""

_COLOUR_SHAPE = (COLOUR_SIDE, COLOUR_SIDE, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A clip's tiny film and colours."""

    film_THW: NDArray[np.uint8]
    """Mean grey of each 16 by 16 cell in each quarter of a second."""

    colours_HWC: NDArray[np.uint8]
    """Mean colour of each 4 by 4 cell over the whole clip."""

    def to_bytes(self) -> bytes:
        """Return the fingerprint as bytes: the colours, then the film. Equal means equal bytes."""
        return self.colours_HWC.tobytes() + self.film_THW.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the fingerprint that `to_bytes` wrote."""
        values = np.frombuffer(data, dtype=np.uint8)
        num_colours = int(np.prod(_COLOUR_SHAPE))
        return cls(
            film_THW=values[num_colours:].reshape(-1, SIDE, SIDE),
            colours_HWC=values[:num_colours].reshape(_COLOUR_SHAPE),
        )


class Summary:
    """Takes a clip's pictures, one after the other, for its fingerprint."""

    def __init__(self) -> None:
        self._sums = np.zeros((MAX_BINS, SIDE, SIDE, 3), dtype=np.float32)
        self._counts = np.zeros(MAX_BINS, dtype=np.int64)
        self._scaler = Scaler((SIDE, SIDE), 0)
        self._latest = -STEP_SECONDS

    def add(self, seconds: float, frame: VideoFrame) -> None:
        """Take a picture as decoded, and when it is shown; past five minutes none is taken."""
        is_due = seconds - self._latest >= STEP_SECONDS
        if is_due and int(seconds / BIN_SECONDS) < MAX_BINS:
            self._latest = seconds
            self.add_small(seconds, self._scaler.upright(frame))

    def add_small(self, seconds: float, rgb_HWC: NDArray[np.uint8]) -> None:
        """Take a picture of `SIDE` by `SIDE` pixels."""
        index = int(seconds / BIN_SECONDS)
        self._sums[index] += rgb_HWC
        self._counts[index] += 1

    def made(self) -> Fingerprint:
        """Return the fingerprint of all that was taken, of one picture at least."""
        film_THWC = _fill_gaps(self._sums, self._counts)
        cell = SIDE // COLOUR_SIDE
        colours = film_THWC.reshape(-1, COLOUR_SIDE, cell, COLOUR_SIDE, cell, 3).mean((0, 2, 4))
        return Fingerprint(_to_uint8(film_THWC @ LUMA), _to_uint8(colours))


def fingerprint(path: Path) -> Fingerprint:
    """Return the fingerprint of a clip, decoding all of it (up to five minutes).

    Raises ItemFailed(BROKEN) and ItemFailed(NO_VIDEO) as `FrameReader` does.
    """
    summary = Summary()
    for frame in FrameReader(path, size=(SIDE, SIDE)):
        if frame.time_seconds >= MAX_BINS * BIN_SECONDS:
            break
        summary.add_small(*frame)
    return summary.made()


def _fill_gaps(sums: NDArray[np.float32], counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return mean pictures up to the last bin with a frame; an empty bin shows the one before."""
    filled = np.flatnonzero(counts)
    latest = np.maximum.accumulate(np.where(counts > 0, np.arange(len(counts)), 0))
    chosen = latest[: filled[-1] + 1]
    film = sums[chosen] / counts[chosen, None, None, None]
    return film.astype(np.float32)


def _to_uint8(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
