"""Boxes and captions on pictures, as in the figures of the SlowFast paper (arXiv:1812.03982).

Detections are green with their captions on top, the truth is red with its captions below.
Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kinetics_builder.ava.sightings import Said, Sighting
from pipelines.ava.watching.captions import Area, leader, place_caption
from pipelines.ava.watching.lettering import Lettering, can_write, font
from pipelines.ava.watching.sheets import Side

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ink:
    """How a side's boxes look."""

    paint: Colour
    text: Colour
    """On `paint`: their contrast is at least 4.5 (WCAG 2.2)."""
    is_below: bool
    """Whether captions stand below their boxes."""
    thickness: int
    """Of a box's lines, in parts of the usual one: of two boxes that are one, both are seen."""


INKS: Mapping[Side, Ink] = {
    Side.TRUTH: Ink((210, 0, 0), (255, 255, 255), is_below=True, thickness=2),
    Side.DETECTIONS: Ink((0, 190, 0), (0, 0, 0), is_below=False, thickness=1),
}
"""In the order in which they are painted."""


@dataclass
class Painter:
    """Paints on pictures of one size."""

    size: tuple[int, int]
    """Width and height."""
    captions: Mapping[str, str]
    """Other words for some names of actions."""
    lettering: Lettering = field(init=False)
    line: int = field(init=False)
    """The usual thickness of a box's lines, in pixels."""

    def __post_init__(self) -> None:
        short_side = min(self.size)
        self.lettering = Lettering(max(9, round(14 * (short_side / 360) ** 0.5)))
        self.line = max(2, round(short_side / 200))

    def paint(
        self, rgb_HWC: NDArray[np.uint8], seen: Mapping[Side, Sequence[Sighting]]
    ) -> NDArray[np.uint8]:
        """Return a picture with the boxes on it, and their captions over all boxes."""
        picture = Image.fromarray(rgb_HWC)
        draw = ImageDraw.Draw(picture)
        for side, ink in INKS.items():
            for one in seen.get(side, ()):
                thickness = self.line * ink.thickness
                draw.rectangle(_outline(self._area(one)), outline=ink.paint, width=thickness)
        taken: list[Area] = []
        for side, ink in INKS.items():
            for one in seen.get(side, ()):
                if lines := self._lines(one):
                    taken.append(self._caption(draw, self._area(one), lines, ink, taken))
        return np.asarray(picture)

    def _area(self, one: Sighting) -> Area:
        """Return the pixels of a box; what lies outside the picture is drawn at its edge."""
        width, height = self.size
        x1, y1, x2, y2 = (min(max(share, 0.0), 1.0) for share in one.corners)
        left, top = min(round(x1 * width), width - 1), min(round(y1 * height), height - 1)
        return Area(left, top, max(left + 1, round(x2 * width)), max(top + 1, round(y2 * height)))

    def _lines(self, one: Sighting) -> list[str]:
        """Return a caption's lines: no more and no wider than the picture holds."""
        said = one.actions or (Said(_name_of(one), one.score),)
        lines = [self.lettering.shortened(self._text(action), self.size[0]) for action in said]
        most = max(1, self.size[1] // self.lettering.line_height)
        if len(lines) <= most:
            return lines
        return [*lines[: most - 1], f"+ {len(lines) - most + 1} more"]

    def _text(self, said: Said) -> str:
        name = " ".join(self.captions.get(said.name, said.name).split())
        return name if said.score is None else f"{name} {said.score:.2f}"

    def _caption(
        self, draw: ImageDraw.ImageDraw, box: Area, lines: list[str], ink: Ink, taken: list[Area]
    ) -> Area:
        lettering = self.lettering
        width = min(max(map(lettering.width, lines)), self.size[0])
        wanted = width, len(lines) * lettering.line_height
        place = place_caption(box, wanted, taken, self.size, is_below=ink.is_below)
        if line := leader(place, box):
            draw.line(line, fill=ink.paint, width=self.line)
        draw.rectangle(_outline(place), fill=ink.paint, outline=(0, 0, 0))
        for number, text in enumerate(lines):
            at = place.left + lettering.padding, place.top + (number + 0.5) * lettering.line_height
            draw.text(at, text, fill=ink.text, font=font(lettering.pixels), anchor="lm")
        return place


def _name_of(one: Sighting) -> str:
    return "person" if one.person is None else f"person {one.person}"


def unwritable(sightings: Sequence[Sighting]) -> list[str]:
    """Return the names of actions that the font has not all letters of, in order."""
    names = {said.name for one in sightings for said in one.actions}
    return sorted(name for name in names if not can_write(name))


def _outline(area: Area) -> tuple[int, int, int, int]:
    """Return an area as Pillow takes it: the last pixels inside."""
    return area.left, area.top, area.right - 1, area.bottom - 1
