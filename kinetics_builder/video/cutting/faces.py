"""Blurring the faces in a clip's pictures, before they are encoded.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.video.cutting.canvas import framed_planes, planes_of

KEPT_SECONDS = 0.5
"""A face is blurred where it was found, so long before and after, too: one that is missed in some
pictures stays blurred meanwhile."""

WIDER = 0.3
"""Of a face's width and height: so much is blurred beside it, on each side."""

BLOCKS = 4
"""A face becomes so many blocks across, and these are blurred: nothing of it can be told."""


class FaceFinder(Protocol):
    """Finds the faces in a picture."""

    name: str
    """What a clip's row says."""

    def find(self, rgb_HWC: NDArray[np.uint8]) -> list[Corners]:
        """Return their boxes, in shares of the picture's width and height."""
        ...


class _Looked(NamedTuple):
    """A picture, and the faces that were found in it."""

    moment: float
    picture: VideoFrame
    faces: Sequence[Corners]


@dataclass
class Blurring:
    """Blurs the faces of one clip, every picture of which is looked at."""

    finder: FaceFinder
    num_blurred: int = field(default=0, init=False)
    """Pictures in which something was blurred, so far."""

    def __call__(
        self, pictures: Iterable[tuple[float, VideoFrame]]
    ) -> Iterator[tuple[float, VideoFrame]]:
        """Yield the pictures, in order of time, with their moments; yuv420p as they come."""
        ahead: deque[_Looked] = deque()
        behind: deque[_Looked] = deque()
        for moment, picture in pictures:
            faces = self.finder.find(np.asarray(picture.to_ndarray(format="rgb24"), np.uint8))
            ahead.append(_Looked(moment, picture, faces))
            while moment - ahead[0].moment > KEPT_SECONDS:
                yield self._next(behind, ahead)
        while ahead:
            yield self._next(behind, ahead)

    def _next(self, behind: deque[_Looked], ahead: deque[_Looked]) -> tuple[float, VideoFrame]:
        """Return the first picture ahead, blurred where faces are about that time."""
        moment, picture, _ = ahead[0]
        while behind and moment - behind[0].moment > KEPT_SECONDS:
            behind.popleft()
        near = [one for one in (*behind, *ahead) if abs(one.moment - moment) <= KEPT_SECONDS]
        faces = [face for one in near for face in one.faces]
        behind.append(ahead.popleft())
        if not faces:
            return moment, picture
        self.num_blurred += 1
        return moment, blurred(picture, faces)


def blurred(picture: VideoFrame, faces: Sequence[Corners]) -> VideoFrame:
    """Return a yuv420p picture in which nothing of the faces can be told."""
    planes = [np.array(plane) for plane in planes_of(picture)]
    for plane_HW in planes:
        is_face_HW = np.zeros(plane_HW.shape, np.bool_)
        for face in faces:
            is_face_HW[_around(face, plane_HW.shape)] = True
        _blur(plane_HW, is_face_HW)
    return framed_planes(planes)


def _blur(plane_HW: NDArray[np.uint8], is_face_HW: NDArray[np.bool_]) -> None:
    """Blur areas of a plane, each part that holds together as one."""
    count, parts_HW, stats, _ = cv2.connectedComponentsWithStats(is_face_HW.astype(np.uint8))
    for part in range(1, count):
        left, top, width, height = (int(n) for n in stats[part, :4])
        box = np.s_[top : top + height, left : left + width]
        side = max(1, round(BLOCKS * width / min(width, height)))
        tall = max(1, round(BLOCKS * height / min(width, height)))
        blocks = cv2.resize(plane_HW[box], (side, tall), interpolation=cv2.INTER_AREA)
        soft = cv2.resize(blocks, (width, height), interpolation=cv2.INTER_LINEAR)
        plane_HW[box] = np.where(parts_HW[box] == part, soft, plane_HW[box])


def _around(face: Corners, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the pixels of a face, and some beside it."""
    height, width = shape
    beside, above = WIDER * (face.x2 - face.x1), WIDER * (face.y2 - face.y1)
    across = slice(
        max(0, int((face.x1 - beside) * width)), int(np.ceil((face.x2 + beside) * width))
    )
    down = slice(max(0, int((face.y1 - above) * height)), int(np.ceil((face.y2 + above) * height)))
    return down, across
