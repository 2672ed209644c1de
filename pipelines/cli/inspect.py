"""Commands that begin and look: init, status, report, check, backup, doctor."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import emit, json_option, open_workspace, say

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def init(base: Path, folder: Path) -> None:
    """Make DIR a workspace, with a commented kbuild.toml."""
    from kinetics_builder.workspace import CONFIG_FILE, Workspace

    workspace = Workspace.create(base / folder)
    click.echo(f"{workspace.root} is a workspace. Its settings stand in {CONFIG_FILE}.")
    click.echo(f"Next: kbuild -C {workspace.root} collect --classes classes.txt")


@click.command()
@click.option("--failures", "with_failures", is_flag=True, help="List every failed item.")
@click.option("--classes", "with_classes", is_flag=True, help="Show each class, the worst first.")
@click.option("--queries", "with_queries", is_flag=True, help="Show each query, the worst first.")
@click.option(
    "--quota",
    type=click.IntRange(min=1),
    metavar="N",
    help="Accepted clips that a class shall have, for --classes; without it, as many as curate "
    "needs to fill its test and validation.",
)
@json_option
@click.pass_obj
def status(
    folder: Path,
    with_failures: bool,
    with_classes: bool,
    with_queries: bool,
    quota: int | None,
    as_json: bool,
) -> None:
    """Show counts and reasons, stage by stage up to the release, and what comes next.

    --classes and --queries show these instead: what was listed, matched, fetched, lost and why,
    proposed, kept and accepted; which classes will miss their quota, which queries bring nothing.
    """
    from dataclasses import asdict

    workspace = open_workspace(folder)
    if quota is not None and not with_classes:
        raise click.UsageError("--quota says what --classes compares with: give both.")
    if with_classes or with_queries:
        _show_farings(workspace, with_classes, with_queries, quota, as_json=as_json)
        return
    from pipelines.inspecting.status import failures
    from pipelines.inspecting.status import status as look
    from pipelines.inspecting.status_lines import status_lines

    found = look(workspace)
    failed = list(failures(workspace)) if with_failures else []
    lines = status_lines(found)
    lines += [f"{f.stage}  {f.key}  {f.reason}: {f.message}" for f in failed]
    report = asdict(found)
    if with_failures:
        report["failures"] = [asdict(failure) for failure in failed]
    emit(report, as_json=as_json, lines=lines)


def _show_farings(
    workspace: "Workspace",
    with_classes: bool,
    with_queries: bool,
    quota: int | None,
    *,
    as_json: bool,
) -> None:
    from dataclasses import asdict

    from pipelines.inspecting.faring.lines import class_lines, query_lines
    from pipelines.inspecting.faring.looking import look_at_classes, look_at_queries

    report: dict[str, Any] = {}
    lines: list[str] = []
    if with_classes:
        pairs = look_at_classes(workspace, quota)
        report["classes"] = [
            asdict(one) | {"num_waiting": one.num_waiting} | asdict(outlook)
            for one, outlook in pairs
        ]
        lines += class_lines(pairs)
    if with_queries:
        queries = look_at_queries(workspace)
        report["queries"] = [asdict(one) | {"why": one.why} for one in queries]
        lines += ([""] if lines else []) + list(query_lines(queries))
    emit(report, as_json=as_json, lines=lines)


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The HTML file; report.html without it, in the workspace if that can be written.",
)
@json_option
@click.pass_obj
def report(folder: Path, out: Path | None, as_json: bool) -> None:
    """Write one self-contained HTML page about the workspace, with pictures."""
    from pipelines.inspecting.report import REPORT, write_report

    workspace = open_workspace(folder)
    place = workspace.root if workspace.is_writable else Path()
    path = write_report(workspace, out or place / REPORT, lambda text: say(f"WARNING: {text}"))
    emit({"report": str(path)}, as_json=as_json, lines=[f"The report is {path}"])


@click.command()
@json_option
@click.pass_obj
def doctor(folder: Path, as_json: bool) -> None:
    """Say what is missing on this machine, and how to get it."""
    from dataclasses import asdict

    from pipelines.inspecting.doctor import doctor as look

    findings = look(folder)
    lines = []
    for finding in findings:
        lines.append(
            f"{'ok     ' if finding.is_good else 'MISSING'} {finding.name:<24}{finding.found}"
        )
        if not finding.is_good:
            lines.append(f"        {finding.remedy}")
    emit([asdict(finding) for finding in findings], as_json=as_json, lines=lines)
    if not all(finding.is_good for finding in findings):
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--quick", is_flag=True, help="Believe files of the noted size and time.")
@json_option
@click.pass_obj
def check(folder: Path, quick: bool, as_json: bool) -> None:
    """Hold every file that was promised against the disk, byte by byte.

    Lists what is missing or was changed in media/, clips/ and releases/, and what the
    database says is wrong with itself. The next `kbuild collect` makes lost videos and clips
    again. Exits 1 if anything is wrong.
    """
    from dataclasses import asdict

    from pipelines.inspecting.check import check as look

    report = look(open_workspace(folder), quick=quick)
    lines = [f"{file.keeping:<8} {file.file}  {file.remedy}" for file in report.broken]
    lines += [f"database: {words}" for words in report.database]
    for name, count in report.num_unknown.items():
        lines.append(f"{count} in {name}/ that no row names: of earlier settings, or not ours")
    sound = "as they were left" if report.is_sound else f"{len(report.broken)} not as they were"
    lines.append(f"{counted(report.num_files, 'file was', 'files were')} promised: {sound}.")
    emit({**asdict(report), "is_sound": report.is_sound}, as_json=as_json, lines=lines)
    if not report.is_sound:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def backup(folder: Path, file: Path, as_json: bool) -> None:
    """Copy the database to FILE, whole and checked, whoever writes to it meanwhile.

    To go back, end all that runs, remove kbuild.sqlite-wal and kbuild.sqlite-shm, and put
    the copy in the place of kbuild.sqlite. For PostgreSQL it says what to run.
    """
    from pipelines.inspecting.backup import backup as run

    size = run(open_workspace(folder), file)
    emit(
        {"file": str(file), "bytes": size},
        as_json=as_json,
        lines=[f"{file} holds all rows ({size / 1e6:.1f} MB), and is yours alone."],
    )


commands = [init, status, report, check, backup, doctor]
