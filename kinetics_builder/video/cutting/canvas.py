"""Pictures of any size, format and colour brought to those of one clip.

Shapes: H height, W width.
"""

from dataclasses import dataclass, field

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from kinetics_builder.video.reading.orientation import orientation_of

BLACK, GREY = 16, 128
"""Luma and chroma of black, of limited range."""

BT_601, SMPTE_170M, UNSPECIFIED, RGB = 5, 6, 2, 0
"""Colour matrices (ITU-T H.273)."""

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


@dataclass(frozen=True, slots=True)
class Colours:
    """How a clip's numbers stand for colours (ITU-T H.273); the range is limited."""

    primaries: int
    transfer: int
    matrix: int

    @classmethod
    def of(cls, frame: VideoFrame) -> "Colours":
        """Return a frame's; what cannot be kept in YUV becomes unspecified."""
        matrix = UNSPECIFIED if frame.colorspace == RGB else frame.colorspace
        return cls(int(frame.color_primaries), int(frame.color_trc), int(matrix))


@dataclass
class Canvas:
    """What every picture of a clip is painted on: yuv420p of one size and one colour space.

    A picture of another shape is not stretched but has black bars.
    """

    width: int
    """Pixels across, upright, even."""
    height: int
    colours: Colours
    shape: float
    """Width by height of the pictures that fill the canvas, upright, as shown."""
    scaler: VideoReformatter = field(default_factory=VideoReformatter)

    @classmethod
    def for_first(cls, frame: VideoFrame, short_side: int) -> "Canvas":
        """Return the canvas that a clip's first picture fills."""
        upright = orientation_of(frame).size(frame.width, frame.height)
        width, height = even_size(*upright, short_side)
        return cls(width, height, Colours.of(frame), shape_of(frame))

    def paint(self, frame: VideoFrame) -> VideoFrame:
        """Return a picture upright, in the canvas' size, format and colours."""
        if self._is_like(frame):
            return frame
        orientation = orientation_of(frame)
        fitted = self._fitted(shape_of(frame))
        width, height = orientation.size(*fitted)
        scaled = self._scaled(frame, width, height)
        if not any(orientation) and fitted == (self.width, self.height):
            return scaled
        planes = [orientation.upright(plane) for plane in planes_of(scaled)]
        return framed_planes([self._framed(plane, i) for i, plane in enumerate(planes)])

    def _is_like(self, frame: VideoFrame) -> bool:
        """Say whether a picture is as painting would make it, and carries nothing besides."""
        return (
            frame.format.name == "yuv420p"
            and (frame.width, frame.height) == (self.width, self.height)
            and not frame.interlaced_frame
            and not len(frame.side_data)
            and frame.color_range in (ColorRange.UNSPECIFIED, ColorRange.MPEG)
            and _known(frame.colorspace) == _known(self.colours.matrix)
        )

    def _fitted(self, shape: float) -> tuple[int, int]:
        """Return (width, height) of a picture inside the canvas, both even."""
        relative = shape / self.shape
        if abs(relative - 1) < 0.02:
            return self.width, self.height
        if relative > 1:
            return self.width, max(2, round(self.height / relative / 2) * 2)
        return max(2, round(self.width * relative / 2) * 2), self.height

    def _scaled(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        return self.scaler.reformat(
            frame,
            width,
            height,
            "yuv420p",
            src_colorspace=_known(frame.colorspace),
            dst_colorspace=_known(self.colours.matrix),
            dst_color_range=ColorRange.MPEG,
            interpolation=_EXACT,
            threads=1,
        )

    def _framed(self, plane_HW: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
        """Return one plane in the middle of black."""
        part = 1 if number == 0 else 2
        wide, high = self.width // part, self.height // part
        height, width = plane_HW.shape
        framed = np.full((high, wide), BLACK if number == 0 else GREY, dtype=np.uint8)
        top, left = (high - height) // 2, (wide - width) // 2
        framed[top : top + height, left : left + width] = plane_HW
        return framed


def _known(matrix: int) -> int:
    """Return a colour matrix, one that is not told taken for BT.601."""
    return BT_601 if matrix in (SMPTE_170M, UNSPECIFIED) else matrix


def even_size(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Return (width, height), both even, scaled so that the shorter is `short_side` if not 0.

    >>> even_size(121, 81, 0), even_size(320, 240, 120)
    ((120, 80), (160, 120))
    """
    if not short_side:
        return max(2, width // 2 * 2), max(2, height // 2 * 2)
    short = max(2, short_side // 2 * 2)
    if width > height:
        return int(width / height * short / 2 + 0.5) * 2, short
    return short, int(height / width * short / 2 + 0.5) * 2


def shape_of(frame: VideoFrame) -> float:
    """Return width by height of a frame's upright picture, its pixels taken for square."""
    width, height = orientation_of(frame).size(frame.width, frame.height)
    return width / height


def planes_of(frame: VideoFrame) -> list[NDArray[np.uint8]]:
    """Return the planes of a yuv420p frame without what pads their lines."""
    planes = []
    for number, plane in enumerate(frame.planes):
        width = frame.width if number == 0 else frame.width // 2
        lines = np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)
        height = frame.height if number == 0 else frame.height // 2
        planes.append(lines[:height, :width])
    return planes


def framed_planes(planes: list[NDArray[np.uint8]]) -> VideoFrame:
    """Return a yuv420p frame of three planes."""
    height, width = planes[0].shape
    packed = np.concatenate([plane.ravel() for plane in planes]).reshape(height * 3 // 2, width)
    return VideoFrame.from_ndarray(packed, format="yuv420p")
