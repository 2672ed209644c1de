"""Commands that begin and look: init, status, report, doctor."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from pipelines.inspecting.status import Status


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
@json_option
@click.pass_obj
def status(folder: Path, with_failures: bool, as_json: bool) -> None:
    """Show counts and reasons, stage by stage."""
    from dataclasses import asdict

    from pipelines.inspecting.status import failures
    from pipelines.inspecting.status import status as look

    workspace = open_workspace(folder)
    found = look(workspace)
    failed = list(failures(workspace)) if with_failures else []
    lines = _status_lines(found)
    lines += [f"{f.stage}  {f.key}  {f.reason}: {f.message}" for f in failed]
    report = asdict(found)
    if with_failures:
        report["failures"] = [asdict(failure) for failure in failed]
    emit(report, as_json=as_json, lines=lines)


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The HTML file; report.html in the workspace without it.",
)
@json_option
@click.pass_obj
def report(folder: Path, out: Path | None, as_json: bool) -> None:
    """Write one self-contained HTML page about the workspace, with pictures."""
    from pipelines.inspecting.report import write_report

    workspace = open_workspace(folder)
    path = write_report(workspace, out or workspace.root / "report.html")
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


def _status_lines(found: "Status") -> list[str]:
    lines = [f"{'stage':<13}{'items':>8}{'done':>8}{'failed':>8}{'running':>8}{'pending':>8}"]
    for stage in found.stages:
        reasons = ", ".join(f"{count} {reason}" for reason, count in stage.failures.items())
        lines.append(
            f"{stage.stage:<13}{stage.num_items:>8}{stage.num_done:>8}{stage.num_failed:>8}"
            f"{stage.num_running:>8}{stage.num_pending:>8}  {reasons}".rstrip()
        )
    lines.append("")
    lines += [f"{name:<21}{count:>8}" for name, count in found.counts.items()]
    for title, counts in (
        ("clips by place", found.standings),
        ("clips by verdict", found.verdicts),
        ("curated by split", found.splits),
    ):
        if counts:
            listed = ", ".join(f"{count} {name}" for name, count in counts.items())
            lines.append(f"{title:<21}{listed}")
    if found.releases:
        lines.append(f"{'releases':<21}{', '.join(found.releases)}")
    if found.crowd:
        lines += ["", *(f"! {news}" for news in found.crowd)]
    return lines


commands = [init, status, report, doctor]
