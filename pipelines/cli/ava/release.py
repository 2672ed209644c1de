"""`kbuild ava release`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import json_option, make_reporter, open_workspace
from pipelines.cli.handing_out import hand_out, out_option

if TYPE_CHECKING:
    from pipelines.ava.releasing.release import AvaReleaseReport

_MOST = 5
"""Films that are named."""


@click.command()
@click.option("--name", metavar="NAME", help="Of the new folder; ava-v1, ava-v2 ... without it.")
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private Ed25519 key as PEM: the checksums are signed by it.",
)
@click.option(
    "--layout",
    type=click.Choice(["v2.2", "v2.1", "ava-kinetics"]),
    default="v2.2",
    show_default=True,
    help="Whose rows: AVA v2.2, v2.1 (no rows of two cells), or AVA-Kinetics (a key frame a clip).",
)
@click.option(
    "--films",
    type=click.Choice(["whole", "stretches", "none"]),
    default="whole",
    show_default=True,
    help="Whether the films are part of it: whole (linked, where the disk can), or cut to the "
    "stretches that are annotated.",
)
@click.option(
    "--exclude-unverified",
    is_flag=True,
    help="Leave out key frames that people have not said everything of; else none is released.",
)
@click.option(
    "--actions-from-file",
    is_flag=True,
    help="Of persons of whom people have not said everything, take the actions that the file of "
    "boxes states; they are marked as confirmed by nobody.",
)
@out_option
@json_option
@click.pass_obj
def release(
    folder: Path,
    /,
    *,
    layout: str,
    films: str,
    out: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Write what people confirmed to releases/NAME: AVA's files, films, answers, README, checksums.

    With --actions-from-file also what a file of boxes states and nobody confirmed: unconfirmed.csv
    lists such labels, and the README says so. Everything is checked before a file is written.
    Equal state gives equal bytes: when a release holds the same already, it is named and nothing
    is written.
    """
    from pipelines.ava.releasing.films import FilmsAs
    from pipelines.ava.releasing.layouts import LAYOUTS
    from pipelines.ava.releasing.release import Asked
    from pipelines.ava.releasing.release import release as run

    asked = Asked(layout=LAYOUTS[layout], films=FilmsAs(films), **options)
    workspace = open_workspace(folder)
    begin = partial(run, workspace, asked, make_reporter(as_json=as_json))
    hand_out(workspace, out, begin, _lines, as_json=as_json)


def _lines(report: "AvaReleaseReport") -> list[str]:
    found = "new" if report.is_new else "there already, with the same content"
    lines = [f"{report.folder}: {found}"]
    for split, counts in report.splits.items():
        told = ", ".join(f"{number:,} {what.replace('_', ' ')}" for what, number in counts.items())
        lines.append(f"{split:<8}  {told}")
    lines.append(
        f"{counted(report.num_actions, 'action occurs', 'actions occur')}, {report.num_measured} "
        "measured"
    )
    lines += [
        f"{what:<15} {', '.join(f'{number:,} by {by}' for by, number in said.items() if number)}"
        for what, said in report.said_by.items()
    ]
    if stated := report.said_by["labels"]["a file"]:
        lines.append(f"{stated:,} labels were confirmed by nobody: unconfirmed.csv lists them")
    lines += [f"left out  {number:>6,}  {reason}" for reason, number in report.left_out.items()]
    lines += [
        f"{number:,} boxes {what}, the first: {report.first_odd[what]}"
        for what, number in report.odd_boxes.items()
    ]
    for what, films in (
        ("without any row", report.empty_films),
        ("without their file, in the rows alone", report.missing_films),
    ):
        if films:
            more = f" and {len(films) - _MOST} more" if len(films) > _MOST else ""
            lines.append(f"films {what}: {', '.join(films[:_MOST])}{more}")
    return lines
