"""Command of taking down: takedown."""

from pathlib import Path

import click

from pipelines.cli.common import emit, json_option, open_workspace


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def takedown(folder: Path, file: Path, *, as_json: bool) -> None:
    """Take videos out of this workspace, and keep them out, as the list FILE says.

    \b
    One entry a line; # begins a comment:
      dQw4w9WgXcQ                | 2026-11-03 | asked by a person shown
      https://films.org/1.mp4    | 2026-11-04 | copyright claim
      uploader: Some Channel     | 2026-11-05 | asked by the uploader

    Their files are removed, their clips leave the tasks and the next release, and no stage
    fetches them again. What people have said stays.
    """  # noqa: D301 (click wants the control character)
    from dataclasses import asdict

    from pipelines.takedown.takedown import takedown as run

    report = run(open_workspace(folder), file)
    lines = [
        f"{report.num_entries} entries, {report.num_new} of them new. {report.num_videos} videos "
        f"of this workspace are on the list: {report.num_files} files removed.",
        *(
            f"releases/{name} holds clips of them still: run `kbuild curate` and `kbuild release`, "
            "then remove that folder."
            for name in report.releases
        ),
    ]
    emit(asdict(report), as_json=as_json, lines=lines)


commands: list[click.Command] = [takedown]
