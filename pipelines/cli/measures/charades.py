"""`kbuild measure charades`."""

from typing import Any

import click

from pipelines.cli.measures.common import inputs_of, measure_options, show


@click.command()
@measure_options
@click.option(
    "--task",
    type=click.Choice(["classification", "localization"]),
    default="classification",
    show_default=True,
    help="Compare whole videos, or 25 points of time in each.",
)
def charades(*, task: str, as_json: bool, **options: Any) -> None:
    """Compare scores of 157 classes with Charades' ground truth, by mAP.

    The ground truth is Charades_v1_test.csv. Predictions are lines of an id and 157 scores
    (classification), or of an id, a frame from 1 to 25 and 157 scores (localization). Of other
    data like it, as a release of segments, --label-map says which classes there are.
    """
    from pipelines.measuring.charades.measure import Task, measure_charades

    show(measure_charades(inputs_of(options), Task(task)), as_json=as_json)


commands: list[click.Command] = [charades]
