"""The command that makes of decisions what is released: curate, and what edits would change."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option, open_workspace
from pipelines.cli.numbers import COUNT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kinetics_builder.crowd.class_edits import RecordedEdit
    from kinetics_builder.workspace import Workspace
    from pipelines.publishing.curating.curate import CurateReport

_EDITS = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.option(
    "--edits",
    "edits_file",
    metavar="FILE",
    type=_EDITS,
    help="Record the lines of FILE that are new: merge, split, rename, move, drop, filter, ...",
)
@click.option("--undo", "number", metavar="N", type=COUNT, help="Record that edit N is undone.")
@click.option("--author", metavar="NAME", default="", help="Of --undo, and of lines that say none.")
@click.option("--reason", metavar="TEXT", default="", help="Of --undo.")
@click.option("--list", "is_list", is_flag=True, help="Show the recorded edits, change nothing.")
@json_option
@click.pass_context
def curate(
    context: click.Context,
    /,
    edits_file: Path | None,
    number: int | None,
    *,
    is_list: bool,
    as_json: bool,
    **told: str,
) -> None:
    """Choose the clips to release: apply the class edits, deal clips out to splits.

    \b
    One edit a line; # begins a comment, which is the edit's reason:
      merge A + B -> C          split A -> X | Y          split A -> by answers
      rename A -> B             move A -> GROUP           drop A
      filter min_clips=20       filter min_yes_rate=0.5
      undo 3                    restore A
    Lines `author: NAME`, and above an edit `reason: TEXT` and `evidence: FILE`, are kept with it.
    """  # noqa: D301 (click wants the control character)
    from dataclasses import asdict

    given = sum((edits_file is not None, number is not None, is_list))
    if context.invoked_subcommand is not None:
        if given:
            raise click.UsageError(f"Write options behind `{context.invoked_subcommand}`.")
        return
    if given > 1:
        raise click.UsageError("Give one of --edits, --undo and --list.")
    if max(map(len, told["author"].splitlines() or [""])) > 80 or "\n" in told["author"]:
        raise click.UsageError("--author takes one line of at most 80 characters.")
    if told["reason"] and number is None:
        raise click.UsageError("--reason is of --undo; a file says its reasons itself.")
    workspace = open_workspace(context.obj)
    if is_list:
        _show_edits(workspace, as_json=as_json)
        return
    report, new = _curate(workspace, edits_file, number, told)
    emit({**asdict(report), "new_edits": new}, as_json=as_json, lines=_curate_lines(report, new))


@curate.command()
@click.option("--edits", "edits_file", metavar="FILE", type=_EDITS, help="The edits to look at.")
@click.option("--all", "shows_all", is_flag=True, help="Also show classes that stay as they are.")
@json_option
@click.pass_obj
def plan(folder: Path, edits_file: Path | None, *, shows_all: bool, as_json: bool) -> None:
    """Show what the new lines of an edits file would change. Nothing is written.

    Of each class the clips now and then, all and by split; the clips that people would be asked
    about anew, since the answers about a class that is split do not say which part they are of;
    and whether its quota, which fills its test and validation sets, would be reached or lost.
    """
    from dataclasses import asdict

    from kinetics_builder.database.engine import reading
    from pipelines.publishing.curating.plan import plan_curate, plan_lines

    workspace = open_workspace(folder)
    with reading(workspace.engine) as session:
        found = plan_curate(session, workspace.config, edits_file)
    edits = [asdict(line) | {"edit": str(line.edit)} for line in found.edits]
    lines = list(plan_lines(found, shows_all=shows_all))
    emit({**asdict(found), "edits": edits}, as_json=as_json, lines=lines)


@curate.command()
@click.option(
    "--predictions",
    metavar="FILE",
    type=_EDITS,
    multiple=True,
    help="A scores.npz or predictions.csv of `kbuild evaluate`, of clips that the network has not "
    "learnt from.",
)
@click.option(
    "--seen",
    "only_seen",
    is_flag=True,
    help="Those alone that are still, dark, full of writing and the like, or too short.",
)
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="List so many."
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page of stills for a last look, class by class.",
)
@json_option
@click.pass_obj
def suspects(
    folder: Path,
    predictions: tuple[Path, ...],
    limit: int,
    out: Path | None,
    *,
    only_seen: bool,
    as_json: bool,
) -> None:
    """List the clips whose label may be wrong, the most suspicious first.

    Scores of a classifier that has not seen the clip and its votes count together. Without
    predictions a small classifier learns from how the clips move, fold by fold. What was seen of a
    clip whatever its class ([filters] of kbuild.toml) stands behind it. What to do about a clip is
    decided on the owner's page, by its number.
    """
    from dataclasses import asdict

    from kinetics_builder.database.engine import reading
    from pipelines.cli.common import say
    from pipelines.evidence.pages import write_suspects
    from pipelines.evidence.suspects import find_suspects, suspect_lines

    workspace = open_workspace(folder)
    with reading(workspace.engine) as session:
        found = find_suspects(session, workspace.config, predictions)
    found = [one for one in found if one.clip.seen or not only_seen]
    if out is not None:
        for text in write_suspects(out, found, workspace):
            say(text)
        say(f"The page is {out}")
    shown = [asdict(one) for one in found[:limit]]
    emit(shown, as_json=as_json, lines=list(suspect_lines(found, limit)))


def _show_edits(workspace: "Workspace", *, as_json: bool) -> None:
    from dataclasses import asdict

    from kinetics_builder.crowd.class_edits import list_edits
    from kinetics_builder.database.engine import reading

    with reading(workspace.engine) as session:
        edits = list_edits(session)
    lines = list(_edit_lines(edits)) or ["No edits are recorded."]
    emit([asdict(edit) for edit in edits], as_json=as_json, lines=lines)


def _edit_lines(edits: "Sequence[RecordedEdit]") -> "Iterator[str]":
    for edit in edits:
        yield f"{edit.number:>4}  {edit.text}{'' if edit.is_live else '  (undone)'}"
        if edit.author or edit.reason or edit.evidence:
            who = f"{edit.author or 'nobody named'}, {edit.recorded_at}"
            yield "      " + "; ".join(text for text in (who, edit.reason, edit.evidence) if text)


def _curate(
    workspace: "Workspace", edits_file: Path | None, number: int | None, told: dict[str, Any]
) -> tuple["CurateReport", list[str]]:
    from kinetics_builder.database.engine import writing
    from pipelines.publishing.curating.curate import curate as run
    from pipelines.publishing.curating.edits import record_edits, undo_edit

    new: list[str] = []
    with writing(workspace.engine) as session:
        if edits_file is not None:
            new = record_edits(session, edits_file, author=told["author"])
        if number is not None:
            undo_edit(session, number, **told)
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
        *_to_ask(report.num_to_ask),
        *(f"{note.sort}: {note.subject} {note.reason}" for note in report.notes),
    ]


def _to_ask(number: int) -> list[str]:
    from kinetics_builder.text.counting import counted

    if not number:
        return []
    clips = counted(number, "clip of a split class is", "clips of split classes are")
    return [f"{clips} of no known part: `kbuild assign` lets people be asked."]


commands: list[click.Command] = [curate]
