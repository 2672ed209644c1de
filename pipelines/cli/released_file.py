"""What the commands about released files of others share: how FILE is named and read."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.formats import file_options, file_options_of

if TYPE_CHECKING:
    from pipelines.restoring.released import Released

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
_OPTIONS = (
    click.option("--format", "format_name", metavar="NAME", help="Of FILE; found out without it."),
    click.option(
        "--address",
        metavar="TEMPLATE",
        help="Where its videos lie, as https://mirror.example/{id}.mp4; without it on YouTube.",
    ),
)


def released_file(function: F) -> F:
    """Add FILE and the options that say what it does not; `released_of` takes their values."""
    function = file_options(function)
    for option in reversed((_FILE, *_OPTIONS)):
        function = option(function)
    return function


def released_of(file: Path, options: dict[str, Any], *, is_whole: bool = False) -> "Released":
    """Return the released file; raises as `find_released`.

    Args:
        file: Its path.
        options: The values of the options of `released_file`, and no others.
        is_whole: Whether videos are kept whole, whatever stretches the rows name.

    """
    from pipelines.restoring.released import find_released

    rest = {k: v for k, v in options.items() if k not in ("format_name", "address")}
    return find_released(
        file,
        options["format_name"],
        lambda one: file_options_of(rest, one),
        options["address"],
        is_whole=is_whole,
    )
