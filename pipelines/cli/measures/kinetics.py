"""`kbuild measure kinetics`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.measures.common import FILE, inputs_of, measure_options, show
from pipelines.cli.numbers import Number

if TYPE_CHECKING:
    from pipelines.measuring.kinetics.summing import Other


@click.command()
@measure_options
@click.option(
    "--split",
    type=click.Choice(["train", "validate", "test"]),
    help="The split to compare, where the ground truth holds several.",
)
@click.option(
    "--rows",
    "rows_file",
    type=FILE,
    help="The clip of each row of a matrix of scores; the ground truth's order without it.",
)
@click.option(
    "--blocked",
    type=FILE,
    help="Videos or clips to leave out on both sides: a JSON list, or one a line.",
)
@click.option(
    "--confusion",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the confusion matrix to this CSV file.",
)
@click.option(
    "--sum",
    "summed_with",
    type=FILE,
    help="Other predictions of the same clips, another stream's: their scores are added.",
)
@click.option(
    "--weights",
    nargs=2,
    type=Number(0),
    metavar="W W",
    help="With --sum: what the scores of both files are multiplied by.  [default: 1 1]",
)
def kinetics(
    *,
    split: str | None,
    rows_file: Path | None,
    blocked: Path | None,
    confusion: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare labels of clips with Kinetics' ground truth, by errors at 1 and 5.

    The ground truth is a CSV of Kinetics or of a release, the official JSON, or ActivityNet's
    layout. Predictions are a submission (JSON), the predictions.csv of `kbuild evaluate`, or a
    matrix of scores (.npy or .npz, with --label-map for its columns). A clip without
    prediction is wrong; a clip with several labels is right with any of them.
    """
    from pipelines.measuring.kinetics.measure import measure_kinetics

    other = _other(options.pop("summed_with"), options.pop("weights"))
    measured = measure_kinetics(
        inputs_of(options),
        split=split,
        rows_file=rows_file,
        blocked=blocked,
        confusion=confusion,
        other=other,
    )
    show(measured, as_json=as_json)


def _other(predictions: Path | None, weights: tuple[float, float] | None) -> "Other | None":
    from pipelines.measuring.kinetics.summing import Other

    if predictions is None:
        if weights:
            raise click.UsageError("--weights are those of a sum: name the other file by --sum.")
        return None
    if weights and not any(weights):
        raise click.UsageError("--weights 0 0 leave nothing of either file: give one above 0.")
    return Other(predictions, weights or (1.0, 1.0))


commands: list[click.Command] = [kinetics]
