"""`kbuild ava collect`."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.ava.boxes import boxes_options, boxes_told
from pipelines.cli.common import (
    SaysProblems,
    emit,
    engine_option,
    json_option,
    make_reporter,
    open_workspace,
    retry_failed_option,
)


@click.command()
@click.option(
    "--source",
    metavar="SPEC",
    required=True,
    help="folder:PATH, urls:FILE or search:PREFIX (any yt-dlp search).",
)
@click.option(
    "--queries",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="One query a line, for a source that is searched.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Videos asked of the source for each query; else search.results_per_query.",
)
@boxes_options
@engine_option
@retry_failed_option
@json_option
@click.pass_obj
def collect(
    folder: Path,
    /,
    *,
    source: str,
    download: bool,
    retry_failed: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Go from a folder, list or search of films to boxes of persons that are linked.

    Runs search, download, select, keyframes, detect and link in this order. Run it again
    after an interruption, with more films or with changed settings: what is done stays done.
    """
    from dataclasses import asdict

    from pipelines.ava.collect import Told
    from pipelines.ava.collect import collect as run
    from pipelines.ava.weights import fetch_weights

    workspace = open_workspace(folder)
    told = Told(
        source=source,
        queries=values["queries"],
        limit=values["limit"],
        boxes=boxes_told(values),
    )
    if download:
        fetch_weights(workspace)
    report = run(
        workspace,
        told,
        retry_failed=retry_failed,
        reporter=lambda: make_reporter(as_json=as_json),
        on_warning=SaysProblems(),
    )
    lines = ["", *(stage.line for stage in report.stages)]
    lines.append("`kbuild status --failures` lists what failed and why.")
    emit(asdict(report), as_json=as_json, lines=lines)
