"""Stills with the boxes of persons on them, small enough to stand inside an HTML page."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.html_page import jpeg_address
from pipelines.inspecting.tiling import tiled

_TILE = 240
"""Pixels of a still's longer side on a sheet."""
_COLUMNS = 2
_GAP = 4
_CROP = 200
"""Pixels of the longer side of a person's picture."""
_AROUND = 1.5
"""How much larger than the box a person's picture is."""
COLOURS = (
    *("#f4b400", "#2f9bff", "#ff5c5c", "#3ecf8e"),
    *("#d77cff", "#ff8f2e", "#29d3e6", "#c6e03a"),
)
_NOBODY = "#ffffff"

Whose = tuple[int | None, Corners]
"""The number of a box's person in its film, None for nobody's, and its corners as shares."""


def sheet(stills: Sequence[tuple[Path, Iterable[Whose]]]) -> str:
    """Return stills with boxes beside one another as a `data:` address of a JPEG.

    Whose a box is says its colour; the place of a still that cannot be read is crossed out.
    Empty where none can be read.
    """
    tiles = [_tile(file, boxes) for file, boxes in stills]
    made = [tile for tile in tiles if tile is not None]
    if not made:
        return ""
    width, height = (max(tile.size[side] for tile in made) for side in (0, 1))
    return tiled(tiles, (width, height), min(_COLUMNS, len(tiles)), _GAP)


def person(file: Path, whose: Whose) -> str:
    """Return a person and what is around as a `data:` address of a JPEG.

    Empty where the still cannot be read.
    """
    still = _opened(file)
    if still is None:
        return ""
    x1, y1, x2, y2 = _pixels(still, whose[1])
    side = max(1, round(max(x2 - x1, y2 - y1) * _AROUND))
    left, right = _around((x1 + x2) / 2, side, still.width)
    top, bottom = _around((y1 + y2) / 2, side, still.height)
    crop = still.crop((left, top, right, bottom))
    scale = _CROP / max(crop.size)
    crop = crop.resize((max(1, round(crop.width * scale)), max(1, round(crop.height * scale))))
    inside = Corners(x1 - left, y1 - top, x2 - left, y2 - top)
    _outline(crop, Corners(*(edge * scale for edge in inside)), whose[0])
    return jpeg_address(crop)


def _around(middle: float, length: int, whole: int) -> tuple[int, int]:
    """Return where a stretch begins and ends that lies in [0, whole], around `middle` if it can.

    >>> _around(50, 20, 100), _around(5, 20, 100), _around(98, 20, 100), _around(8, 20, 15)
    ((40, 60), (0, 20), (80, 100), (0, 15))
    """
    start = max(0, min(round(middle - length / 2), whole - length))
    return start, min(start + length, whole)


def _tile(file: Path, boxes: Iterable[Whose]) -> Image.Image | None:
    still = _opened(file)
    if still is None:
        return None
    still.thumbnail((_TILE, _TILE))
    for number, corners in boxes:
        _outline(still, _pixels(still, corners), number)
    return still


def _opened(file: Path) -> Image.Image | None:
    try:
        return Image.open(file).convert("RGB")
    except OSError:
        return None


def _pixels(still: Image.Image, corners: Corners) -> Corners:
    width, height = still.size
    return Corners(corners.x1 * width, corners.y1 * height, corners.x2 * width, corners.y2 * height)


def _outline(still: Image.Image, corners: Corners, number: int | None) -> None:
    """Draw a box that is seen on light and on dark."""
    x1, y1 = round(corners.x1), round(corners.y1)
    x2, y2 = max(x1, round(corners.x2)), max(y1, round(corners.y2))
    colour = _NOBODY if number is None else COLOURS[number % len(COLOURS)]
    draw = ImageDraw.Draw(still)
    draw.rectangle((x1 - 1, y1 - 1, x2 + 1, y2 + 1), outline="black", width=4)
    draw.rectangle((x1, y1, x2, y2), outline=colour, width=2)
