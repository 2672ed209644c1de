"""The command that writes what a network sees in clips as numbers: features."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.places import require_place
from kinetics_builder.text.counting import counted
from pipelines.cli.common import emit, json_option
from pipelines.cli.running import broken_lines, device_options, runtime_of

if TYPE_CHECKING:
    from pipelines.features.linear import LinearReport

_SPLITS = ("train", "validate", "test")


@click.command()
@click.argument("release", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--model",
    "run",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A trained network: a run's folder, or its weights.",
)
@click.option(
    "--layer",
    default="backbone",
    show_default=True,
    help="Whose output is taken, averaged over positions (`kbuild models` lists layers); "
    "`backbone` is all before the classifier.",
)
@click.option(
    "--split",
    "splits",
    multiple=True,
    type=click.Choice(_SPLITS),
    help="Whose clips; may be repeated.  [default: all]",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.parquet or FILE.npz; features.parquet in the run without it.",
)
@click.option(
    "--linear",
    is_flag=True,
    help="Also fit a linear SVM on the split train, C chosen by folds over its videos, and score "
    "it on test.",
)
@device_options
@json_option
def features(
    release: Path,
    *,
    run: Path,
    layer: str,
    splits: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Write what a layer of a trained network gives for each clip of RELEASE.

    One row a clip, with its file, video, times, label and split, and which layer of which network
    it is of. A clip's features are the mean over the views of the network's test.
    """
    from models.evaluation.features import clip_features
    from pipelines.features.files import check_name, write_features
    from pipelines.features.linear import fit_on

    out = out or (run if run.is_dir() else run.parent) / "features.parquet"
    check_name(out)
    require_place(out)
    wanted = splits or _SPLITS
    found = clip_features(run, release, layer, wanted, runtime_of(options))
    write_features(out, found)
    fitted = fit_on(found) if options["linear"] else None
    lines = [
        f"{found.features_ND.shape[1]} features of {counted(len(found.rows), 'clip')}: what "
        f"{layer} of {found.network} gives",
        *broken_lines(found.broken),
        *_linear_lines(fitted),
        f"The features are {out}",
    ]
    report = {
        "network": found.network,
        "layer": layer,
        "num_features": found.features_ND.shape[1],
        "num_clips": len(found.rows),
        "broken": found.broken,
        "linear": fitted,
        "file": out,
    }
    emit(_plain(report), as_json=as_json, lines=lines)


def _plain(report: dict[str, Any]) -> dict[str, Any]:
    from dataclasses import asdict

    linear = report["linear"]
    broken = [asdict(one) for one in report["broken"]]
    return report | {"linear": None if linear is None else asdict(linear), "broken": broken}


def _linear_lines(found: "LinearReport | None") -> list[str]:
    if found is None:
        return []
    tried = ", ".join(f"{cost:g}: {share:.3f}" for cost, share in found.fold_accuracies.items())
    return [
        f"linear SVM of {counted(found.num_train, 'clip')}, C = {found.cost:g} (folds: {tried})",
        f"top-1           {found.top1:.3f}  on {counted(found.num_test, 'clip')} of test",
        f"mean class      {found.mean_class_accuracy:.3f}",
    ]


commands: list[click.Command] = [features]
