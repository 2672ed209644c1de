"""Commands from class names to clips: collect, and each of its stages."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.common import (
    emit,
    engine_option,
    json_option,
    make_reporter,
    open_workspace,
    retry_failed_option,
    say,
)

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace
    from pipelines.collecting.collect import CollectReport
    from pipelines.running.reports import StageReport

_HELP = {
    "search": "Ask the source of the last collect for videos of each class.",
    "match": "Compare the videos' titles with the classes.",
    "download": "Fetch the videos whose titles name a class, and look into them.",
    "score": "Score sampled frames of the videos; `kbuild omni score` asks a trained network.",
    "propose": "Place clips around the best moments of each video.",
    "cut": "Cut the proposed clips into files of their own.",
}
_STAGES = tuple(_HELP)


@click.command()
@click.option(
    "--classes",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="One class a line, or the YAML form.",
)
@click.option(
    "--source",
    metavar="SPEC",
    default="search:ytsearch",
    show_default=True,
    help="search:PREFIX (any yt-dlp search), urls:FILE, folder:PATH, shards:PATH, released:FILE, "
    "or one that a package of yours offers.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Videos asked of the source for each query; else search.results_per_query.",
)
@engine_option
@click.option(
    "--licence",
    "licences",
    metavar="WORD",
    multiple=True,
    help="Take videos of this licence alone, as cc or cc-by; else of download.licences.",
)
@retry_failed_option
@json_option
@click.pass_obj
def collect(
    folder: Path,
    /,
    classes: Path,
    source: str,
    retry_failed: bool,
    as_json: bool,
    **bounds: Any,
) -> None:
    """Go from class names to clips that wait for annotators.

    Runs search, match, download, score, propose, cut, deduplicate and assign in this order.
    Run it again after an interruption, with more classes or with changed settings: what is
    done stays done.
    """
    from dataclasses import asdict

    from kinetics_builder.children import compute_in_one_thread
    from pipelines.collecting.collect import Bounds
    from pipelines.collecting.collect import collect as run
    from pipelines.inspecting.status import status

    compute_in_one_thread()
    workspace = open_workspace(folder)
    _warn_of_loss(workspace)
    report = run(
        workspace,
        classes,
        source,
        within=Bounds(**bounds),
        retry_failed=retry_failed,
        reporter=lambda: make_reporter(as_json=as_json),
    )
    following = status(workspace).next
    emit(
        {**asdict(report), "next": following},
        as_json=as_json,
        lines=[*_summary(report), f"Next: {following}"],
    )


@click.command()
@click.option(
    "--classes",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A list of classes; those of the workspace without it.",
)
@click.option(
    "--language", "languages", metavar="CODE", multiple=True, help="These alone, such as pt."
)
@json_option
@click.pass_obj
def queries(folder: Path, classes: Path | None, languages: tuple[str, ...], as_json: bool) -> None:
    """List what is asked for each class, by language, and the forms that titles are matched by.

    Of each language the surest forms; --json has all of them, with their scores.
    """
    from dataclasses import asdict

    from pipelines.inspecting.queries import lines_of, list_queries

    found = list_queries(folder, classes, languages)
    emit([asdict(one) for one in found], as_json=as_json, lines=list(lines_of(found)))


def _warn_of_loss(workspace: "Workspace") -> None:
    from kinetics_builder.database.engine import reading
    from pipelines.inspecting.unknown import list_folders, signs_of_loss

    with reading(workspace.engine) as session:
        for text in signs_of_loss(session, list_folders(workspace.storage)):
            say(f"WARNING: {text}")


def _run(workspace: "Workspace", name: str, retry_failed: bool, as_json: bool) -> "StageReport":
    from pipelines.running.runner import run_stage
    from pipelines.stages import build_stage

    return run_stage(
        workspace,
        build_stage(name, workspace),
        retry_failed=retry_failed,
        reporter=make_reporter(as_json=as_json),
    )


def _summary(report: "CollectReport") -> list[str]:
    from kinetics_builder.text.counting import counted

    made = report.assign
    tasks = "task" if made.num_tasks == 1 else "tasks"
    return [
        "",
        *(stage.line for stage in report.stages),
        f"{'assign':<12}{made.num_tasks:>7} new {tasks} with "
        f"{counted(made.num_questions, 'question')}, {made.num_gold_slots} gold",
        "`kbuild status --failures` lists what failed and why.",
    ]


def _stage_command(name: str) -> click.Command:
    @click.command(name, help=_HELP[name])
    @engine_option
    @retry_failed_option
    @json_option
    @click.pass_obj
    def command(folder: Path, retry_failed: bool, as_json: bool) -> None:
        report = _run(open_workspace(folder), name, retry_failed, as_json)
        emit(report, as_json=as_json)

    return command


@click.command()
@click.option(
    "--against",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Also a release's folder, a released file or a list of ids (.txt): none of it comes "
    "again, now and later.",
)
@click.option("--forget", metavar="NAME", help="Hold nothing against this dataset any more.")
@click.option(
    "--pairs",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Record what people say of pairs: lines of CLIP,CLIP,same or different; of several "
    "files, the last counts.",
)
@click.option("--doubtful", is_flag=True, help="List the pairs that people should look at.")
@engine_option
@retry_failed_option
@json_option
@click.pass_obj
def deduplicate(
    folder: Path,
    /,
    doubtful: bool,
    retry_failed: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Find clips that show the same thing, of all classes and of older datasets."""
    from dataclasses import asdict

    from kinetics_builder.children import compute_in_one_thread
    from kinetics_builder.database.engine import reading
    from pipelines.kinetics.pairs import HEADER, list_doubtful
    from pipelines.stages import stages_for

    compute_in_one_thread()
    workspace = open_workspace(folder)
    if _take(workspace, **given):
        _run(workspace, "deduplicate against", retry_failed, as_json)
    *before, last = stages_for("deduplicate", workspace)
    for name in before:
        _run(workspace, name, retry_failed, as_json)
    report = _run(workspace, last, retry_failed, as_json)
    if not doubtful:
        emit(report, as_json=as_json)
        return
    with reading(workspace.engine) as session:
        found = list_doubtful(session, workspace.config.deduplicate)
    lines = [",".join(HEADER), *(pair.line for pair in found)]
    emit([asdict(pair) for pair in found], as_json=as_json, lines=lines)


def _take(
    workspace: "Workspace", against: Sequence[Path], forget: str | None, pairs: Sequence[Path]
) -> bool:
    """Note what was given, and say whether there are files of other datasets to look at."""
    from kinetics_builder.database.engine import writing
    from pipelines.kinetics.against import forget_dataset, note_dataset
    from pipelines.kinetics.pair_words import record_words

    has_files = False
    if not (against or forget or pairs):
        return has_files
    with writing(workspace.engine) as session:
        if forget:
            number = forget_dataset(session, forget)
            say(f"{forget}: {counted(number, 'clip is', 'clips are')} held against no more.")
        for path in against:
            noted = note_dataset(session, path)
            has_files = has_files or noted.num_files > 0
            say(
                f"{noted.name}: {counted(noted.num_clips, 'clip')} must not come again, "
                f"{noted.num_files} of them compared by their files, the others by their videos' "
                "ids."
            )
        for path in pairs:
            say(f"{path}: {record_words(session, path).line}")
    return has_files


commands: list[click.Command] = [queries, collect, *map(_stage_command, _STAGES), deduplicate]
