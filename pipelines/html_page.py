"""Self-contained HTML pages: one file, with its looks and its pictures inside."""

import base64
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from kinetics_builder.formats.output import writing_text
from kinetics_builder.text.counting import counted

if TYPE_CHECKING:
    from PIL import Image

_QUALITY = 70
"""Of pictures as JPEG."""


def write_page(path: Path, package: str, template: str, values: Mapping[str, Any]) -> Path:
    """Write a page to `path`, whole or not at all, and return it.

    The template lies in the folder `templates` of `package`; `look.css` of all pages in ours.

    Raises:
        WorkspaceError: There can be no such file.

    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("pipelines")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["counted"] = _counted
    text = environment.get_template(template).render(values)
    with writing_text(path) as file:
        file.write(text)
    return path


def _counted(number: int, noun: str, plural: str | None = None) -> str:
    return counted(number, noun, plural).replace(str(number), f"{number:,}", 1)


def png_address(png: bytes) -> str:
    """Return a `data:` address of a PNG."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def jpeg_address(picture: "Image.Image") -> str:
    """Return a `data:` address of a JPEG."""
    with io.BytesIO() as file:
        picture.save(file, "JPEG", quality=_QUALITY)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
