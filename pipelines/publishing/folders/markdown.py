"""Tables in Markdown."""

import html
from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; what a cell says is shown as it is, whatever its letters."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def escaped(text: str) -> str:
    """Return a text that is shown as it is, on one line."""
    return html.escape(text, quote=False).replace("\n", " ")


def _cell(value: Any) -> str:
    return escaped(str(value)).replace("|", "\\|")
