"""The command that learns when actions happen in long videos: train-localiser."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import SaysProblems, emit, json_option, open_workspace, say
from pipelines.cli.numbers import ABOVE_0, COUNT, SEED
from pipelines.cli.running import (
    CHECKPOINT_EVERY,
    RESUME,
    THREADS,
    broken_lines,
)

if TYPE_CHECKING:
    from pipelines.localising.localise import LocaliserReport, Localising

_SIZES = ("num_steps", "batch_size", "peak_rate", "width", "num_levels", "seed")
_SPLIT = click.Choice(["train", "validate", "test"])
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("annotations", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--videos",
    type=_FOLDER,
    help="Where the videos lie, each called by its id.  [default: the workspace's media/]",
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
    type=ABOVE_0,
    help="Seconds from one window to the next.  [default: a quarter of the network's window]",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Its folder."
)
@click.option(
    "--train-split", type=_SPLIT, default="train", show_default=True, help="What is learnt from."
)
@click.option(
    "--split",
    type=_SPLIT,
    default="validate",
    show_default=True,
    help="Where actions are found and measured.",
)
@click.option(
    "--without",
    metavar="CLASS",
    multiple=True,
    help="Leave out a class, as THUMOS' Ambiguous; may be repeated.",
)
@click.option("--steps", "num_steps", type=COUNT, help="Steps  [400].")
@click.option("--batch-size", type=COUNT, help="Videos of a step  [4].")
@click.option("--rate", "peak_rate", type=ABOVE_0, help="Highest learning rate  [0.001].")
@click.option("--width", type=COUNT, help="Channels  [128].")
@click.option("--levels", "num_levels", type=COUNT, help="Time scales, each twice as long  [5].")
@click.option("--seed", type=SEED, help="Of everything random  [0].")
@RESUME
@CHECKPOINT_EVERY
@click.option(
    "--device", default="auto", show_default=True, help="auto (a GPU if there is one), cpu, cuda."
)
@THREADS
@json_option
@click.pass_obj
def train_localiser(
    folder: Path, /, *, annotations: Path, videos: Path | None, as_json: bool, **options: Any
) -> None:
    """Learn when the actions of ANNOTATIONS happen in long videos, and find them in others.

    ANNOTATIONS is a release of segments, or JSON like ActivityNet's (`kbuild convert --to
    activitynet` makes it of other files). A network of clips is asked about windows along each
    video; a localiser after ActionFormer (arXiv:2202.07925) learns from that. What it finds is
    scored as by `kbuild measure activitynet`.

    Ctrl-C and SIGTERM let the step end and save it; the same command goes on from there.
    """
    from models.training.runtime import Runtime
    from pipelines.localising.annotated import annotations_of
    from pipelines.localising.localise import train_localiser as train

    annotations = annotations_of(annotations)
    wanted = _wanted(annotations, videos or open_workspace(folder).media, options)
    runtime = Runtime(
        device=options["device"],
        num_threads=options["threads"],
        checkpoint_every=options["checkpoint_every"],
        fresh=not options["resume"],
    )
    report = train(wanted, runtime)
    values = _measured(annotations, report, wanted)
    lines = [
        f"{counted(report.num_train, 'video')} learnt from; "
        f"{counted(report.num_found, 'stretch', 'stretches')} found in "
        f"{counted(report.num_searched, 'video')} of the split {wanted.split}",
        *(f"{key:<14} {value:.4f}" for key, value in (values or {}).items()),
        *broken_lines(report.broken),
        f"The detections are {report.detections}, their classes {report.classes}",
    ]
    result = {
        "folder": report.folder,
        "num_train": report.num_train,
        "num_searched": report.num_searched,
        "num_found": report.num_found,
        "detections": report.detections,
        "classes": report.classes,
        "measured": values,
    }
    emit(result, as_json=as_json, lines=lines)


def _wanted(annotations: Path, videos: Path, options: dict[str, Any]) -> "Localising":
    """Return what the options ask for, with the network opened and the annotations read."""
    import torch

    from models.localising.config import LocaliserConfig
    from models.localising.dense import DenseFeatures
    from models.training.device import choose_device
    from pipelines.localising.annotated import read_annotated
    from pipelines.localising.localise import Localising

    config = LocaliserConfig(**{n: options[n] for n in _SIZES if options[n] is not None})
    torch.set_num_threads(options["threads"])
    data = read_annotated(annotations, videos, options["without"])
    return Localising(
        data=data,
        features=DenseFeatures.open(
            options["run"],
            options["layer"],
            options["every_seconds"],
            options["out"] / "features",
            choose_device(options["device"]),
        ),
        config=config,
        out=options["out"],
        train_split=options["train_split"],
        split=options["split"],
        say=say,
    )


def _measured(
    annotations: Path, report: "LocaliserReport", wanted: "Localising"
) -> dict[str, float] | None:
    """Return the measures of what was found; None where nobody knows what happens there."""
    from pipelines.measuring.activitynet.measure import MEASURES, Rules
    from pipelines.measuring.activitynet.thresholds import parse_thresholds
    from pipelines.measuring.result import Inputs

    if not report.num_searched:
        return None
    if wanted.split not in wanted.data.annotated_splits:
        say(
            f"{annotations} says of no video of the split {wanted.split} what happens: not measured"
        )
        return None
    inputs = Inputs(
        ground_truth=annotations,
        predictions=report.detections,
        label_map=report.classes,
        on_warning=SaysProblems(),
    )
    rules = Rules(subset=wanted.split, thresholds=parse_thresholds("activitynet"))
    return MEASURES["detection"](inputs, rules).values


commands: list[click.Command] = [train_localiser]
