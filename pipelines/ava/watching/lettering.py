"""Text as pictures: a font that comes with the installation, and what it cannot write."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.ft2font import FT2Font
from PIL import ImageFont

_FONT = Path("fonts", "ttf", "DejaVuSans-Bold.ttf")
"""Below matplotlib's data: Latin, Greek, Cyrillic, Arabic and more; no Chinese."""

ELLIPSIS = "\u2026"


@cache
def letters() -> frozenset[int]:
    """Return the code points that the font can write."""
    return frozenset(FT2Font(str(_path())).get_charmap())


def can_write(text: str) -> bool:
    """Tell whether the font has every letter of a text."""
    return all(ord(letter) in letters() or letter.isspace() for letter in text)


@cache
def font(pixels: int) -> ImageFont.FreeTypeFont:
    """Return the font, its letters about so many pixels high with what hangs below."""
    return ImageFont.truetype(str(_path()), pixels)


def _path() -> Path:
    return Path(matplotlib.get_data_path()) / _FONT


@dataclass
class Lettering:
    """Texts in one size; how wide they are is measured once."""

    pixels: int
    _widths: dict[str, int] = field(default_factory=dict, repr=False)

    @property
    def line_height(self) -> int:
        """Pixels from one line to the next."""
        return round(self.pixels * 1.3)

    @property
    def padding(self) -> int:
        """Pixels left and right of a text."""
        return max(2, self.pixels // 4)

    def width(self, text: str) -> int:
        """Return how many pixels a text takes, with what is left and right of it."""
        if text not in self._widths:
            self._widths[text] = round(font(self.pixels).getlength(text)) + 2 * self.padding
        return self._widths[text]

    def shortened(self, text: str, width: int) -> str:
        """Return the text, or its beginning with an ellipsis where it is wider than `width`."""
        if self.width(text) <= width:
            return text
        return longest(text, lambda part: self.width(part) <= width)


def longest(text: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning that fits with an ellipsis; the ellipsis where none does.

    >>> longest("stand", lambda part: len(part) <= 4)
    'sta…'
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle] + ELLIPSIS) else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS
