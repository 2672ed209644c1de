"""`kbuild measure activitynet`."""

from typing import Any

import click

from pipelines.cli.measures.common import FILE, inputs_of, measure_options, show
from pipelines.cli.numbers import ABOVE_0


@click.command()
@measure_options
@click.option(
    "--task",
    type=click.Choice(["detection", "proposals", "classification"]),
    default="detection",
    show_default=True,
    help="What was predicted: labelled segments, segments, or labels of whole videos.",
)
@click.option("--subset", default="validation", show_default=True, help="The videos that count.")
@click.option(
    "--tiou",
    metavar="RANGE|NAME|LIST",
    help="Thresholds of temporal IoU: FIRST:STEP:LAST, activitynet, thumos (0.3:0.1:0.7), or "
    "a list with commas (tasks detection and proposals).  [default: 0.5:0.05:0.95]",
)
@click.option(
    "--top-k",
    type=click.IntRange(min=1),
    help="The k of Hit@k (task classification).  [default: 3]",
)
@click.option(
    "--max-proposals",
    "max_average",
    type=ABOVE_0,
    help="Where the curve ends, in proposals a video on average (task proposals).  [default: 100]",
)
@click.option(
    "--blocked",
    type=FILE,
    help="Videos to leave out on both sides: a JSON list, or one id a line. The official code "
    "asks its server for them.",
)
def activitynet(
    *,
    task: str,
    tiou: str | None,
    top_k: int | None,
    max_average: float | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare segments, or labels of videos, with annotations like ActivityNet's.

    Detection gives `Average-mAP` and the mAP at each threshold; proposals `AUC`, the area
    under the curve of average recall as a share of 1, and points of the curve, `AR@AN`;
    classification `mAP`, `Hit@k` and `Avg-Hit@k`. Labels without annotations have no AP, and
    those without predictions have the AP 0.
    """
    from kinetics_builder.formats.splits import split_of
    from pipelines.measuring.activitynet.measure import MEASURES, Rules
    from pipelines.measuring.activitynet.thresholds import parse_thresholds

    subset, blocked = options.pop("subset"), options.pop("blocked")
    given = {"--tiou": tiou, "--top-k": top_k, "--max-proposals": max_average}
    _check_options(task, [name for name, value in given.items() if value is not None])
    try:
        split_of(subset)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--subset") from error
    rules = Rules(
        subset=subset,
        thresholds=parse_thresholds(tiou or "activitynet"),
        top_k=top_k or 3,
        max_average=max_average or 100.0,
        blocked=blocked,
    )
    show(MEASURES[task](inputs_of(options), rules), as_json=as_json)


_TASKS = {
    "--tiou": ("detection", "proposals"),
    "--top-k": ("classification",),
    "--max-proposals": ("proposals",),
}


def _check_options(task: str, given: list[str]) -> None:
    for name in given:
        if task not in _TASKS[name]:
            raise click.UsageError(f"{name} is of --task {' and '.join(_TASKS[name])}.")


commands: list[click.Command] = [activitynet]
