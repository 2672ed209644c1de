"""A square of each frame of a clip, scaled as it is decoded: nothing else is made RGB. No torch.

Shapes, as name suffixes: T frames, H height, W width, C channels (RGB).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from kinetics_builder.video.reading.orientation import orientation_of
from models.clips.decode import DecodeLimits, Frames, Times, develop_at

if TYPE_CHECKING:  # it brings torch
    from models.clips.transforms import Cut

Choosing = Callable[[int, int], "Cut"]
"""From a picture's height and width to a square of it; asked again, it says the same."""

PLANAR = ("yuv420p", "yuvj420p")
"""Formats whose planes are cut and scaled one by one: colours at half of the size."""


def decode_cut(
    path: Path, times: Times, size: int, choosing: Choosing, limits: DecodeLimits | None = None
) -> Frames:
    """Return a square of the frames shown at `times`, uint8 (T, size, size, 3).

    It is chosen in the frame as it is stored, upright, and moved to even pixels, on which colours
    lie. Frames are found, and ItemFailed is raised, as `decode_at` does.
    """
    return develop_at(path, times, lambda: _Cutter(size, choosing), limits)


def in_one_thread(_worker: int) -> None:
    """Keep OpenCV, in a process that decodes beside others, from starting threads of its own."""
    cv2.setNumThreads(1)


@dataclass
class _Cutter:
    """Cuts the same square out of all frames."""

    side: int
    choosing: Choosing
    reformatter: VideoReformatter = field(default_factory=VideoReformatter)

    def size(self, frame: VideoFrame) -> tuple[int, int]:
        orientation = orientation_of(frame)
        self.upright = orientation.size(frame.width, frame.height)
        self.cut = self.choosing(*reversed(self.upright)).on_even_pixels()
        is_planar = frame.format.name in PLANAR and self.side % 4 == 0  # PyAV asks for it
        self.canvas = None if any(orientation) or not is_planar else _Canvas.like(frame, self.side)
        return self.side, self.side

    def develop(self, frame: VideoFrame, rgb_HWC: Frames) -> None:
        if self.canvas is not None and self.canvas.takes(frame):
            for number, small_HW in enumerate(self.canvas.planes):
                square = self.cut.part_of(_plane(frame, number), part=2 if number else 1)
                self._fit(square, small_HW)
            rgb = self.reformatter.reformat(self.canvas.frame, format="rgb24", threads=1)
            rgb_HWC[:] = rgb.to_ndarray()
            return
        turned = orientation_of(frame)
        whole = self.reformatter.reformat(frame, *turned.size(*self.upright), "rgb24", threads=1)
        self._fit(self.cut.part_of(turned.upright(whole.to_ndarray())), rgb_HWC)

    def _fit(self, square: Frames, into: Frames) -> None:
        """Write a part of a picture, scaled and perhaps mirrored, into a square."""
        if self.cut.is_mirrored:
            square = np.asarray(cv2.flip(square, 1), np.uint8)
        if square.shape == into.shape:
            into[:] = square
        else:
            is_smaller = square.shape[0] * square.shape[1] > len(into) ** 2
            how = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
            cv2.resize(square, (len(into), len(into)), dst=into, interpolation=how)


@dataclass
class _Canvas:
    """Room for the square of one frame, plane by plane."""

    frame: VideoFrame
    """What the planes are the picture of."""
    planes: tuple[Frames, Frames, Frames]
    shape: tuple[int, int]
    """(width, height) of the frames that it takes."""

    @classmethod
    def like(cls, other: VideoFrame, side: int) -> "_Canvas":
        """Return room for squares of frames like another."""
        room = np.empty((side * 3 // 2, side), np.uint8)
        frame = VideoFrame.from_numpy_buffer(room, other.format.name)
        frame.colorspace, frame.color_range = other.colorspace, other.color_range
        blue, red = room[side:].reshape(2, side // 2, side // 2)
        return cls(frame, (room[:side], blue, red), (other.width, other.height))

    def takes(self, other: VideoFrame) -> bool:
        """Say whether a frame is like the first one."""
        return (
            (other.width, other.height) == self.shape
            and other.format.name == self.frame.format.name
            and (other.colorspace, other.color_range)
            == (self.frame.colorspace, self.frame.color_range)
            and not any(orientation_of(other))
        )


def _plane(frame: VideoFrame, number: int) -> Frames:
    """Return a plane without what pads its lines."""
    plane = frame.planes[number]
    lines: Frames = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return lines[: plane.height, : plane.width]
