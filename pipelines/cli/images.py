"""Command: images."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit, json_option, open_workspace, say


@click.command()
@click.option(
    "--classes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The list of classes; those of the workspace without it.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder; pictures/search in the workspace."
)
@click.option(
    "--number", default=100, show_default=True, type=click.IntRange(1), help="For each class."
)
@click.option(
    "--language",
    "languages",
    metavar="CODE",
    multiple=True,
    help="Ask queries in these alone, such as pt; all of the list without it. May be repeated.",
)
@click.option(
    "--licence",
    "licences",
    default="by,by-sa,cc0,pdm",
    show_default=True,
    help="Licences that are taken, in Openverse's words.",
)
@click.option(
    "--address",
    default="https://api.openverse.org",
    show_default=True,
    help="Of Openverse's API, or of one of its shape.",
)
@click.option(
    "--pause",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0),
    help="Seconds between two questions; without an account Openverse wants one.",
)
@json_option
@click.pass_obj
def images(
    folder: Path, /, *, classes: Path | None, out: Path | None, as_json: bool, **values: Any
) -> None:
    """Fetch pictures of each class from an image search, for `train-scorer --images`.

    A class's name is asked first, then its other queries, as `kbuild queries` lists them.

    Each keeps its maker and licence, in attributions.csv beside them.
    """
    from pipelines.picturing.asking import SEARCHED, ask_for_images

    workspace = open_workspace(folder)
    place = out or workspace.root / SEARCHED
    report = ask_for_images(workspace, classes, place, values, say)
    fates = ", ".join(f"{count} {fate}" for fate, count in report.fates.items())
    short = [label for label, count in report.kept.items() if count < values["number"]]
    lines = [
        f"{sum(report.kept.values())} pictures of {len(report.kept)} classes in {report.folder}; "
        f"{report.num_new} images tried now",
        f"of all images tried: {fates or 'none'}",
    ]
    if report.num_refused:
        lines.append(f"{report.num_refused} that were found are on the takedown list")
    if short:
        lines.append(
            f"{len(short)} classes have fewer than {values['number']}, for instance {short[0]!r}: "
            f"{report.kept[short[0]]}"
        )
    lines.append(f"Learn from them: kbuild train-scorer --images {report.folder}")
    emit(report, as_json=as_json, lines=lines)


commands: list[click.Command] = [images]
