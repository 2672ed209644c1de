"""Self-contained HTML pages: one file, with its looks and its pictures inside."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def write_page(path: Path, package: str, template: str, values: Mapping[str, Any]) -> Path:
    """Write a page to `path` (a temporary file, then renamed) and return it.

    The template lies in the folder `templates` of `package`; `look.css` of all pages in ours.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("pipelines")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template(template).render(values)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
    return path


def png_address(png: bytes) -> str:
    """Return a `data:` address of a PNG."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
