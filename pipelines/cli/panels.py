"""`kbuild crowd panels` and `kbuild crowd pay`: paid panels, and what they are told."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from pipelines.verifying.pay import PayReport


@click.command()
@json_option
@click.pass_obj
def panels(folder: Path, as_json: bool) -> None:
    """List the paid panels of the settings: what address each is given, how its sessions stand."""
    import time

    from kinetics_builder.crowd.panels.registry import address_of
    from kinetics_builder.crowd.panels.visits import count_outcomes
    from kinetics_builder.database.engine import reading

    workspace = open_workspace(folder)
    public_url = workspace.config.page.public_url
    with reading(workspace.engine) as session:
        found: list[dict[str, Any]] = [
            {
                "panel": panel.name,
                "platform": panel.platform,
                "is_open": panel.is_open,
                "address": address_of(panel, public_url),
                "sessions": count_outcomes(session, panel, time.time()),
            }
            for panel in workspace.config.panels
        ]
    lines = []
    for one in found:
        counts = ", ".join(f"{number} {name}" for name, number in one["sessions"].items() if number)
        lines.append(f"{one['panel']}: {counts or 'nobody came yet'}")
        lines.append(f"    {one['address']}")
    if not found:
        lines = ["There are no panels: docs/annotating.md shows how to name one in kbuild.toml."]
    emit(found, as_json=as_json, lines=lines)


@click.command()
@click.option("--panel", "name", required=True, metavar="NAME", help="Its name in kbuild.toml.")
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where all is listed; the platform's own forms go beside it.",
)
@click.option("--all", "is_all", is_flag=True, help="Also name those who were named before.")
@click.option(
    "--run",
    metavar="N",
    type=click.IntRange(min=1),
    help="Write again what the Nth run named, and nobody else.",
)
@json_option
@click.pass_obj
def pay(
    folder: Path, name: str, *, out: Path, is_all: bool, run: int | None, as_json: bool
) -> None:
    """Write whom a panel is to approve, to reject and why, and what bonuses, in its own forms.

    A session is named once it has ended, and once: the next run names those that ended since.
    Read the rejections before you upload them: they say what the standing of the workers is now.
    """
    from dataclasses import asdict

    from pipelines.verifying.pay import pay as write

    if is_all and run is not None:
        raise click.UsageError("--all and --run N exclude one another.")
    report = write(open_workspace(folder), name, out, run=run, is_all=is_all)
    emit(asdict(report), as_json=as_json, lines=_lines(report))


def _lines(report: "PayReport") -> list[str]:
    if not report.files:
        still = f" {report.num_open} sessions have not ended." if report.num_open else ""
        again = " --all names everybody again." if report.run else ""
        return [f"There is nobody new to name, so nothing was written.{still}{again}"]
    told = (
        f"{report.num_approved} approved, {report.num_rejected} rejected, "
        f"{report.num_screened_out} screened out; bonuses: {report.bonus}."
    )
    return [told, *(f"    {file}" for file in report.files)]
