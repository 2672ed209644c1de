"""Command: demo."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import emit, json_option, make_reporter, say
from pipelines.cli.numbers import SEED

if TYPE_CHECKING:
    from pipelines.demo.verdict import Bar


@click.command()
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--ava",
    "is_ava",
    is_flag=True,
    help="The other half: films in which several people meet, up to who does what.",
)
@click.option("--small", is_flag=True, help="A taste of it, in about 90 seconds.")
@click.option(
    "--seed",
    type=SEED,
    default=0,
    show_default=True,
    help="Another seed is another world.",
)
@json_option
@click.pass_obj
def demo(
    base: Path, folder: Path | None, is_ava: bool, small: bool, seed: int, as_json: bool
) -> None:
    """Build a dataset from a small world with known truth, and judge every stage.

    Draws videos, serves them on loopback, collects, annotates, releases and trains in DIR
    ("demo", or "demo-small" with --small). Run it again after an interruption: it goes on
    where it stood. Exits 1 if a bar is missed.

    With --ava ("demo-ava", "demo-ava-small") it draws films, trains a detector of persons on
    some, finds and links the persons of the others, and has simulated annotators mend the boxes
    and say what everybody does.
    """
    place = base / (folder or "-".join(["demo", *["ava"] * is_ava, *["small"] * small]))
    run = _run_ava if is_ava else _run_kinetics
    if run(place, small, seed, as_json=as_json):
        raise click.exceptions.Exit(1)


def _run_kinetics(place: Path, small: bool, seed: int, *, as_json: bool) -> "list[Bar]":
    """Run the demo of Kinetics; return the bars that it missed."""
    from dataclasses import asdict

    from rich.console import Console

    from pipelines.demo.plan import Plan
    from pipelines.demo.printing import print_verdict
    from pipelines.demo.run import run_demo
    from pipelines.demo.show import Show

    show = Show(say, lambda: make_reporter(as_json=as_json))
    verdict = run_demo(Plan(place, small, seed), show)
    if as_json:
        emit(asdict(verdict), as_json=True)
    else:
        print_verdict(verdict, Console())
    return verdict.missed


def _run_ava(place: Path, small: bool, seed: int, *, as_json: bool) -> "list[Bar]":
    """Run the demo of AVA; return the bars that it missed."""
    from rich.console import Console

    from pipelines.demo.ava.plan import AvaPlan
    from pipelines.demo.ava.printing import print_verdict
    from pipelines.demo.ava.run import run_ava_demo
    from pipelines.demo.show import Show

    show = Show(say, lambda: make_reporter(as_json=as_json))
    verdict = run_ava_demo(AvaPlan(place, small, seed), show)
    if as_json:
        emit(verdict.to_json(), as_json=True)
    else:
        print_verdict(verdict, Console())
    return verdict.missed


commands: list[click.Command] = [demo]
