"""A sound as landmarks: where it is loudest, in time and pitch, two such places at a time.

After A. Wang, "An Industrial-Strength Audio Search Algorithm" (ISMIR 2003): what is loudest around
stays loudest at a low rate, in another format, quieter, or under noise. Pitches are between 100
and 4000 Hz, which every format keeps.
Shapes: S samples, T moments, F pitches, N landmarks.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

STEP_SECONDS = 256 / 11025
"""Time between two moments."""

PITCH_HZ = 11025 / 1024
"""Between two pitches; a moment is looked at for 1 / PITCH_HZ seconds, a quarter of them new."""

FIRST_PITCH, NUM_PITCHES = 10, 362
"""100 Hz to 4000 Hz."""

PEAK_MOMENTS, PEAK_PITCHES = 8, 12
"""A place is loudest if none is louder so near to it, on each side."""

MOST_A_SECOND = 15
"""Loudest places of a second that count."""

FAN = 4
"""Later places that one is put together with."""

MOMENTS_APART, PITCHES_APART = 63, 255
"""At most, between two that are put together."""

LEAST_DECIBEL = -70.0
"""Of a full tone, below which nothing is heard."""

PROMINENCE_DECIBEL = 6.0
"""How much louder than what is around it a place must be."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Pairs of loud places, in the order of time."""

    hashes_N: NDArray[np.uint32]
    """Pitch of the first, from it to the second, and time between the two: 21 bits."""
    moments_N: NDArray[np.uint16]
    """Of the first, in steps from the start."""

    def __len__(self) -> int:
        """Return how many there are; none in silence."""
        return len(self.hashes_N)

    def to_bytes(self) -> bytes:
        """Return them as bytes: all hashes, then all moments, the lowest byte first."""
        return self.hashes_N.astype("<u4").tobytes() + self.moments_N.astype("<u2").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return what `to_bytes` wrote; ValueError for what it cannot have written."""
        number, rest = divmod(len(data), 6)
        if rest:
            raise ValueError(f"{len(data)} bytes are no landmarks: each takes 6.")
        hashes, moments = data[: 4 * number], data[4 * number :]
        return cls(
            np.frombuffer(hashes, "<u4").astype(np.uint32),
            np.frombuffer(moments, "<u2").astype(np.uint16),
        )


def landmarks_of(samples_S: Floats, rate: int) -> Landmarks:
    """Return the landmarks of a sound.

    Args:
        samples_S: Of one channel, in [-1, 1].
        rate: Samples a second, 8000 at least.

    """
    loudness_TF = _loudness(samples_S, rate)
    times, pitches = _loudest(loudness_TF)
    return _paired(times, pitches)


def _loudness(samples_S: Floats, rate: int) -> Floats:
    """Return how loud each pitch is at each moment, in decibels of a full tone."""
    window = round(rate / PITCH_HZ)
    num_moments = max(0, int((len(samples_S) - window) / (STEP_SECONDS * rate)) + 1)
    num_moments = num_moments if len(samples_S) >= window else 0
    starts = np.round(np.arange(num_moments) * STEP_SECONDS * rate).astype(np.int64)
    shape = np.hanning(window).astype(np.float32)
    found = np.empty((num_moments, NUM_PITCHES), np.float32)
    for moment, start in enumerate(starts):
        spectrum = np.abs(np.fft.rfft(samples_S[start : start + window] * shape))
        found[moment] = spectrum[FIRST_PITCH : FIRST_PITCH + NUM_PITCHES]
    levels: Floats = 20 * np.log10(np.maximum(found * (4 / window), 1e-9))
    return levels


def _loudest(loudness_TF: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the moments and pitches that are loudest around, in the order of time."""
    if not len(loudness_TF):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    around = _around(_around(loudness_TF, PEAK_MOMENTS, 0), PEAK_PITCHES, 1)
    is_loud = (loudness_TF >= around) & (loudness_TF > LEAST_DECIBEL)
    usual = np.median(loudness_TF, axis=1, keepdims=True)
    is_loud &= loudness_TF > usual + PROMINENCE_DECIBEL
    times, pitches = np.nonzero(is_loud)
    second = (times * STEP_SECONDS).astype(np.int64)
    order = np.lexsort((-loudness_TF[times, pitches], second))
    is_first = np.diff(second[order], prepend=-1) != 0
    starts = np.flatnonzero(is_first)
    lengths = np.diff(np.append(starts, len(order)))
    number = np.arange(len(order)) - np.repeat(starts, lengths)
    kept = np.sort(order[number < MOST_A_SECOND])
    return times[kept], pitches[kept]


def _around(values_TF: Floats, reach: int, axis: int) -> Floats:
    """Return the largest value within reach along an axis."""
    padding = [(0, 0), (0, 0)]
    padding[axis] = (reach, reach)
    padded = np.pad(values_TF, padding, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis)
    largest: Floats = windows.max(-1)
    return largest


def _paired(times: NDArray[np.int64], pitches: NDArray[np.int64]) -> Landmarks:
    hashes, moments = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    used = np.zeros(len(times), np.int64)
    for ahead in range(1, len(times)):
        between, step = times[ahead:] - times[:-ahead], pitches[ahead:] - pitches[:-ahead]
        if between.min() > MOMENTS_APART:
            break
        first = used[:-ahead]
        is_near = (between >= 1) & (between <= MOMENTS_APART) & (np.abs(step) <= PITCHES_APART)
        is_near &= first < FAN
        first[is_near] += 1
        # In steps of two: a place may be found one moment or pitch off in a copy.
        parts = pitches[:-ahead] >> 1, (step + PITCHES_APART + 1) >> 1, between >> 1
        hashes.append((parts[0] << 13 | parts[1] << 5 | parts[2])[is_near])
        moments.append(times[:-ahead][is_near])
    all_hashes, all_moments = np.concatenate(hashes), np.concatenate(moments)
    order = np.lexsort((all_hashes, all_moments))
    order = order[all_moments[order] < 1 << 16]  # 25 minutes
    return Landmarks(all_hashes[order].astype(np.uint32), all_moments[order].astype(np.uint16))
