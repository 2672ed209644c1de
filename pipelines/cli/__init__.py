"""The `kbuild` command: no logic of its own.

Each module beside this one holds a group of commands and imports nothing heavy at its top,
so that `kbuild --help` answers at once.
"""

import gc
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from kinetics_builder.errors import KbuildError
from pipelines.cli import (
    adopt,
    annotate,
    ava,
    card,
    checkpoint,
    classes,
    collect,
    crowd,
    curate,
    demo,
    detector,
    evaluate,
    experiment,
    features,
    flow,
    formats,
    images,
    inspect,
    localiser,
    measure,
    models,
    omni,
    plan,
    publish,
    recipes,
    released,
    releases,
    restore,
    takedown,
    tradeoff,
    train,
    verify,
)
from pipelines.cli.ending import one_line, stoppable

_NEW_OBJECTS = 20_000
"""Made between two looks of the garbage collector. Commands hold a row for each of some 100,000
clips: looking every 700 objects took nearly half of their time."""


class _Group(click.Group):
    """Ends every command in one line, whatever happened."""

    def invoke(self, ctx: click.Context) -> Any:
        with one_line(debug=ctx.params["debug"]), stoppable():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Keep the order of the pipeline."""
        return list(self.commands)


def _check_siblings() -> None:
    """Refuse to run with somebody else's `models`: the name is a common one."""
    root = Path(__file__).parents[2]
    for package in ("kinetics_builder", "models", "annotation_ui"):
        spec = find_spec(package)
        origin = spec.origin if spec else None
        if origin is None or Path(origin).parents[1] != root:
            raise KbuildError(
                f"`import {package}` finds {origin or 'no package'}, not {root / package}. "
                "Install kinetics-builder in an environment of its own."
            )


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The workspace; the current folder without it.",
)
@click.option("--debug", is_flag=True, help="Print the traceback of an error, too.")
@click.version_option(package_name="kinetics-builder")
@click.pass_context
def group(ctx: click.Context, folder: Path, debug: bool) -> None:
    """Build a human-action video dataset: from class names to a released CSV and a baseline.

    \b
    kbuild init mydata && cd mydata
    kbuild collect --classes classes.txt
    kbuild annotate
    kbuild aggregate && kbuild curate && kbuild release
    kbuild train-baseline --model i3d_tiny
    """  # noqa: D301 (click wants the control character)
    from kinetics_builder.formats.pipes import keeping_pipes

    _check_siblings()
    ctx.with_resource(keeping_pipes())
    ctx.obj = folder


for _module in (
    inspect,
    plan,
    collect,
    restore,
    annotate,
    crowd,
    verify,
    curate,
    publish,
    releases,
    released,
    adopt,
    classes,
    takedown,
    ava,
    images,
    omni,
    flow,
    train,
    detector,
    localiser,
    evaluate,
    tradeoff,
    experiment,
    features,
    card,
    models,
    recipes,
    checkpoint,
    formats,
    measure,
    demo,
):
    for _command in _module.commands:
        group.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, as `kbuild` does once all of this is imported."""
    gc.set_threshold(_NEW_OBJECTS)
    group.main(args=arguments, prog_name="kbuild")
