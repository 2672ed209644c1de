"""`kbuild measure mean`."""

from pathlib import Path

import click

from pipelines.cli.common import emit, json_option


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@json_option
def mean(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Average what the splits of a dataset gave, as UCF101 and HMDB51 are reported.

    FILE is a run that was evaluated, its evaluation folder, or a file that another KIND printed
    with --json; one for each split. Splits count alike, whatever their sizes.
    """
    from pipelines.measuring.averaging import average

    found = average(files)
    emit(found.to_json(), as_json=as_json, lines=found.lines())


commands: list[click.Command] = [mean]
