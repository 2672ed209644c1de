"""The command that lets others' clips be learnt from: releases adopt."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import SaysProblems, emit, json_option, make_reporter, retry_failed_option
from pipelines.cli.formats import file_options, file_options_of
from pipelines.cli.releases import releases

if TYPE_CHECKING:
    from pipelines.adopting.run import Report


@releases.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--from", "name", metavar="NAME", required=True, help="The format of FILE.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIRECTORY",
    help="The folder that is made.",
)
@file_options
@click.option(
    "--workers",
    "num_workers",
    type=click.IntRange(min=1),
    help="Processes that look at files; one a core without it.",
)
@retry_failed_option
@json_option
def adopt(
    files: tuple[Path, ...],
    name: str,
    out: Path,
    num_workers: int | None,
    *,
    retry_failed: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make a folder of others' clips that networks are trained on as on a release.

    \b
      kbuild releases adopt trainlist01.txt testlist01.txt --from ucf101 \\
          --media UCF-101 --out ucf1
      kbuild releases adopt testTrainMulti_7030_splits --from hmdb51 \\
          --split-number 1 --media hmdb51_org --out hmdb1

    FILE is of any format of clips (`kbuild formats`); each clip is a file below --media, which
    stays where it is. Every file is opened once. Clips that are missing or broken are listed, so
    that tests can count them; rows that cannot be used are left out; troubles.csv names both.
    """  # noqa: D301 (click wants the control character)
    from kinetics_builder.formats.registry import find_format
    from pipelines.adopting.asking import Asked
    from pipelines.adopting.run import adopt as run
    from pipelines.converting.convert import Listeners

    if (media := options["media"]) is None:
        raise click.UsageError("--media says where the clips' files are.")
    one, said = find_format(name), SaysProblems()
    asked = Asked(
        annotations=files,
        format=one,
        options=file_options_of(options, one),
        media=media,
        num_workers=num_workers or os.cpu_count() or 1,
        retry_failed=retry_failed,
    )
    listeners = Listeners(on_error=said, on_warning=said)
    report = run(asked, out, listeners, make_reporter(as_json=as_json))
    emit(report, as_json=as_json, lines=_lines(report))


def _lines(report: "Report") -> list[str]:
    clips = ", ".join(f"{num:,} {split}" for split, num in report.num_clips.items() if num)
    lines = [f"{report.folder}: {counted(report.num_classes, 'class', 'classes')}, clips: {clips}"]
    if report.reasons:
        found = ", ".join(f"{num:,} {reason}" for reason, num in report.reasons.items())
        lines.append(
            f"{found}; {report.num_left_out:,} of these left out: see "
            f"{report.folder / 'troubles.csv'}"
        )
    return [*lines, f"Try: kbuild train-baseline --model i3d_tiny --release {report.folder}"]


commands: list[click.Command] = []
"""It belongs to `releases`."""
