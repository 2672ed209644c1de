"""Commands of publishing: curate, release."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import emit, json_option, open_workspace

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace
    from pipelines.publishing.curate import CurateReport


@click.command()
@click.option(
    "--edits",
    "edits_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Record the lines of FILE that are new: merge, split, rename, drop, filter, undo.",
)
@click.option("--undo", "number", metavar="N", type=int, help="Record that edit N is undone.")
@click.option("--list", "is_list", is_flag=True, help="Show the recorded edits, change nothing.")
@json_option
@click.pass_obj
def curate(
    folder: Path, edits_file: Path | None, number: int | None, *, is_list: bool, as_json: bool
) -> None:
    """Choose the clips to release: apply the class edits, deal clips out to splits.

    \b
    One edit a line; # begins a comment:
      merge A + B -> C          split A -> X | Y          split A -> by answers
      rename A -> B             drop A                    undo 3
      filter min_clips=20       filter min_yes_rate=0.5
    """  # noqa: D301 (click wants the control character)
    if sum((edits_file is not None, number is not None, is_list)) > 1:
        raise click.UsageError("Give one of --edits, --undo and --list.")
    from dataclasses import asdict

    workspace = open_workspace(folder)
    if is_list:
        _show_edits(workspace, as_json=as_json)
        return
    report, new = _curate(workspace, edits_file, number)
    emit({**asdict(report), "new_edits": new}, as_json=as_json, lines=_curate_lines(report, new))


def _show_edits(workspace: "Workspace", *, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.database.engine import reading
    from pipelines.publishing.edits import list_edits

    with reading(workspace.engine) as session:
        edits = list_edits(session)
    lines = [f"{e.number:>4}  {e.text}{'' if e.is_live else '  (undone)'}" for e in edits]
    emit([asdict(e) for e in edits], as_json=as_json, lines=lines or ["No edits are recorded."])


def _curate(
    workspace: "Workspace", edits_file: Path | None, number: int | None
) -> tuple["CurateReport", list[str]]:
    from kinetics_builder.database.engine import writing
    from pipelines.publishing.curate import curate as run
    from pipelines.publishing.edits import record_edits, undo_edit

    new: list[str] = []
    with writing(workspace.engine) as session:
        if edits_file is not None:
            new = record_edits(session, edits_file)
        if number is not None:
            undo_edit(session, number)
            new = [f"undo {number}"]
        return run(session, workspace.config), new


def _curate_lines(report: "CurateReport", new: list[str]) -> list[str]:
    from kinetics_builder.text.counting import counted

    splits = ", ".join(f"{num} {split}" for split, num in report.splits.items())
    return [
        *(f"recorded: {text}" for text in new),
        f"{report.num_clips} of {counted(report.num_accepted, 'accepted clip')} in "
        f"{counted(len(report.labels), 'class', 'classes')} after "
        f"{counted(report.num_edits, 'edit')}: {splits}.",
        f"{counted(report.num_changed, 'clip')} changed since the last run.",
        *(f"{note.sort}: {note.subject} {note.reason}" for note in report.notes),
    ]


@click.command()
@click.option("--name", metavar="NAME", help="Of the new folder; v1, v2 and so on without it.")
@json_option
@click.pass_obj
def release(folder: Path, name: str | None, *, as_json: bool) -> None:
    """Write the curated clips to releases/NAME: CSVs, clips, README and checksums.

    Equal state gives equal bytes: when a release holds the same already, it is named and
    nothing is written.
    """
    from kinetics_builder.text.counting import counted
    from pipelines.publishing.release import release as run

    report = run(open_workspace(folder), name)
    splits = ", ".join(f"{num} {split}" for split, num in report.splits.items())
    lines = [
        f"{report.folder}: {'new' if report.is_new else 'there already, with the same content'}",
        f"{counted(report.num_clips, 'clip')} of "
        f"{counted(report.num_labels, 'class', 'classes')} ({splits}), "
        f"{report.bytes / 1e6:.1f} MB",
    ]
    emit(report, as_json=as_json, lines=lines)


commands: list[click.Command] = [curate, release]
