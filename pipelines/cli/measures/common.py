"""What the kinds of `kbuild measure` share: the files, the bootstrap, the printing."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.common import SaysProblems, emit, json_option
from pipelines.cli.numbers import SEED

if TYPE_CHECKING:
    from pipelines.measuring.result import Inputs, Manner, Measured

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_FILES = (
    click.option("--ground-truth", type=FILE, required=True, help="The truth."),
    click.option("--predictions", type=FILE, required=True, help="What was predicted."),
    click.option("--label-map", type=FILE, help="The classes that count, with their names."),
)
_MANNER = (
    click.option(
        "--bootstrap",
        "num_replicates",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Add 95 % intervals from N replicates over videos (of votes: over tasks).",
    ),
    click.option(
        "--seed",
        type=SEED,
        default=0,
        show_default=True,
        help="The seed of the bootstrap.",
    ),
    click.option("--encoding", help="Of text files, where they are not UTF-8, such as latin-1."),
    click.option("--strict", "is_strict", is_flag=True, help="Make every oddity an error."),
    json_option,
)


def measure_options(function: F) -> F:
    """Add the options that every kind has; `inputs_of` takes their values."""
    for option in reversed((*_FILES, *_MANNER)):
        function = option(function)
    return function


def manner_options(function: F) -> F:
    """Add the options that every kind has beside its files; `manner_of` takes their values."""
    for option in reversed(_MANNER):
        function = option(function)
    return function


def inputs_of(options: dict[str, Any]) -> "Inputs":
    """Return the inputs named by the shared options; warnings go to standard error."""
    from pipelines.measuring.result import Inputs

    return Inputs(**options, on_warning=SaysProblems())


def manner_of(options: dict[str, Any]) -> "Manner":
    """Return how to measure, as the shared options say; warnings go to standard error."""
    from pipelines.measuring.result import Manner

    return Manner(**options, on_warning=SaysProblems())


def show(measured: "Measured", *, as_json: bool) -> None:
    """Print what was measured."""
    emit(measured.to_json(), as_json=as_json, lines=measured.lines())
