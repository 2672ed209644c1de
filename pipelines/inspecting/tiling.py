"""Small pictures beside one another on one, as pages show many."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from pipelines.html_page import jpeg_address

_BACKGROUND = "#777777"
_CROSS = "#b8b8b8"


def tiled(
    tiles: Sequence[Image.Image | None], size: tuple[int, int], columns: int, gap: int
) -> str:
    """Return tiles line by line as the `data:` address of a JPEG; a cross where there is none.

    Args:
        tiles: Of this size or smaller; None for one that could not be read.
        size: (width, height) of a place, in pixels.
        columns: Places of a line. Those behind the last tile stay empty.
        gap: Pixels between places.

    """
    width, height = size
    rows = -(-len(tiles) // columns)
    whole = columns * (width + gap) - gap, rows * (height + gap) - gap
    joined = Image.new("RGB", whole, _BACKGROUND)
    draw = ImageDraw.Draw(joined)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        left, top = column * (width + gap), row * (height + gap)
        if tile is not None:
            joined.paste(tile, (left, top))
            continue
        right, low = left + width - 1, top + height - 1
        draw.line((left, top, right, low), _CROSS, 2)
        draw.line((left, low, right, top), _CROSS, 2)
    return jpeg_address(joined)
