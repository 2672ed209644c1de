"""Videos with something drawn over them, and recordings of screens, drawn: what filters must find.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from kinetics_builder.video.reading.frames import iterate_frames

Picture = NDArray[np.uint8]
Paint = Callable[[Picture], None]

RATE, SECONDS, LINES = 12, 8, 360
"""Pictures a second, longest time, and height of what is made."""

CRF = 28
"""As a site would encode it."""

WHITE, BLACK = (250, 250, 250), (15, 15, 15)
POINTER = np.array([[0, 0], [0, 16], [11, 11]])
FONT, SMALL = cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN


def logo(rgb_HWC: Picture) -> None:
    """Put a logo into the upper right corner, through which the picture is seen."""
    over_HWC = rgb_HWC.copy()
    left = rgb_HWC.shape[1] - 110
    cv2.rectangle(over_HWC, (left, 16), (left + 92, 52), (200, 30, 30), -1)
    cv2.putText(over_HWC, "TV 7", (left + 8, 44), FONT, 1.0, WHITE, 3, cv2.LINE_AA)
    rgb_HWC[:] = cv2.addWeighted(rgb_HWC, 0.35, over_HWC, 0.65, 0)


def title(rgb_HWC: Picture) -> None:
    """Write two lines across the picture."""
    for row, text in enumerate(("HOW TO DO IT", "in ten lessons")):
        where = 24, 150 + 70 * row
        cv2.putText(rgb_HWC, text, where, FONT, 1.5, BLACK, 10, cv2.LINE_AA)
        cv2.putText(rgb_HWC, text, where, FONT, 1.5, WHITE, 4, cv2.LINE_AA)


def painted(source: Path, paint: Paint, target: Path) -> Path:
    """Write the first seconds of a video with something painted over."""
    frames = iterate_frames(source, every_seconds=1 / RATE, short_side=LINES)
    pictures = (np.ascontiguousarray(f.rgb_HWC) for f in islice(frames, RATE * SECONDS))
    return write(_each(pictures, paint), target)


def _each(pictures: Iterable[Picture], paint: Paint) -> Iterator[Picture]:
    for rgb_HWC in pictures:
        paint(rgb_HWC)
        yield rgb_HWC


def screens(clip: Path) -> dict[str, Callable[[], Iterator[Picture]]]:
    """Return recordings of screens by what they show; the last one plays `clip` in a window."""
    return {
        "a dark terminal": lambda: _typing(BLACK, (120, 230, 140)),
        "a light editor": lambda: _typing((252, 252, 250), (40, 40, 60)),
        "a list": _list,
        "a page that scrolls": _page,
        "a desk with a pointer": _desk,
        "slides": _slides,
        "a player": lambda: _player(clip),
    }


def write(pictures: Iterable[Picture], target: Path) -> Path:
    """Write pictures as H.264 and return the file."""
    with av.open(str(target), "w") as container:
        stream: VideoStream | None = None
        for rgb_HWC in pictures:
            even_HWC = rgb_HWC[: len(rgb_HWC) // 2 * 2, : rgb_HWC.shape[1] // 2 * 2]
            if stream is None:
                options = {"crf": str(CRF), "preset": "veryfast"}
                stream = container.add_stream("libx264", rate=Fraction(RATE), options=options)
                stream.height, stream.width = even_HWC.shape[:2]
                stream.pix_fmt = "yuv420p"
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(even_HWC), format="rgb24")
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
    return target


def _blank(colour: tuple[int, int, int]) -> Picture:
    return np.full((LINES, 640, 3), colour, np.uint8)


def _moments() -> range:
    return range(RATE * SECONDS)


def _words(seed: int, count: int) -> str:
    rng = np.random.default_rng(seed)
    return " ".join(
        "".join(rng.choice(list("aeionrstldm"), rng.integers(2, 9))) for _ in range(count)
    )


def _typing(ground: tuple[int, int, int], ink: tuple[int, int, int]) -> Iterator[Picture]:
    text = [_words(n, 8)[:60] for n in range(40)]
    for moment in _moments():
        rgb_HWC = _blank(ground)
        done = 3 * moment
        for row in range(min(16, done // 60 + 1)):
            shown = text[row][: max(0, done - 60 * row)]
            cv2.putText(rgb_HWC, f"$ {shown}", (12, 24 + 21 * row), SMALL, 1.1, ink)
        yield rgb_HWC


def _list() -> Iterator[Picture]:
    for moment in _moments():
        rgb_HWC = _blank((244, 245, 247))
        rgb_HWC[:28], rgb_HWC[:, :120] = (40, 60, 90), (225, 228, 232)
        for row in range(14):
            top = 50 + 22 * row
            if row == moment // 4 % 14:
                rgb_HWC[top - 15 : top + 6, 122:] = (180, 210, 250)
            cv2.putText(rgb_HWC, _words(row, 5), (130, top), SMALL, 1.0, (20, 20, 20))
            cv2.putText(rgb_HWC, _words(90 + row, 1), (10, top), SMALL, 1.0, (60, 60, 60))
        yield rgb_HWC


def _page() -> Iterator[Picture]:
    long_HWC = np.full((1200, 640, 3), 255, np.uint8)
    for row in range(55):
        big = 1.6 if row % 9 == 0 else 1.0
        cv2.putText(long_HWC, _words(row, 8)[:58], (60, 30 + 21 * row), SMALL, big, (30, 30, 30))
    for moment in _moments():
        top = 80 * (moment // 12)
        yield long_HWC[top : top + LINES].copy()


def _desk() -> Iterator[Picture]:
    for moment in _moments():
        rgb_HWC = _blank((30, 90, 140))
        rgb_HWC[-30:] = (30, 30, 34)
        for row in range(4):
            rgb_HWC[30 + 75 * row : 62 + 75 * row, 24:56] = (240, 200 - 40 * row, 60)
            cv2.putText(rgb_HWC, _words(row, 1), (16, 78 + 75 * row), SMALL, 0.9, WHITE)
        rgb_HWC[50:270, 180:560], rgb_HWC[50:72, 180:560] = (250, 250, 250), (70, 80, 95)
        for row in range(8):
            where = 195, 100 + 20 * row
            cv2.putText(rgb_HWC, _words(50 + row, 6)[:38], where, SMALL, 1.0, (40, 40, 40))
        across, down = 100 + 5 * moment % 480, 60 + 3 * moment % 240
        cv2.fillPoly(rgb_HWC, [POINTER + np.array([across, down])], WHITE)
        yield rgb_HWC


def _slides() -> Iterator[Picture]:
    for moment in _moments():
        number = moment // 24
        rgb_HWC = _blank(((255, 255, 255), (20, 40, 80), (245, 240, 225), (255, 255, 255))[number])
        ink = WHITE if number == 1 else BLACK
        cv2.putText(rgb_HWC, _words(number, 2), (50, 70), FONT, 1.3, ink, 3)
        for row in range(4):
            cv2.putText(
                rgb_HWC, _words(7 * number + row, 5)[:32], (70, 140 + 45 * row), FONT, 0.8, ink, 2
            )
        yield rgb_HWC


def _player(clip: Path) -> Iterator[Picture]:
    frames = iterate_frames(clip, every_seconds=1 / RATE, size=(300, 200))
    for frame, base_HWC in zip(islice(frames, RATE * SECONDS), _list(), strict=False):
        base_HWC[60:260, 300:600] = frame.rgb_HWC
        yield base_HWC
