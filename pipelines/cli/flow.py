"""The command that computes optical flow: flow."""

from pathlib import Path
from typing import Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import emit, json_option, make_reporter, retry_failed_option
from pipelines.cli.numbers import ABOVE_0
from pipelines.cli.running import FOLDER

_MOST = 5
_ELSEWHERE = "No clip is where the release's clips lie: if they lie elsewhere, name it by --clips."


@click.command()
@click.argument("release", required=False, type=FOLDER)
@click.option(
    "--method",
    type=click.Choice(["tv-l1", "raft"]),
    default="tv-l1",
    show_default=True,
    help="What computes it: TV-L1 as the two-stream papers have it, or the network RAFT.",
)
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Of RAFT: torchvision's weights of raft_large or raft_small.",
)
@click.option(
    "--fps",
    "frames_per_second",
    type=ABOVE_0,
    default=25.0,
    show_default=True,
    help="Pictures a second that flow is computed of.",
)
@click.option(
    "--short-side",
    type=click.IntRange(min=16),
    default=256,
    show_default=True,
    help="Short side of those pictures, pixels.",
)
@click.option(
    "--workers",
    "num_workers",
    type=click.IntRange(min=1),
    help="Processes that compute; one a core without it, or one for a GPU.",
)
@click.option("--device", default="auto", help="Of RAFT: auto, cpu, cuda or cuda:1.")
@click.option(
    "--clips",
    default="",
    metavar="PLACE",
    help="Where the release's clips lie: another folder, one of WebDataset's shards, or a "
    "store's address such as s3://bucket/v1.  [default: in the release's folder]",
)
@click.option(
    "--to",
    default="",
    metavar="PLACE",
    help="Where the flow is kept: a folder, or a store's address.  [default: flow/ in the "
    "release's folder]",
)
@click.option(
    "--shards",
    "in_shards",
    is_flag=True,
    help="Keep it in tar files, one for each of those that --clips lie in.",
)
@click.option("--fresh", is_flag=True, help="Throw away what is there and compute it anew.")
@retry_failed_option
@json_option
@click.pass_obj
def flow(
    folder: Path,
    /,
    release: Path | None,
    method: str,
    num_workers: int | None,
    *,
    as_json: bool,
    **options: Any,
) -> None:
    """Compute the optical flow of a release's clips, and keep it beside them in flow/.

    RELEASE is a folder; the workspace's newest release without it. What networks that eat flow
    (i3d_flow, two_stream, ...) are trained on and tested with. It goes on where it was stopped;
    a second run does nothing. Where clips or flow lie elsewhere, `train-baseline`, `evaluate` and
    `features` take the same PLACEs as --clips and --flow.
    """
    from kinetics_builder.video.flow.settings import Method
    from pipelines.flow.asking import Asked
    from pipelines.flow.run import compute_flow
    from pipelines.training import release_folder

    release = release_folder(folder, release, of_films=False)
    asked = Asked(method=Method(method), num_workers=num_workers or 0, **options)
    report = compute_flow(release, asked, make_reporter(as_json=as_json))
    listed = [f"  {row.file}: {row.reason}: {row.message}" for row in report.failures[:_MOST]]
    lines = [
        f"flow of {counted(report.num_clips - len(report.failures), 'clip')} in {report.place}, "
        f"{report.bytes / 2**20:,.1f} MiB",
        *([f"{counted(len(report.failures), 'clip has', 'clips have')} none:"] if listed else []),
        *listed,
        *(["  ... see flow.csv there"] if len(report.failures) > _MOST else []),
        *([_ELSEWHERE] if report.is_without_clips and not options["clips"] else []),
    ]
    emit(report, as_json=as_json, lines=lines)


commands: list[click.Command] = [flow]
