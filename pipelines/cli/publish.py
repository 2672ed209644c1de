"""The command that gives away: release."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import json_option, open_workspace
from pipelines.cli.handing_out import hand_out, out_option

if TYPE_CHECKING:
    from pipelines.publishing.release import ReleaseReport
    from pipelines.timelines.release import SegmentsReleaseReport

_MOST_SHOWN = 10
"""Videos that are left out, with the reason."""


@click.command()
@click.option(
    "--kind",
    type=click.Choice(["clips", "segments"]),
    default="clips",
    show_default=True,
    help="Clips that people confirmed, or when they say that classes happen in whole videos.",
)
@click.option("--name", metavar="NAME", help="Of the new folder; v1, v2 and so on without it.")
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private Ed25519 key as PEM: the checksums are signed by it.",
)
@click.option(
    "--shards",
    "num_shards",
    metavar="N",
    type=click.IntRange(min=1),
    help="Also write the clips as WebDataset's tar files, N of each split.",
)
@out_option
@json_option
@click.pass_obj
def release(
    folder: Path,
    /,
    kind: str,
    name: str | None,
    key: Path | None,
    *,
    as_json: bool,
    **options: Any,
) -> None:
    """Write the curated clips to releases/NAME: lists, tables, clips and checksums.

    With --kind segments what people marked in whole videos, as ActivityNet and Charades have it.

    Equal state gives equal bytes: when a release holds the same already, it is named and
    nothing is written.
    """
    from pipelines.publishing.release import release as run
    from pipelines.timelines.release import release_segments

    workspace, num_shards, out = open_workspace(folder), options["num_shards"], options["out"]
    if kind == "segments":
        if num_shards is not None:
            raise click.UsageError("--shards is of clips: segments are released without videos.")
        begin = partial(release_segments, workspace, name, key)
        hand_out(workspace, out, begin, _lines_of_segments, as_json=as_json)
        return
    begin_clips = partial(run, workspace, name, key, num_shards=num_shards)
    hand_out(workspace, out, begin_clips, _lines_of_clips, as_json=as_json)


def _lines_of_clips(report: "ReleaseReport") -> list[str]:
    splits = ", ".join(f"{num} {split}" for split, num in report.splits.items())
    shards = f", and in {counted(report.num_shards, 'shard')}" if report.num_shards else ""
    return [
        f"{report.folder}: {'new' if report.is_new else 'there already, with the same content'}",
        f"{counted(report.num_clips, 'clip')} of "
        f"{counted(report.num_labels, 'class', 'classes')} ({splits}), "
        f"{report.bytes / 1e6:.1f} MB{shards}",
    ]


def _lines_of_segments(report: "SegmentsReleaseReport") -> list[str]:
    splits = ", ".join(
        f"{found['segments']} in {counted(found['videos'], 'video')} of {split}"
        for split, found in report.splits.items()
    )
    lines = [
        f"{report.folder}: {'new' if report.is_new else 'there already, with the same content'}",
        f"{counted(report.num_segments, 'segment')} of "
        f"{counted(report.num_classes, 'class', 'classes')} ({splits})",
        *(f"left out: {one.video_id}: {one.reason}" for one in report.left_out[:_MOST_SHOWN]),
    ]
    if (more := len(report.left_out) - _MOST_SHOWN) > 0:
        lines.append(f"and {counted(more, 'video')} more: `left_out.csv` has them")
    return lines


commands: list[click.Command] = [release]
