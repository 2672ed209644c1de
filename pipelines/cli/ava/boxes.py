"""The options that say where boxes of persons come from: a detector, or a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.common import frame_rate_option, frame_size_option, stretched_option

if TYPE_CHECKING:
    from pipelines.ava.boxes_file import BoxesFile
    from pipelines.ava.detecting import BoxesTold

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


_READING = (
    frame_size_option,
    frame_rate_option,
    stretched_option,
    click.option("--encoding", metavar="NAME", help="The text's encoding; UTF-8 without it."),
)
_OPTIONS = (
    click.option(
        "--boxes",
        metavar="FILE",
        type=click.Path(exists=True, path_type=Path),
        help="Take the boxes, and whose they are, from FILE in the place of a detector.",
    ),
    click.option(
        "--format",
        "format_name",
        metavar="NAME",
        help="The format of the boxes; `kbuild formats` lists them.",
    ),
    click.option("--no-boxes", is_flag=True, help="Forget the file of boxes told before."),
    *_READING,
    click.option(
        "--download",
        is_flag=True,
        help="Fetch torchvision's own weights of the detector, if they are not here.",
    ),
)


def boxes_options(function: F) -> F:
    """Add the options; `boxes_told` takes their values."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def reading_options(function: F) -> F:
    """Add the options that say what a file of boxes does not; `boxes_file` takes their values."""
    for option in reversed(_READING):
        function = option(function)
    return function


def boxes_file(path: Path, format_name: str, values: dict[str, Any]) -> "BoxesFile":
    """Return a file of boxes as the options describe it."""
    from kinetics_builder.formats.format import Options
    from pipelines.ava.boxes_file import BoxesFile

    names = ("frame_size", "frames_per_second", "encoding")
    options = Options(**{name: values[name] for name in names})
    stretched = values["is_stretched"]
    return BoxesFile(path=path, format=format_name, options=options, is_stretched=stretched)


def boxes_told(values: dict[str, Any]) -> "BoxesTold":
    """Return what the options say of where boxes come from."""
    from pipelines.ava.detecting import BoxesTold

    path, format_name, forgets = values["boxes"], values["format_name"], values["no_boxes"]
    if (path is None) is not (format_name is None):
        raise click.UsageError(
            "--boxes FILE and --format NAME go together; `kbuild formats` lists the formats."
        )
    if path is None:
        return BoxesTold(forgets_file=forgets)
    if forgets:
        raise click.UsageError("Give --boxes FILE or --no-boxes, one of the two.")
    return BoxesTold(file=boxes_file(path, format_name, values))
