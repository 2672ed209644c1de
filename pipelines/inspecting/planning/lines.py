"""How `kbuild plan` looks on a terminal of 80 columns."""

import textwrap
from collections.abc import Iterator

from pipelines.inspecting.planning.draws import Range
from pipelines.inspecting.planning.figure import Figure
from pipelines.inspecting.planning.plan import Plan
from pipelines.inspecting.yields import yield_lines

WIDTH = 80
_INDENT = " " * 4
_BAR = 18
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def plan_lines(found: Plan) -> list[str]:
    """Return the lines: a figure each, below it what is assumed and who says so."""
    widest = max((_all_of(one) for one in found.figures if not one.unit), default=0)
    classes = "class" if found.num_classes == 1 else "classes"
    lines = [
        f"{found.num_classes:,} {classes} from {found.source}",
        "",
        f"{'':<20}{'so far':>11}  {'to come':<28}{'all of it' if widest else ''}",
    ]
    part = ""
    for figure in found.figures:
        if figure.part != part:
            lines += ["", figure.part] if part else [figure.part]
            part = figure.part
        lines += _figure(figure, widest)
    if found.cuts:
        lines += ["", *yield_lines(found.cuts)]
    return [*lines, "", *_foot(found)]


def _figure(one: Figure, widest: float) -> Iterator[str]:
    so_far = "" if one.so_far is None else _value(one.so_far, one.unit)
    bar = ""
    if not one.unit and widest:
        bar = "\N{FULL BLOCK}" * round(_BAR * _all_of(one) / widest)
    yield f"  {one.name:<18}{so_far:>11}  {_range(one.to_come, one.unit):<28}{bar}".rstrip()
    said = one.assumption if one.assumption == one.origin else f"{one.assumption} ({one.origin})"
    yield from textwrap.wrap(
        said, WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
    )


def _all_of(one: Figure) -> float:
    return (one.so_far or 0) + one.to_come.likely


def _range(found: Range, unit: str) -> str:
    low, likely, high = (_value(value, unit) for value in found)
    return likely if low == high else f"{low} to {high}, likely {likely}"


def _value(value: float, unit: str) -> str:
    """Return a number of two digits: more would say what nobody knows.

    >>> _value(12345, ""), _value(1234567, "bytes"), _value(0.26, "hours"), _value(99, "")
    ('12,000', '1.2 MB', '0.26 h', '99')
    """
    if unit == "bytes":
        for size, name in _SIZES:
            if value >= size:
                return f"{_rounded(value / size)} {name}"
        return f"{value:.0f} B"
    if unit == "hours":
        return f"{_rounded(value, 2 if value < 1 else 1)} h"
    return _rounded(value)


def _rounded(value: float, most_decimals: int = 1) -> str:
    if value >= 100:
        return f"{float(f'{value:.2g}'):,.0f}"
    if value >= 10 or value == round(value):
        return f"{value:.0f}"
    return f"{value:.{most_decimals}f}"


def _foot(found: Plan) -> list[str]:
    seen = found.num_classes_seen
    known = f"{seen} classes of this workspace have told" if seen else "Nothing here tells yet"
    text = (
        f"{known} how many videos come and clips are kept. Of ten plans, the truth lies below the "
        "range in one and above it in one. `--json` gives all figures in full."
    )
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False)
