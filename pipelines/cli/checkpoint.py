"""Commands about files of weights: checkpoint import."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option

if TYPE_CHECKING:
    from models.checkpoints.importing import ImportReport


@click.group()
def checkpoint() -> None:
    """Take over weights that others have trained."""


@checkpoint.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", required=True, help="The network it is.")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The network's folder; imported/NAME in the workspace without it.",
)
@click.option(
    "--labels",
    "labels_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file's classes in order, one a line; numbers without it.",
)
@click.option(
    "--learnt-from",
    "datasets",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="What it has learnt from: a release's folder, a released file (its split train), or a "
    "list of ids (.txt). `evaluate` warns of clips of it. May be repeated.",
)
@json_option
@click.pass_obj
def import_(
    folder: Path,
    /,
    file: Path,
    name: str,
    *,
    out: Path | None,
    labels_file: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Turn FILE into a network of ours, which `evaluate` takes.

    \b
    FILE is one of
      .pt .pth .pyth   piergiaj's I3D, PySlowFast, pytorchvideo, torchvision, mmaction2
      .pkl             Caffe2, of PySlowFast's authors
      .index           TensorFlow, DeepMind's I3D; its .data file stands beside it
    Nothing in it is executed. Every key must find its place, and every shape must fit.
    """  # noqa: D301 (click wants the control character)
    from models.checkpoints.readers.bundle import check_there

    check_there(file)
    from models.checkpoints.importing import import_checkpoint
    from models.zoo import network_spec

    labels = None if labels_file is None else _labels(labels_file)
    target = out or folder / "imported" / name
    report = import_checkpoint(file, network_spec(name), target, labels)
    if datasets := options["datasets"]:
        from pipelines.learnt.notes import note_learnt

        note_learnt(target, datasets)
    emit(report, as_json=as_json, lines=_lines(report))


def _labels(path: Path) -> list[str]:
    from kinetics_builder.formats.problems import Problems
    from kinetics_builder.formats.text import some_lines

    return list(some_lines(path, Problems(path)))


def _lines(report: "ImportReport") -> list[str]:
    keys = report.keys
    return [
        *(f"read {name}  sha256 {digest}" for name, digest in report.sources),
        f"layout {keys.layout}: {len(keys.mapped)} keys mapped, 0 missing, 0 left over",
        *([f"{len(keys.filled)} that the layout lacks were filled in"] if keys.filled else []),
        *(f"ignored {key}, which is no weight" for key in keys.ignored),
        f"{report.network} with {report.num_classes} classes: {report.weights}",
    ]


commands: list[click.Command] = [checkpoint]
