"""Command of taking down: takedown."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace


@click.command()
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--lift",
    metavar="ENTRY",
    multiple=True,
    help="Let an entry of the list stand no more, as the list writes it: an id, an address, or "
    "'uploader: NAME'. The next run fetches and makes anew what was removed. May be repeated.",
)
@click.option(
    "--rewrite",
    "rewrites",
    is_flag=True,
    help="Also take them out of the releases that hold them, which stay as they are else.",
)
@click.option("--reason", metavar="TEXT", help="Why the entries are lifted.")
@json_option
@click.pass_obj
def takedown(
    folder: Path,
    file: Path | None,
    *,
    lift: tuple[str, ...],
    reason: str | None,
    rewrites: bool,
    as_json: bool,
) -> None:
    """Take videos out of this workspace, and keep them out, as the list FILE says.

    \b
    One entry a line; # begins a comment:
      dQw4w9WgXcQ                | 2026-11-03 | asked by a person shown
      https://films.org/1.mp4    | 2026-11-04 | copyright claim
      uploader: Some Channel     | 2026-11-05 | asked by the uploader

    Their files are removed, their clips leave the tasks and the next release, and no stage
    fetches them again. What people have said stays.
    """  # noqa: D301 (click wants the control character)
    if (file is None) == (not lift):
        raise click.UsageError("Name a takedown list FILE, or the entries to --lift.")
    if file is None and rewrites:
        raise click.UsageError("--rewrite goes with a takedown list FILE.")
    if file is not None and reason is not None:
        raise click.UsageError("--reason says why entries are lifted; FILE has its own reasons.")
    workspace = open_workspace(folder)
    if file is None:
        _lift(workspace, lift, reason or "", as_json=as_json)
    else:
        _take_down(workspace, file, rewrites=rewrites, as_json=as_json)


def _take_down(workspace: "Workspace", file: Path, *, rewrites: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.text.counting import counted
    from pipelines.takedown.takedown import takedown as run

    report, here = run(workspace, file, rewrites=rewrites), "of this workspace"
    lines = [
        f"{counted(report.num_entries, 'entry', 'entries')}, {report.num_new} of them new. "
        f"{counted(report.num_videos, f'video {here} is', f'videos {here} are')} on the list: "
        f"{counted(report.num_files, 'file')} removed.",
        *(
            [f"{report.num_lifted} of them were lifted: a line of another date takes down anew."]
            if report.num_lifted
            else []
        ),
        *(
            [f"errata.csv beside them has {counted(report.num_errata, 'row')} more."]
            if report.num_errata
            else []
        ),
        *(
            f"releases/{name} holds or names them still: run {how}, then remove that folder."
            for name, how in zip(report.releases, report.remakes, strict=True)
        ),
        *(
            f"releases/{name} lost its signature, which was of other checksums: `kbuild releases "
            f"sign {name} --key FILE` signs it anew."
            for name in report.unsigned
        ),
        *(f"releases/{name} stays as it is: {reason}" for name, reason in report.failures),
    ]
    emit(asdict(report), as_json=as_json, lines=lines)
    if report.failures:
        raise click.exceptions.Exit(1)


def _lift(workspace: "Workspace", names: tuple[str, ...], reason: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.text.counting import counted
    from pipelines.takedown.lifting import lift as run

    report = run(workspace, names, reason)
    line = (
        f"{counted(report.num_lifted, 'entry', 'entries')} lifted, "
        f"{report.num_before} were before. "
        f"{counted(report.num_free, 'video')} of this workspace may be fetched again: run what "
        f"collected them. {counted(report.num_videos, 'is', 'are')} on the list still."
    )
    emit(asdict(report), as_json=as_json, lines=[line])


commands: list[click.Command] = [takedown]
