"""`kbuild measure ava`."""

from typing import Any

import click

from pipelines.cli.measures.common import FILE, inputs_of, measure_options, show
from pipelines.cli.numbers import ABOVE_0, Number


@click.command()
@measure_options
@click.option(
    "--task",
    type=click.Choice(["frame", "video"]),
    default="frame",
    show_default=True,
    help="Compare boxes on key frames, or tubes over time.",
)
@click.option(
    "--unlisted",
    type=click.Choice(["ignore", "false-positive"]),
    default="ignore",
    show_default=True,
    help="What a prediction on a key frame is that the ground truth does not list.",
)
@click.option(
    "--excluded",
    type=FILE,
    help="Key frames to leave out, as rows of a video and a timestamp.",
)
@click.option(
    "--train",
    type=FILE,
    help="What the detector learnt from: print the prior's mAP as well (task frame).",
)
@click.option(
    "--iou",
    "min_overlap",
    type=Number(min=0, max=1, min_open=True),
    help="The least overlap of boxes that match (task frame).  [default: 0.5]",
)
@click.option(
    "--step",
    "step_seconds",
    type=ABOVE_0,
    help="Seconds from one key frame to the next within a tube (task video).  [default: 1]",
)
def ava(
    *,
    task: str,
    min_overlap: float | None,
    step_seconds: float | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare boxes (or tubes) with actions with AVA's ground truth, by mAP.

    The task frame gives what the challenge's server gives, `mAP@0.5IOU`; predictions are rows
    of `video,timestamp,x1,y1,x2,y2,action,score`. With --train the prior's mAP stands beside
    it: the same boxes, each with every class scored by its share of the training rows.

    The task video links the boxes of a person into tubes, and gives the mAP at 0.2, 0.5 and
    0.5:0.95; its predictions have the number of their track behind the score. Give
    --label-map: 60 of AVA's 80 classes count.
    """
    from pipelines.measuring.ava.measure import Rules, Unlisted, measure_frames, measure_videos

    rules = Rules(
        unlisted=Unlisted(options.pop("unlisted")),
        excluded=options.pop("excluded"),
        train=options.pop("train"),
    )
    inputs = inputs_of(options)
    if task == "video":
        if min_overlap is not None:
            raise click.UsageError("--iou is of the task frame; video measures at 0.2 to 0.95.")
        if rules.train is not None:
            raise click.UsageError("--train is of the task frame: a tube has no prior.")
        measured = measure_videos(inputs, rules, step_seconds=step_seconds or 1.0)
    else:
        if step_seconds is not None:
            raise click.UsageError("--step is of --task video.")
        measured = measure_frames(inputs, rules, min_overlap=min_overlap or 0.5)
    show(measured, as_json=as_json)


commands: list[click.Command] = [ava]
