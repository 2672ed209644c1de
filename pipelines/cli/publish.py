"""The command that gives away: release."""

from pathlib import Path

import click

from pipelines.cli.common import emit, json_option, open_workspace


@click.command()
@click.option("--name", metavar="NAME", help="Of the new folder; v1, v2 and so on without it.")
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private Ed25519 key as PEM: the checksums are signed by it.",
)
@json_option
@click.pass_obj
def release(folder: Path, name: str | None, key: Path | None, *, as_json: bool) -> None:
    """Write the curated clips to releases/NAME: lists, tables, clips and checksums.

    Equal state gives equal bytes: when a release holds the same already, it is named and
    nothing is written.
    """
    from kinetics_builder.text.counting import counted
    from pipelines.publishing.release import release as run

    report = run(open_workspace(folder), name, key)
    splits = ", ".join(f"{num} {split}" for split, num in report.splits.items())
    lines = [
        f"{report.folder}: {'new' if report.is_new else 'there already, with the same content'}",
        f"{counted(report.num_clips, 'clip')} of "
        f"{counted(report.num_labels, 'class', 'classes')} ({splits}), "
        f"{report.bytes / 1e6:.1f} MB",
    ]
    emit(report, as_json=as_json, lines=lines)


commands: list[click.Command] = [release]
