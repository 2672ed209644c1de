"""`kbuild measure groups`."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit
from pipelines.cli.measures.common import FILE, inputs_of, measure_options
from pipelines.cli.numbers import Number


@click.command()
@measure_options
@click.option(
    "--groups",
    "groups_file",
    type=FILE,
    required=True,
    help="A CSV file with the columns clip and group, as people answered.",
)
@click.option(
    "--split",
    type=click.Choice(["train", "validate", "test"]),
    help="The split to compare, where the ground truth holds several.",
)
@click.option(
    "--dominance",
    type=Number(min=0.5, max=1.0, min_open=True),
    default=0.9,
    show_default=True,
    metavar="SHARE",
    help="Of a class's clips from which on one group dominates it.",
)
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="Clips that a group and the others of its class must have each to be compared.",
)
def groups(
    *,
    groups_file: Path,
    split: str | None,
    dominance: float,
    least: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Tell which classes one group of people dominates, and which are judged worse for some.

    The study of Kinetics-400: people say of what group those in a clip are; a network's errors in
    each class are then compared by group. Files are those of `kbuild measure kinetics`. Only what
    people were asked is counted: nothing is guessed from the videos.
    """
    from pipelines.measuring.groups.measure import measure_groups

    found = measure_groups(
        inputs_of(options), groups_file, split=split, share=dominance, least=least
    )
    emit(found.to_json(), as_json=as_json, lines=found.lines())


commands: list[click.Command] = [groups]
