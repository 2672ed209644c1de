"""The command that gives away: release."""

from pathlib import Path

import click

from pipelines.cli.common import emit, json_option, open_workspace

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
@json_option
@click.pass_obj
def release(folder: Path, kind: str, name: str | None, key: Path | None, *, as_json: bool) -> None:
    """Write the curated clips to releases/NAME: lists, tables, clips and checksums.

    With --kind segments what people marked in whole videos, as ActivityNet and Charades have it.

    Equal state gives equal bytes: when a release holds the same already, it is named and
    nothing is written.
    """
    from kinetics_builder.text.counting import counted
    from pipelines.publishing.release import release as run

    if kind == "segments":
        _release_segments(folder, name, key, as_json=as_json)
        return
    report = run(open_workspace(folder), name, key)
    splits = ", ".join(f"{num} {split}" for split, num in report.splits.items())
    lines = [
        f"{report.folder}: {'new' if report.is_new else 'there already, with the same content'}",
        f"{counted(report.num_clips, 'clip')} of "
        f"{counted(report.num_labels, 'class', 'classes')} ({splits}), "
        f"{report.bytes / 1e6:.1f} MB",
    ]
    emit(report, as_json=as_json, lines=lines)


def _release_segments(folder: Path, name: str | None, key: Path | None, *, as_json: bool) -> None:
    from kinetics_builder.text.counting import counted
    from pipelines.timelines.release import release_segments

    report = release_segments(open_workspace(folder), name, key)
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
    emit(report, as_json=as_json, lines=lines)


commands: list[click.Command] = [release]
