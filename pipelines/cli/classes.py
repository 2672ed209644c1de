"""`kbuild classes`: what became of classes, and a release under its new ones."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit, json_option

_FILE = click.Path(exists=True, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def classes() -> None:
    """Say what became of classes from version to version, and carry releases forward."""


@classes.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option(
    "--earlier",
    type=_FILE,
    multiple=True,
    help="A version before OLD, for classes that return; may be given several times.",
)
@click.option(
    "--sure",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.7,
    show_default=True,
    help="From which belief on a change is said to be so; the others are guesses.",
)
@click.option("--edits", type=_OUT, help="Write the changes as edits to be read through.")
@click.option("--all", "shows_all", is_flag=True, help="Also name the classes kept, and the new.")
@json_option
def diff(
    old: Path, new: Path, earlier: tuple[Path, ...], *, sure: float, as_json: bool, **shown: Any
) -> None:
    """Say which classes of OLD were kept, renamed, split, merged or dropped in NEW.

    Each may be a list of classes, a label map in any dialect, a file of clips such as train.csv,
    or the folder of a release. Names tell much; where both have rows, the videos that both
    name tell more.
    """
    from dataclasses import asdict

    from kinetics_builder.text.counting import counted
    from pipelines.classes.diff import diff_classes, diff_lines, write_edits

    report = diff_classes(old, new, earlier, sure=sure)
    lines = diff_lines(report, shows_all=shown["shows_all"])
    if (edits := shown["edits"]) is not None:
        lines += ["", f"{edits}: {counted(write_edits(report, edits), 'edit')}, to be read through"]
    emit({**asdict(report), "counts": report.counts}, as_json=as_json, lines=lines)


@classes.command()
@click.argument("file", type=_FILE)
@click.option("--edits", type=_FILE, required=True, help="As `classes diff --edits` writes them.")
@click.option("--out", type=_OUT, required=True, help="Where the rows go, in FILE's own format.")
@click.option("--newer", type=_FILE, help="A newer version: tells rows of split classes apart.")
@click.option("--undecided", type=_OUT, help="Where rows go that nothing tells apart.")
@json_option
def carry(
    file: Path, edits: Path, out: Path, newer: Path | None, undecided: Path | None, *, as_json: bool
) -> None:
    """Write the rows of FILE under the classes that edits make of its own.

    Rows of a class that is split go where --newer has their video; those that nothing tells
    apart are left out, and written to --undecided for people to look at.
    """
    from pipelines.classes.carry import carry_classes, carry_lines

    report = carry_classes(file, edits, out, newer=newer, undecided=undecided)
    emit(report, as_json=as_json, lines=carry_lines(report, out, undecided))


commands: list[click.Command] = [classes]
