"""What the commands share that run networks: where they run, and what they leave out."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pipelines.cli.numbers import COUNT

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.Path(file_okay=False, path_type=Path)
THREADS = click.option("--threads", type=COUNT, default=1, help="Threads of torch on the CPU.")
RELEASE = click.option(
    "--release",
    type=FOLDER,
    help="A release, or for detectors a folder of AVA's files; the workspace's newest without it.",
)
RESUME = click.option("--resume/--fresh", default=True, help="Go on with the run, or begin again.")
CHECKPOINT_EVERY = click.option(
    "--checkpoint-every",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Steps between two states on the disk: what a kill or a power cut may cost.",
)
_OPTIONS = (
    click.option("--device", default="auto", help="auto, cpu, cuda or cuda:1."),
    THREADS,
    click.option(
        "--workers", type=click.IntRange(min=0), default=0, help="Processes that decode clips."
    ),
)
_LYING = (
    click.option("--cache", type=FOLDER, help="Folder of decoded frames, shared by runs."),
    click.option(
        "--clips",
        default="",
        metavar="PLACE",
        help="Where a release's clips lie: another folder, one of WebDataset's shards, or a "
        "store's address such as s3://bucket/v1.  [default: in the release's folder]",
    ),
    click.option(
        "--flow",
        default="",
        metavar="PLACE",
        help="Where the flow of its clips lies, as `kbuild flow --to` was given it.  [default: "
        "flow/ in the release's folder]",
    ),
)
MISSING = click.option(
    "--missing",
    type=click.Choice(["leave-out", "count-wrong"]),
    default="leave-out",
    show_default=True,
    help="What becomes of clips that cannot be read, in accuracies.",
)


def device_options(function: F) -> F:
    """Add the options that say where a network runs; `runtime_of` takes their values."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return lying_options(function)


def lying_options(function: F) -> F:
    """Add the options that say where clips, flow and copies lie; `lying_of` takes their values."""
    for option in reversed(_LYING):
        function = option(function)
    return function


def lying_of(options: dict[str, Any]) -> Any:
    """Return the `Lying` that the options describe."""
    from pipelines.network_card.page import Lying

    return Lying(clips=options["clips"], flow=options["flow"], cache=options["cache"])


def runtime_of(options: dict[str, Any]) -> Any:
    """Return the `Runtime` that the options describe."""
    from models.training.runtime import Runtime

    return Runtime(
        counts_missing=options.get("missing") == "count-wrong",
        device=options["device"],
        num_threads=options["threads"],
        num_workers=options["workers"],
        cache=options["cache"],
        clips=options.get("clips", ""),
        flow=options.get("flow", ""),
        fresh=not options.get("resume", True),
        **{key: options[key] for key in ("checkpoint_every",) if key in options},
    )


def is_first_process() -> bool:
    """Tell whether this process is the one that speaks, of those that torchrun starts together."""
    return os.environ.get("RANK", "0") == "0"


def weights_of(_context: click.Context, _option: click.Parameter, path: Path | None) -> str | None:
    """Return the weights file of a run's folder, any other file as it is: a click callback."""
    if path is None:
        return None
    return str(path / "model.safetensors" if path.is_dir() else path)


def broken_lines(broken: Any, missing: str = "leave-out") -> list[str]:
    """Return a count and one line for each file that could not be read."""
    if not broken:
        return []
    listed = [f"  {item.file}: {item.reason}" for item in broken]
    became = "counted wrong" if missing == "count-wrong" else "left out"
    return [f"{len(broken)} could not be read and were {became}:", *listed]
