"""The command that holds accuracy against cost: tradeoff."""

from pathlib import Path

import click

from pipelines.cli.common import emit, json_option
from pipelines.cli.running import FOLDER


@click.command()
@click.argument("runs", nargs=-1, required=True, type=FOLDER)
@click.option(
    "--split",
    type=click.Choice(["train", "validate", "test"]),
    default="test",
    show_default=True,
    help="What they were evaluated on.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw them into this file, .png or .svg.",
)
@json_option
def tradeoff(runs: tuple[Path, ...], split: str, picture: Path | None, as_json: bool) -> None:
    """Hold what trained networks reach against what they compute for it.

    RUNS are folders of `kbuild train-baseline` that `kbuild evaluate` has measured. The cost is
    that of a test of one clip: multiply-adds of a view, as the test looks at it, times its views.
    """
    from dataclasses import asdict

    from kinetics_builder.formats.output import writing_bytes
    from pipelines.measuring.tradeoff.points import HEADER, read_points

    if picture is not None and picture.suffix not in (".png", ".svg"):
        raise click.UsageError(f"--picture {picture}: the name must end in .png or .svg.")
    points = read_points(runs, split)
    lines = [HEADER, *(point.line for point in points)]
    if picture is not None:
        from pipelines.measuring.tradeoff.picture import draw

        with writing_bytes(picture) as file:
            file.write(draw(points, picture.suffix))
        lines.append(f"They are drawn in {picture}")
    rows = [asdict(point) | {"multiply_adds": point.multiply_adds} for point in points]
    emit(rows, as_json=as_json, lines=lines)


commands: list[click.Command] = [tradeoff]
