"""Command: images."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option, open_workspace, say
from pipelines.cli.numbers import Number

if TYPE_CHECKING:
    from pipelines.picturing.collecting import ImagesReport

_OF_THE_SEARCH = ("languages", "licences", "address", "pause")


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Choice(["search", "thumbnails"]),
    default="search",
    show_default=True,
    help="An image search, or what sites show of the videos that name a class.",
)
@click.option(
    "--classes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The list of classes; those of the workspace without it.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder; pictures/search or pictures/thumbnails in the workspace.",
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
    type=Number(0),
    help="Seconds between two questions; without an account Openverse wants one.",
)
@json_option
@click.pass_obj
def images(
    folder: Path, /, *, classes: Path | None, out: Path | None, as_json: bool, **values: Any
) -> None:
    """Fetch pictures of each class, for `train-scorer --images`.

    An image search is asked a class's name first, then its other queries, as `kbuild queries`
    lists them. Thumbnails are those that sources list of videos whose titles name the class:
    first of videos with clips that people accepted, then as well as the titles match.

    Each keeps its maker and licence, in attributions.csv beside them.
    """
    from pipelines.picturing.asking import (
        SEARCHED,
        THUMBNAILS,
        ask_for_images,
        ask_for_thumbnails,
    )

    workspace, number = open_workspace(folder), values["number"]
    if values["source"] == "thumbnails":
        _refuse_options_of_the_search()
        place = out or workspace.root / THUMBNAILS
        report = ask_for_thumbnails(workspace, classes, place, number, say)
    else:
        report = ask_for_images(workspace, classes, out or workspace.root / SEARCHED, values, say)
    emit(report, as_json=as_json, lines=[*_lines(report, number)])


def _refuse_options_of_the_search() -> None:
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        is_given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if name in _OF_THE_SEARCH and is_given:
            raise click.UsageError(
                f"{option.opts[0]} is for the image search. Thumbnails have the licences that "
                "videos are collected with, and the addresses that sources list."
            )


def _lines(report: "ImagesReport", number: int) -> Iterator[str]:
    from kinetics_builder.text.counting import counted

    fates = ", ".join(f"{count} {fate}" for fate, count in report.fates.items())
    yield (
        f"{counted(sum(report.kept.values()), 'picture')} of "
        f"{counted(len(report.kept), 'class', 'classes')} in {report.folder}; "
        f"{counted(report.num_new, 'image')} tried now"
    )
    yield f"of all images tried: {fates or 'none'}"
    if report.num_refused:
        yield f"{report.num_refused} that were found are on the takedown list"
    if report.num_withdrawn:
        yield (
            f"{counted(report.num_withdrawn, 'picture')} removed: of videos that people have "
            "rejected since, or that name the class no more"
        )
    if report.num_unlisted:
        yield (
            f"no thumbnail is known of {report.num_unlisted} of "
            f"{counted(report.num_candidates, 'video')} that name a class: their sources list "
            "none, or listed them before this was kept (collect --limit N with another N asks "
            "searches again)"
        )
    yield from report.resting
    short = [label for label, count in report.kept.items() if count < number]
    if short:
        have = "class has" if len(short) == 1 else "classes have"
        yield (
            f"{len(short)} {have} fewer than {number}, for instance {short[0]!r}: "
            f"{report.kept[short[0]]}"
        )
    yield f"Learn from them: kbuild train-scorer --images {report.folder}"


commands: list[click.Command] = [images]
