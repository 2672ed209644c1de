"""Commands about our own releases: releases check, questions and diff."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit, json_option, open_workspace
from pipelines.cli.releases import releases


@releases.command()
@click.argument("release", required=False)
@click.option(
    "--against",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Another dataset that must share no video: a release's folder, a released file, or a "
    "list of ids (.txt). May be repeated.",
)
@click.option(
    "--alike",
    "is_compared",
    is_flag=True,
    help="Also compare the clips of different splits by the fingerprints of the table, whatever "
    "was noted of them. The time grows with the square of their number.",
)
@click.option(
    "--public-key",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The public part of the key that must have signed it, as PEM.",
)
@click.option(
    "--publish",
    "is_to_publish",
    is_flag=True,
    help="Also find what its datasheet leaves open: it is not ready to be published.",
)
@json_option
@click.pass_obj
def check(
    folder: Path,
    /,
    release: str | None,
    against: tuple[Path, ...],
    *,
    is_to_publish: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Prove that a release, the newest or RELEASE, is as it was made and that no split leaks.

    \b
    Held against the files, the lists against each other, and
    against each other's splits: videos, uploaders, groups, copies;
    against earlier releases here, and what --against names.

    Exits 1 if anything is found, a row for each.
    """  # noqa: D301 (click wants the control character)
    from kinetics_builder.text.counting import counted
    from pipelines.publishing.checking import check_release, find_folder, open_answers

    workspace = open_workspace(folder)
    found = find_folder(workspace, release)
    report = check_release(workspace, found, against, **options)
    if is_to_publish:
        report.findings.extend(open_answers(found))
    findings = counted(len(report.findings), "finding")
    lines = [
        *(f"{one.sort}: {one.place}: {one.problem}" for one in report.findings),
        f"{report.name}: {counted(report.num_clips, 'clip')} and "
        f"{counted(report.num_files, 'file')} looked at, "
        f"{counted(report.num_compared, 'clip')} of others held against them: {findings}.",
    ]
    emit(report, as_json=as_json, lines=lines)
    if report.findings:
        raise click.exceptions.Exit(1)


@releases.command()
@json_option
@click.pass_obj
def questions(folder: Path, *, as_json: bool) -> None:
    """List what the datasheet asks and nobody has answered, in datasheet.toml of the workspace.

    Where there is no such file, one is written with all questions and no answers.
    """
    from kinetics_builder.formats.datasheet.answers import (
        ANSWERS,
        blank_answers,
        open_questions,
        read_answers,
    )
    from kinetics_builder.text.counting import counted

    path = open_workspace(folder).root / ANSWERS
    is_new = not path.exists()
    if is_new:
        path.write_text(blank_answers(), "utf-8")
    left = open_questions(read_answers(path))
    lines = [*([f"{path}: written"] if is_new else []), *left]
    lines.append(f"{counted(len(left), 'question is', 'questions are')} open.")
    emit({"file": path, "is_new": is_new, "open": left}, as_json=as_json, lines=lines)


@releases.command()
@click.argument("one")
@click.argument("other")
@json_option
@click.pass_obj
def diff(folder: Path, one: str, other: str, *, as_json: bool) -> None:
    """Say which clips of release ONE are otherwise in release OTHER, and why."""
    from collections import Counter
    from dataclasses import asdict

    from pipelines.publishing.checking import find_folder
    from pipelines.publishing.differing import diff_releases

    workspace = open_workspace(folder)
    found = diff_releases(find_folder(workspace, one), find_folder(workspace, other))
    counts = Counter(row.sort for row in found)
    sorts = ("added", "removed", "moved", "relabelled")
    lines = [
        *(
            f"{row.sort}: {row.youtube_id} {row.time_start}-{row.time_end}: "
            f"{row.before or 'nowhere'} -> {row.after or 'nowhere'}"
            f"{f' ({row.why})' if row.why else ''}"
            for row in found
        ),
        ", ".join(f"{counts[sort]} {sort}" for sort in sorts) + ".",
    ]
    emit([asdict(row) for row in found], as_json=as_json, lines=lines)


commands: list[click.Command] = []
"""Those of `releases` stand in its group."""
