"""The size of a video's frames as a file of boxes states it, and whether a film can have it."""

from collections.abc import Iterable
from typing import NamedTuple

from kinetics_builder.formats.format import Options, StatedSize
from kinetics_builder.formats.problems import Problems, place_of

Size = tuple[int, int]
"""Width and height in pixels."""

_SLACK = 0.01
"""Share by which shapes may differ: 1088 lines are shown of 1080, 848 pixels for 854."""


class Fit(NamedTuple):
    """How the frames that a file states lie to those of a film."""

    has_shape: bool
    """Whether shares of the stated frame are shares of the film's."""
    is_turned: bool
    """Whether they would be if the film was turned by a quarter."""


def size_of(
    video_id: str, stated: Size | None, options: Options, problems: Problems, format_name: str
) -> Size:
    """Return the size of a video's frames as its file states it, else as it is given.

    Whoever listens is told (`Options.on_frame_size`), with the row that `problems` is at.

    Raises:
        ConfigError: It is neither stated nor given.

    """
    size = stated or options.need_frame_size(format_name)
    tell_size(video_id, size, options, problems, is_given=stated is None)
    return size


def tell_size(
    video_id: str, size: Size, options: Options, problems: Problems, *, is_given: bool = False
) -> None:
    """Tell whoever listens of the size of a video's frames; `is_given` if no file states it."""
    if options.on_frame_size is not None:
        where = place_of(problems.path, problems.line, problems.item)
        if is_given:
            where = f"--frame-size, for {problems.path}"
        options.on_frame_size(StatedSize(video_id, *size, where))


def fit(stated: Size, shapes: Iterable[Size]) -> Fit:
    """Return how a stated size lies to a film whose frames have one of these shapes.

    A film has several where its pixels are not square. Shapes are equal to 1 %, and to a pixel
    of rounding.

    >>> fit((854, 480), [(1920, 1080)]), fit((1920, 1080), [(1080, 1920)]).is_turned
    (Fit(has_shape=True, is_turned=False), True)
    """
    film = list(shapes)
    width, height = stated
    return Fit(
        has_shape=any(_is_alike(stated, shape) for shape in film),
        is_turned=any(_is_alike((height, width), shape) for shape in film),
    )


def _is_alike(one: Size, other: Size) -> bool:
    across, down = one[0] * other[1], one[1] * other[0]
    return abs(across - down) <= _SLACK * max(across, down) + max(other)


COMMON_SIZES: tuple[Size, ...] = (
    *((160, 120), (320, 180), (320, 240), (352, 240), (352, 288), (426, 240), (480, 270)),
    *((480, 360), (640, 360), (640, 480), (704, 576), (720, 480), (720, 576), (768, 432)),
    *((800, 600), (854, 480), (960, 540), (1024, 576), (1024, 768), (1280, 720), (1280, 960)),
    *((1440, 1080), (1920, 1080), (2560, 1440), (3840, 2160)),
)
"""Of pictures that people draw on."""
_TIMES = 3
"""Boxes that end at an edge of the picture, for it to be taken for one."""


class Ends(NamedTuple):
    """How far the boxes of a film reach, as shares of its frame."""

    right: float
    num_right: int
    """Boxes that end exactly there."""
    bottom: float
    num_bottom: int


def smaller_size(ends: Ends, film: Size) -> Size | None:
    """Return the common size, smaller than the film's, at whose edges boxes end; None for none.

    Whoever leaves a picture has boxes that end at its edge: where several end at the right, and
    several at the bottom, of a picture of a common size, and none beyond, they were drawn on
    that one and read as if on the film's. Boxes that reach nowhere near an edge tell nothing.

    >>> smaller_size(Ends(1280 / 1920, 5, 720 / 1080, 3), (1920, 1080))
    (1280, 720)
    >>> smaller_size(Ends(1280 / 1920, 5, 0.9, 3), (1920, 1080)) is None
    True
    """
    if min(ends.num_right, ends.num_bottom) < _TIMES:
        return None
    right, bottom = ends.right * film[0], ends.bottom * film[1]
    for width, height in COMMON_SIZES:
        is_smaller = width < 0.9 * film[0] and height < 0.9 * film[1]
        if is_smaller and _is_edge(right, width, film[0]) and _is_edge(bottom, height, film[1]):
            return width, height
    return None


def _is_edge(end: float, edge: int, whole: int) -> bool:
    """Tell whether a box ends at an edge: at its last pixel or behind it, to 3 decimals."""
    slack = max(0.1, 0.0006 * whole)
    return edge - 1 - slack <= end <= edge + slack
