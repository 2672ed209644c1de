"""The command that learns when actions happen in long videos: train-localiser."""

from pathlib import Path
from typing import Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import SaysProblems, emit, json_option, say
from pipelines.cli.running import THREADS, broken_lines

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("annotations", type=_FILE)
@click.option(
    "--videos", required=True, type=_FOLDER, help="Where the videos lie, each called by its id."
)
@click.option(
    "--model",
    "run",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="The trained network whose features are learnt from: a run's folder, or its weights.",
)
@click.option("--layer", default="backbone", show_default=True, help="Its layer.")
@click.option(
    "--every",
    "every_seconds",
    type=click.FloatRange(0, min_open=True),
    help="Seconds from one window to the next.  [default: a quarter of the network's window]",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Its folder."
)
@click.option(
    "--split",
    type=click.Choice(["train", "validate", "test"]),
    default="validate",
    show_default=True,
    help="Where actions are found and measured.",
)
@click.option("--steps", "num_steps", type=int, help="Steps  [400].")
@click.option("--batch-size", type=int, help="Videos of a step  [4].")
@click.option("--rate", "peak_rate", type=float, help="Highest learning rate  [0.001].")
@click.option("--width", type=int, help="Channels  [128].")
@click.option("--levels", "num_levels", type=int, help="Time scales, each twice as long  [5].")
@click.option("--seed", type=int, help="Of everything random  [0].")
@THREADS
@json_option
def train_localiser(annotations: Path, *, as_json: bool, **options: Any) -> None:
    """Learn when the actions of ANNOTATIONS happen in long videos, and find them in others.

    ANNOTATIONS is JSON like ActivityNet's (`kbuild convert --to activitynet` makes it of other
    files). A network of clips is asked about windows along each video; a localiser after
    ActionFormer (arXiv:2202.07925) learns from that. What it finds is scored as by `kbuild measure
    activitynet`.
    """
    import torch

    from models.localising.config import LocaliserConfig
    from models.localising.dense import DenseFeatures
    from pipelines.localising.localise import read_annotated
    from pipelines.localising.localise import train_localiser as train
    from pipelines.measuring.activitynet.measure import MEASURES, Rules
    from pipelines.measuring.activitynet.thresholds import parse_thresholds
    from pipelines.measuring.result import Inputs

    names = ("num_steps", "batch_size", "peak_rate", "width", "num_levels", "seed")
    given = {name: options[name] for name in names if options[name] is not None}
    out, split = options["out"], options["split"]
    torch.set_num_threads(options["threads"])
    data = read_annotated(annotations, options["videos"])
    features = DenseFeatures.open(
        options["run"], options["layer"], options["every_seconds"], out / "features"
    )
    report = train(data, features, LocaliserConfig(**given), out, split, say)
    lines = [
        f"{counted(report.num_train, 'video')} learnt from; "
        f"{counted(report.num_found, 'stretch', 'stretches')} found in "
        f"{counted(report.num_searched, 'video')} of the split {split}",
        *broken_lines(report.broken),
        f"The detections are {report.detections}",
    ]
    measured = None
    if report.num_searched:
        inputs = Inputs(
            ground_truth=annotations, predictions=report.detections, on_warning=SaysProblems()
        )
        rules = Rules(subset=split, thresholds=parse_thresholds("activitynet"))
        measured = MEASURES["detection"](inputs, rules)
        lines[1:1] = [f"{key:<14} {value:.4f}" for key, value in measured.values.items()]
    result = {
        "folder": report.folder,
        "num_train": report.num_train,
        "num_searched": report.num_searched,
        "num_found": report.num_found,
        "detections": report.detections,
        "measured": None if measured is None else measured.values,
    }
    emit(result, as_json=as_json, lines=lines)


commands: list[click.Command] = [train_localiser]
