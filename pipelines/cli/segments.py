"""`kbuild crowd segments`: where people agree that actions begin and end."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import emit, json_option, open_workspace
from pipelines.cli.numbers import Number

if TYPE_CHECKING:
    from pipelines.verifying.segments import SegmentsReport


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="All segments as CSV; for a name in .json those agreed on, as ActivityNet has them.",
)
@click.option(
    "--overlap",
    type=Number(min=0, max=1, min_open=True),
    default=0.5,
    show_default=True,
    help="Mean intersection over union from which on marks are of one doing.",
)
@click.option(
    "--share",
    type=Number(min=0, max=1, min_open=True),
    default=0.5,
    show_default=True,
    help="Of those asked who must have marked it; two in any case.",
)
@click.option("--encoding", help="Of FILE, where it is not UTF-8, such as latin-1.")
@json_option
@click.pass_obj
def segments(
    folder: Path,
    /,
    file: Path | None,
    out: Path,
    *,
    encoding: str | None,
    as_json: bool,
    **least: float,
) -> None:
    """Cluster the stretches that several people marked to segments they agree on.

    Those that were marked at the page of the workspace (`kbuild assign --kind segments`), or in
    FILE: a CSV with a row for each mark: worker, video, label, start and end in seconds. A row
    without times says that the worker looked for the class and found it nowhere.
    """
    from dataclasses import asdict

    from kinetics_builder.crowd.segments.agreeing import Agreement
    from kinetics_builder.database.engine import reading
    from pipelines.verifying.segments import (
        agreed_segments,
        marks_of_page,
        read_marks,
        report_on,
        write_segments,
    )

    if file is None:
        workspace = open_workspace(folder)
        with reading(workspace.engine) as session:
            marked = marks_of_page(session)
    elif file.resolve() == out.resolve():
        raise click.UsageError(f"FILE and --out are the same file, {file}.")
    else:
        marked = read_marks(file, encoding)
    found = agreed_segments(marked, Agreement(least["overlap"], least["share"]))
    write_segments(found, out)
    report = report_on(marked, found)
    emit(asdict(report), as_json=as_json, lines=_lines(report, out))


def _lines(report: "SegmentsReport", out: Path) -> list[str]:
    from kinetics_builder.text.counting import counted

    lines = [
        f"{counted(report.num_marks, 'mark')} of {counted(report.num_workers, 'worker')}: "
        f"{counted(report.num_agreed, 'segment')} agreed on, {report.num_left:,} left, in {out}."
    ]
    if report.overlap is not None:
        lines.append(
            f"Two marks of an agreed segment overlap by {report.overlap:.2f} (intersection over "
            f"union); starts lie {report.start_spread:.2f} s from it, ends {report.end_spread:.2f} "
            "s (medians)."
        )
    return lines
