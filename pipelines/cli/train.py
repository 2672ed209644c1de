"""Commands that learn from what was built: train-scorer, train-baseline, evaluate."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option, say

if TYPE_CHECKING:
    from models.training.report import TrainReport

_FOLDER = click.Path(file_okay=False, path_type=Path)
_DEVICE = click.option("--device", default="auto", help="auto, cpu, cuda or cuda:1.")
_THREADS = click.option("--threads", default=1, help="Threads of torch on the CPU.")
_WORKERS = click.option("--workers", default=0, help="Processes that decode clips.")
_CACHE = click.option("--cache", type=_FOLDER, help="Folder of decoded frames, shared by runs.")
_RELEASE = click.option(
    "--release", type=_FOLDER, help="A release; the workspace's newest without it."
)


@click.command()
@click.option("--images", type=_FOLDER, required=True, help="DIR/<class>/*.jpg")
@click.option("--out", type=_FOLDER, help="The scorer's folder; `scorer` in the workspace.")
@click.option("--backbone", help="A torchvision classifier, or tiny [tiny].")
@click.option("--weights", help="A file or a torchvision weight's name; from scratch without it.")
@click.option("--size", type=int, help="Height and width of the input, pixels [64].")
@click.option("--steps", "num_steps", type=int, help="Steps; the recipe's own without it.")
@click.option("--batch-size", type=int, help="Pictures of a step.")
@click.option("--rate", "peak_rate", type=float, help="Highest learning rate.")
@click.option("--seed", type=int, help="Of everything random [0].")
@_THREADS
@json_option
@click.pass_obj
def train_scorer(
    folder: Path, /, images: Path, out: Path | None, threads: int, as_json: bool, **options: Any
) -> None:
    """Train the image classifier that `score` uses, on pictures of each class."""
    from models.image_scoring.training import ScorerRecipe
    from models.image_scoring.training import train_scorer as train
    from pipelines.training import SCORER, workspace_labels

    given = {key: value for key, value in options.items() if value is not None}
    recipe = ScorerRecipe(num_threads=threads, **given)
    report = train(images, out or folder / SCORER, recipe, workspace_labels(folder), say)
    accuracy = report.holdout_accuracy
    measured = "none" if accuracy is None else f"{accuracy:.3f}"
    lines = [
        f"{report.num_images} pictures of {len(report.labels)} classes, {report.seconds:.1f} s",
        f"top-1 on {report.num_holdout} pictures kept back: {measured}",
        *_broken_lines(report.broken),
        f"The scorer is {report.scorer}; name it in kbuild.toml: [score] scorer = ...",
    ]
    emit(report, as_json=as_json, lines=lines)


@click.command()
@click.option(
    "--model",
    "name",
    required=True,
    help="i3d_tiny, slowfast_tiny, ... (`kbuild models` lists them), or your own FILE.toml.",
)
@_RELEASE
@click.option("--out", type=_FOLDER, help="The run's folder; in the workspace's runs/ without it.")
@click.option("--steps", "num_steps", type=int, help="Steps; the recipe's own without it.")
@click.option("--batch-size", type=int, help="Clips of a step; scales the rate with it.")
@click.option("--rate", "peak_rate", type=float, help="Highest learning rate.")
@click.option("--seed", type=int, help="Of everything random [0].")
@click.option("--init-2d", help="2-D weights to start from: a file or torchvision's name of them.")
@click.option(
    "--half-precision/--full-precision", default=None, help="bfloat16 on CUDA [full precision]."
)
@click.option("--resume/--fresh", default=True, help="Go on with the run, or begin again.")
@click.option(
    "--checkpoint-every",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Steps between two states on the disk: what a kill or a power cut may cost.",
)
@_DEVICE
@_THREADS
@_WORKERS
@_CACHE
@json_option
@click.pass_obj
def train_baseline(
    folder: Path,
    /,
    name: str,
    release: Path | None,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Train a network on a release. A run that was stopped goes on where it stood.

    Ctrl-C and SIGTERM let the step end and save it; the same command goes on from there.
    """
    from models.training.asked import answered, note
    from pipelines.training import network_name, question_of, release_folder, run_folder

    release = release_folder(folder, release)
    run = run_folder(folder, network_name(name), release, out)
    asked = question_of(name, release, options)
    report = answered(run, asked) if options["resume"] else None
    if report is None:
        report = _train(name, release, run, options)
        note(run, asked)
    else:
        say(f"{report.network}: already trained, see {run}")
    lines = [
        f"{report.network}: {report.num_steps} steps over {report.num_train} clips",
        *(f"{key:<16}{value:.3f}" for key, value in sorted(report.metrics.items())),
        *_broken_lines(report.broken),
        f"The checkpoint is {report.checkpoint}; `kbuild evaluate {run}` measures it.",
    ]
    emit(report, as_json=as_json, lines=lines)


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@_RELEASE
@click.option("--out", type=_FOLDER, help="Where the results go; beside the checkpoint without it.")
@click.option(
    "--split",
    type=click.Choice(["train", "validate", "test"]),
    default="test",
    show_default=True,
    help="Which clips are measured.",
)
@click.option(
    "--reversed",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="LABEL LABEL",
    help="Two labels that are each other played backwards. May be repeated.",
)
@_DEVICE
@_THREADS
@_WORKERS
@_CACHE
@json_option
@click.pass_obj
def evaluate(
    folder: Path, /, checkpoint: Path, release: Path | None, as_json: bool, **options: Any
) -> None:
    """Measure a trained network, also on shuffled and reversed clips."""
    from models.evaluation.evaluate import evaluate_checkpoint
    from pipelines.training import release_folder

    run = checkpoint if checkpoint.is_dir() else checkpoint.parent
    split = options["split"]
    out = options["out"] or run / f"evaluation-{split}"
    release = release_folder(folder, release)
    report = evaluate_checkpoint(
        checkpoint, release, out, split, options["pairs"], _runtime(options)
    )
    swapped = report.reversed_swapped
    lines = [
        f"{report.network} on {report.num_clips} clips of the split {split}",
        f"top-1           {report.top1:.3f}  (chance {report.chance:.3f})",
        f"top-5           {report.top5:.3f}",
        f"mean class      {report.mean_class_accuracy:.3f}",
        f"shuffled top-1  {report.shuffled_top1:.3f}",
        *([] if swapped is None else [f"reversed swap   {swapped:.3f}"]),
        *_broken_lines(report.broken),
        f"The confusion matrix is {out / 'confusion.png'}",
    ]
    emit(report, as_json=as_json, lines=lines)


def _train(name: str, release: Path, run: Path, options: dict[str, Any]) -> "TrainReport":
    """Train in the folder `run`, with all that this needs imported."""
    from models.description import find_spec
    from models.training.baseline import train_baseline
    from pipelines.training import chosen_recipe

    recipe = chosen_recipe(name, options)
    return train_baseline(find_spec(name), release, run, recipe, _runtime(options), say)


def _runtime(options: dict[str, Any]) -> Any:
    """Return the `Runtime` that the options describe."""
    from models.training.recipe import Runtime

    return Runtime(
        device=options["device"],
        num_threads=options["threads"],
        num_workers=options["workers"],
        cache=options["cache"],
        fresh=not options.get("resume", True),
        **{key: options[key] for key in ("checkpoint_every",) if key in options},
    )


def _broken_lines(broken: Any) -> list[str]:
    """Return a count and one line for each file that could not be read."""
    if not broken:
        return []
    listed = [f"  {item.file}: {item.reason}" for item in broken]
    return [f"{len(broken)} could not be read and were left out:", *listed]


commands: list[click.Command] = [train_scorer, train_baseline, evaluate]
