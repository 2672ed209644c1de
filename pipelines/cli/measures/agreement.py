"""`kbuild measure agreement`, with a command for votes, boxes and segments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import columns_option
from pipelines.cli.measures.common import FILE, manner_of, manner_options, show

_PATH = click.Path(exists=True, path_type=Path)


@click.group()
def agreement() -> None:
    """Measure how far people agree: about labels, boxes, or where actions begin and end.

    There is no truth here: `kbuild measure agreement votes FILE` takes all workers' answers,
    `boxes` and `segments` take one file of each of two annotators.
    """


@agreement.command()
@click.argument("file", type=FILE)
@columns_option
@manner_options
def votes(*, file: Path, columns: Sequence[str] | None, as_json: bool, **options: Any) -> None:
    """Compare the answers in FILE, a CSV with a row for each worker, task and label.

    Gives Fleiss' kappa (also for each label), Krippendorff's alpha, the mean of Cohen's kappa
    over pairs of workers, and the share of pairs of answers that are equal. Workers need not
    answer every task. A header is known by its words, such as `question,annotator,answer`;
    without one the first three cells count.
    """
    from pipelines.measuring.agreement.votes import measure_votes

    show(measure_votes(file, manner_of(options), columns), as_json=as_json)


@agreement.command()
@click.argument("first", type=_PATH)
@click.argument("second", type=_PATH)
@click.option("--format", "format_name", default="ava", show_default=True, help="Of both files.")
@click.option("--label-map", type=FILE, help="The names of the actions.")
@manner_options
def boxes(
    *,
    first: Path,
    second: Path,
    format_name: str,
    label_map: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare the boxes of two annotators, in files such as AVA's CSV.

    Gives the F1 of boxes that overlap by half, and the mean overlap of all pairs; for each
    action, the F1 of the persons who do it.
    """
    from pipelines.measuring.agreement.boxes import measure_boxes

    measured = measure_boxes(
        first, second, manner_of(options), format_name=format_name, label_map=label_map
    )
    show(measured, as_json=as_json)


@agreement.command()
@click.argument("first", type=_PATH)
@click.argument("second", type=_PATH)
@click.option(
    "--format",
    "format_name",
    help="Of both files; by what they hold without it: activitynet, charades or kinetics.",
)
@manner_options
def segments(
    *, first: Path, second: Path, format_name: str | None, as_json: bool, **options: Any
) -> None:
    """Compare where two annotators let actions begin and end.

    Gives the F1 of segments that overlap by half, the mean overlap of all pairs, and how far
    their starts and ends are apart.
    """
    from pipelines.measuring.agreement.segments import measure_segments

    show(
        measure_segments(first, second, manner_of(options), format_name=format_name),
        as_json=as_json,
    )


commands: list[click.Command] = [agreement]
